"""Rules and ordered policies: a business rule is one named sentence that can refuse.

A policy is declared where its rule is written::

    @policy("PTS-11", "A transfer goes to another account.")
    def must_go_to_another_account(t: TransferFacts) -> MemberLogicError | None: ...

and a list of policies *is* a rule's order of refusals (COM-11): commands raise the first, ``check_…`` queries
return all, explanations show each with its verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from attrs import frozen

from memberlogic.errors import MemberLogicError

__all__ = ["Policies", "Policy", "Rule", "policy"]

F = TypeVar("F")


@frozen
class Rule:
    """A sentence of the rule book: its id and what it says."""

    id: str
    sentence: str


@frozen
class Policy(Generic[F]):
    """One rule that looks at facts and refuses, or does not."""

    rule: Rule
    refuses: Callable[[F], MemberLogicError | None]

    @property
    def name(self) -> str:
        """The policy's name, a sentence in snake case."""
        return getattr(self.refuses, "__name__", "policy")


def policy(rule: str, sentence: str) -> Callable[[Callable[[F], MemberLogicError | None]], Policy[F]]:
    """Make a policy of a function from facts to a refusal or None."""

    def declare(refuses: Callable[[F], MemberLogicError | None]) -> Policy[F]:
        return Policy(Rule(rule, sentence), refuses)

    return declare


class Policies(Generic[F]):
    """Policies in the order in which they refuse."""

    def __init__(self, *policies: Policy[F]) -> None:
        self._policies = policies

    def __iter__(self) -> Iterator[Policy[F]]:
        return iter(self._policies)

    def require(self, facts: F) -> None:
        """Raise the first refusal, if there is one."""
        for each in self._policies:
            refusal = each.refuses(facts)
            if refusal is not None:
                raise refusal

    def refusals(self, facts: F) -> tuple[MemberLogicError, ...]:
        """All refusals, in order."""
        return tuple(refusal for each in self._policies if (refusal := each.refuses(facts)) is not None)
