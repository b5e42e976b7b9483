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

F_contra = TypeVar("F_contra", contravariant=True)


@frozen
class Rule:
    """A sentence of the rule book: its id and what it says."""

    id: str
    sentence: str


@frozen
class Policy(Generic[F_contra]):
    """One rule that looks at facts and refuses, or does not."""

    rule: Rule
    refuses: Callable[[F_contra], MemberLogicError | None]

    @property
    def name(self) -> str:
        """The policy's name, a sentence in snake case."""
        return getattr(self.refuses, "__name__", "policy")


def policy(rule: str, sentence: str) -> Callable[[Callable[[F_contra], MemberLogicError | None]], Policy[F_contra]]:
    """Make a policy of a function from facts to a refusal or None."""

    def declare(refuses: Callable[[F_contra], MemberLogicError | None]) -> Policy[F_contra]:
        return Policy(Rule(rule, sentence), refuses)

    return declare


class Policies(Generic[F_contra]):
    """Policies in the order in which they refuse."""

    def __init__(self, *policies: Policy[F_contra]) -> None:
        self._policies = policies

    def __iter__(self) -> Iterator[Policy[F_contra]]:
        return iter(self._policies)

    def first(self, facts: F_contra) -> MemberLogicError | None:
        """The first refusal, if there is one; what stands behind it is not asked, for it may take it for granted."""
        for each in self._policies:
            refusal = each.refuses(facts)
            if refusal is not None:
                return refusal
        return None

    def require(self, facts: F_contra) -> None:
        """Raise the first refusal, if there is one."""
        refusal = self.first(facts)
        if refusal is not None:
            raise refusal

    def refusals(self, facts: F_contra) -> tuple[MemberLogicError, ...]:
        """All refusals, in order."""
        return tuple(refusal for each in self._policies if (refusal := each.refuses(facts)) is not None)
