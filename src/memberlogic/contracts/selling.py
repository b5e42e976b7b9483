"""CON-1: putting rates on sale, in versions; retiring them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.contracts.ports import Rates
from memberlogic.contracts.rates import Rate, RateTerms, RateVersion, SwitchesTo
from memberlogic.errors import MemberLogicError, NotFound, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import ExternalId, RateId
from memberlogic.inputs import an_id, as_tuple, code, instance, sequence_of
from memberlogic.outcomes import Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "REVISING",
    "OfRate",
    "OpenRate",
    "RateOpened",
    "RateRetired",
    "RateRevised",
    "ReviseRate",
    "following",
    "open_rate",
    "retire_rate",
    "revise_rate",
]

_terms = instance(RateTerms, "the terms of a rate")


@frozen(kw_only=True)
class OpenRate:
    """Put a rate on sale under a code."""

    code: str = field(validator=code("a rate's code"))
    terms: RateTerms = field(validator=_terms)
    external_ids: tuple[ExternalId, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(ExternalId, "an ExternalId", most=20)
    )


@frozen(kw_only=True)
class ReviseRate:
    """Sell a rate on other terms from now on."""

    rate: RateId = field(validator=an_id)
    terms: RateTerms = field(validator=_terms)


@frozen(kw_only=True)
class OfRate:
    """A rate by id."""

    rate: RateId = field(validator=an_id)


@frozen(kw_only=True)
class RateOpened(Event):
    """A rate came on sale."""

    type: ClassVar[str] = "rate.opened"
    rate: RateId


@frozen(kw_only=True)
class RateRevised(Event):
    """A rate is sold on other terms; contracts keep theirs."""

    type: ClassVar[str] = "rate.revised"
    rate: RateId
    rate_version: int


@frozen(kw_only=True)
class RateRetired(Event):
    """A rate is no longer sold; contracts on it go on."""

    type: ClassVar[str] = "rate.retired"
    rate: RateId


@frozen(kw_only=True)
class RevisingFacts:
    """What the rules of selling a rate look at: its id, the terms, and the rates that they lead to."""

    rate: RateId
    terms: RateTerms
    following: Mapping[RateId, Rate]


class RateIsRetired(RuleViolation):
    """It is sold no more, on no terms."""

    code = "rate.is_retired"
    rule = "CON-1"
    sentence = "The rate {rate} is retired and not sold on other terms; another one can be opened."


class RateSwitchesInACircle(RuleViolation):
    """A contract would switch for ever."""

    code = "rate.switches_in_a_circle"
    rule = "CON-9"
    sentence = "The rate {rate} would switch, over {steps} rates, to itself again."


class RateSwitchesToRetired(RuleViolation):
    """Nothing is on sale there."""

    code = "rate.switches_to_retired"
    rule = "CON-9"
    sentence = "The rate {rate} is retired: nothing can switch to it."


@policy("CON-9", "A rate switches to one that is on sale.")
def must_switch_to_one_on_sale(r: RevisingFacts) -> MemberLogicError | None:
    """The version on sale at signing is taken."""
    renewal = r.terms.renewal
    if not isinstance(renewal, SwitchesTo) or renewal.rate == r.rate or r.following[renewal.rate].on_sale:
        return None
    return RateSwitchesToRetired(rate=str(renewal.rate))


@policy("CON-9", "Rates do not switch in a circle.")
def must_not_switch_in_a_circle(r: RevisingFacts) -> MemberLogicError | None:
    """Each rate of the chain comes once."""
    renewal, steps = r.terms.renewal, 0
    while isinstance(renewal, SwitchesTo):
        steps += 1
        if renewal.rate == r.rate or steps > len(r.following):
            return RateSwitchesInACircle(rate=str(r.rate), steps=steps)
        renewal = r.following[renewal.rate].terms.renewal
    return None


REVISING: Policies[RevisingFacts] = Policies(must_switch_to_one_on_sale, must_not_switch_in_a_circle)


def open_rate(id: RateId, wanted: OpenRate, following: Mapping[RateId, Rate]) -> Outcome[Rate, Event, Rate]:
    """A new rate, in its first version.

    Raises:
        RuleViolation: the first of :data:`REVISING` that refuses.
    """
    REVISING.require(RevisingFacts(rate=id, terms=wanted.terms, following=following))
    version = RateVersion(rate=id, version=0, terms=wanted.terms)
    rate = Rate(id=id, code=wanted.code, on_sale=True, current=version)
    return Outcome(rate, (RateOpened(rate=id),), rate)


def revise_rate(rate: Rate, wanted: ReviseRate, following: Mapping[RateId, Rate]) -> Outcome[Rate, Event, Rate]:
    """The rate in its next version; the same terms change nothing.

    Raises:
        RateIsRetired: if it is off sale, for good.
        RuleViolation: the first of :data:`REVISING` that refuses.
    """
    if not rate.on_sale:
        raise RateIsRetired(rate=str(rate.id))
    if wanted.terms == rate.terms:
        return Outcome(rate, (), rate)
    REVISING.require(RevisingFacts(rate=rate.id, terms=wanted.terms, following=following))
    version = RateVersion(rate=rate.id, version=rate.current.version + 1, terms=wanted.terms)
    revised = evolve(rate, current=version)
    return Outcome(revised, (RateRevised(rate=rate.id, rate_version=version.version),), revised)


def retire_rate(rate: Rate) -> Outcome[Rate, Event, Rate]:
    """The rate off sale; one that is off already changes nothing."""
    if not rate.on_sale:
        return Outcome(rate, (), rate)
    retired = evolve(rate, on_sale=False)
    return Outcome(retired, (RateRetired(rate=rate.id),), retired)


def require_paths(rates: Rates, terms: RateTerms) -> None:
    """Refuse paths that lead nowhere (CON-12): raises ``NotFound`` for the first rate that is not there."""
    known = {each.id for each in rates.all()} if terms.switch_paths else set()
    for path in terms.switch_paths:
        if path.to not in known:
            raise NotFound(kind="rate", id=path.to)


def following(rates: Rates, terms: RateTerms) -> Mapping[RateId, Rate]:
    """The rates that terms lead to, one after the other, each once. Raises ``NotFound`` if there is no such rate."""
    found: dict[RateId, Rate] = {}
    renewal = terms.renewal
    while isinstance(renewal, SwitchesTo) and renewal.rate not in found:
        found[renewal.rate] = rates.get(renewal.rate)
        renewal = found[renewal.rate].terms.renewal
    return found
