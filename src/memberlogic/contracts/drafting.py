"""CON-2: drafting a contract: a member, a rate on sale, a studio, the day of signing and the first day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar

from attrs import field, frozen

from memberlogic.actors import Actor
from memberlogic.calendar import first_day_before, local_day
from memberlogic.contracts import announcing
from memberlogic.contracts.model import Contract, ContractStatus, Coverage
from memberlogic.contracts.parts import SaleKind
from memberlogic.contracts.posting import Changed
from memberlogic.contracts.rates import Rate, RateVersion, SwitchesTo
from memberlogic.contracts.spanning import status
from memberlogic.errors import MemberLogicError, PermissionDenied, RuleViolation
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId, CoverageId, ExternalId, MemberId, NewId, RateId
from memberlogic.inputs import a_day, an_id, as_tuple, code, ids, optional, sequence_of
from memberlogic.members.lifecycle import require_present
from memberlogic.members.model import Member
from memberlogic.organizations.model import Studio
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "DRAFTING",
    "ContractDrafted",
    "CoversTooMany",
    "Draft",
    "Drafted",
    "DraftingFacts",
    "SignedInTheFuture",
    "StartsBeforeSigning",
    "draft",
    "must_be_signed",
    "must_cover_each_once",
    "must_not_cover_too_many",
    "must_start_after_signing",
    "signed",
]

AFTER_THE_FACT = "members.contracts.past:create"
"""The permission to draft a contract that was signed on an earlier day."""


@frozen(kw_only=True)
class Draft:
    """Draft a contract; signed today and beginning on the day of signing where nothing else is said."""

    holder: MemberId = field(validator=an_id)
    rate: RateId = field(validator=an_id)
    studio: str = field(validator=code("a studio's code"))
    signed_on: date | None = field(default=None, validator=optional(a_day))
    start_on: date | None = field(default=None, validator=optional(a_day))
    covered: tuple[MemberId, ...] = field(default=(), converter=as_tuple, validator=ids(most=1_000))
    external_ids: tuple[ExternalId, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(ExternalId, "an ExternalId", most=20)
    )

    @property
    def members(self) -> Sequence[MemberId]:
        """Everybody on it, in the order in which they are locked."""
        return sorted({self.holder, *self.covered})


@frozen(kw_only=True)
class ContractDrafted(Event):
    """A rate was sold."""

    type: ClassVar[str] = "contract.drafted"
    contract: ContractId
    rate: RateId
    rate_version: int
    studio: str
    signed_on: date
    start_on: date


@frozen(kw_only=True)
class Drafted:
    """A contract was drafted: what it is today, and what is owed before it is in force."""

    contract: ContractId
    rate: RateId
    rate_version: int
    studio: str
    signed_on: date
    start_on: date
    status: ContractStatus
    owed: int
    """What of the initial fee is to be paid, in the smallest unit of its currency."""

    def explain(self) -> Explanation:
        """Why it is what it is."""
        if self.owed:
            return Explanation(
                "The contract is on hold until the initial fee is paid.",
                (Because("CON-2", "contract.owes", {"owed": self.owed}),),
            )
        return Explanation(
            "Nothing is owed: the contract counts as paid from the day of signing.",
            (Because("CON-2", "contract.paid_from_signing", {"start_on": self.start_on.isoformat()}),),
        )


@frozen(kw_only=True)
class DraftingFacts:
    """What the rules of drafting look at."""

    wanted: Draft
    rate: Rate
    studio: Studio
    members: Mapping[MemberId, Member]
    actor: Actor
    today: date
    signed_on: date
    start_on: date


class RateNotOnSale(RuleViolation):
    """The rate was retired."""

    code = "rate.not_on_sale"
    rule = "CON-2"
    sentence = "The rate {rate} is retired; contracts can be drafted on a rate that is on sale."


class SignedInTheFuture(RuleViolation):
    """Nobody signs tomorrow."""

    code = "contract.signed_in_the_future"
    rule = "CON-2"
    sentence = "The contract would be signed on {signed_on}, after today, {today}; only its first day may be to come."


class StartsBeforeSigning(RuleViolation):
    """A contract is signed first."""

    code = "contract.starts_before_signing"
    rule = "CON-2"
    sentence = "The contract would start on {start_on}, before it was signed on {signed_on}."


class CoversTooMany(RuleViolation):
    """The rate is for fewer."""

    code = "contract.covers_too_many"
    rule = "CON-11"
    sentence = "The rate covers {most} members beside the holder; {asked} were asked for."


class CoveredTwice(RuleViolation):
    """Everybody is on a contract once."""

    code = "contract.covered_twice"
    rule = "CON-11"
    sentence = "The member {member} would be on the contract twice."


@policy("CON-2", "A contract is drafted on a rate that is on sale.")
def rate_must_be_on_sale(d: DraftingFacts) -> MemberLogicError | None:
    """A retired rate is not sold."""
    return None if d.rate.on_sale else RateNotOnSale(rate=str(d.rate.id))


@policy("CON-2", "A contract is signed today or was signed before.")
def must_be_signed(d: DraftingFacts) -> MemberLogicError | None:
    """The day of signing is not to come."""
    if d.signed_on <= d.today:
        return None
    return SignedInTheFuture(signed_on=d.signed_on.isoformat(), today=d.today.isoformat())


@policy("CON-2", "Drafting after the fact needs a permission of its own.")
def past_must_be_permitted(d: DraftingFacts) -> MemberLogicError | None:
    """An importer has it, or whoever enters paper contracts."""
    if d.signed_on >= d.today or d.actor.may(AFTER_THE_FACT):
        return None
    return PermissionDenied(permission=AFTER_THE_FACT)


@policy("CON-2", "A contract starts on the day of signing or later.")
def must_start_after_signing(d: DraftingFacts) -> MemberLogicError | None:
    """Signing comes first."""
    if d.start_on >= d.signed_on:
        return None
    return StartsBeforeSigning(start_on=d.start_on.isoformat(), signed_on=d.signed_on.isoformat())


@policy("CON-11", "A rate covers as many members as it says.")
def must_not_cover_too_many(d: DraftingFacts) -> MemberLogicError | None:
    """The holder is not counted."""
    most, asked = d.rate.terms.most_covered, len(d.wanted.covered)
    return CoversTooMany(most=most, asked=asked) if asked > most else None


@policy("CON-11", "Everybody is on a contract once.")
def must_cover_each_once(d: DraftingFacts) -> MemberLogicError | None:
    """The holder is not covered beside."""
    everybody = [d.wanted.holder, *d.wanted.covered]
    twice = next((each for index, each in enumerate(everybody) if each in everybody[:index]), None)
    return None if twice is None else CoveredTwice(member=str(twice))


DRAFTING: Policies[DraftingFacts] = Policies(
    rate_must_be_on_sale,
    must_be_signed,
    past_must_be_permitted,
    must_start_after_signing,
    must_not_cover_too_many,
    must_cover_each_once,
)


def facts_of(
    wanted: Draft, rate: Rate, studio: Studio, members: Mapping[MemberId, Member], actor: Actor, now: datetime
) -> DraftingFacts:
    """What is asked for, with the days that were left out."""
    today = local_day(now, studio.zone)
    signed_on = wanted.signed_on or today
    return DraftingFacts(
        wanted=wanted,
        rate=rate,
        studio=studio,
        members=members,
        actor=actor,
        today=today,
        signed_on=signed_on,
        start_on=wanted.start_on or signed_on,
    )


def draft(
    id: ContractId,
    facts: DraftingFacts,
    following: Mapping[RateId, Rate],
    now: datetime,
    new_id: NewId,
    kind: SaleKind = SaleKind.DRAFTED,
) -> Outcome[tuple[Changed, ...], Event | OfItself, Drafted]:
    """A new contract, with everything announced that came about since it was signed.

    Args:
        following: the rates that it switches to, one after the other (CON-9).

    Raises:
        MemberLogicError: the first of :data:`DRAFTING` that refuses.
    """
    require_present(facts.members.values(), "be on a contract")
    DRAFTING.require(facts)
    new = signed(id, facts, following, now, new_id)
    contract, announced = announcing.settle(new, now)
    filed = ContractDrafted(
        members=contract.members,
        contract=id,
        rate=contract.rate.rate,
        rate_version=contract.rate.version,
        studio=facts.studio.code,
        signed_on=contract.signed_on,
        start_on=contract.start_on,
    )
    now_is = status(contract, facts.today)
    assert now_is is not None, "it is signed"
    result = Drafted(
        contract=id,
        rate=filed.rate,
        rate_version=filed.rate_version,
        studio=filed.studio,
        signed_on=filed.signed_on,
        start_on=filed.start_on,
        status=now_is,
        owed=contract.owed_on(facts.today),
    )
    change = Changed(contract=contract, new=contract.coverage, drafted=True, sold=kind)
    return Outcome((change,), (filed, *announced), result)


def signed(
    id: ContractId, facts: DraftingFacts, following: Mapping[RateId, Rate], now: datetime, new_id: NewId
) -> Contract:
    """A contract as it is when it was signed and nothing was announced of it."""
    coverage = tuple(
        Coverage(id=CoverageId(new_id()), member=member, holder=index == 0, since=facts.signed_on)
        for index, member in enumerate((facts.wanted.holder, *facts.wanted.covered))
    )
    return Contract(
        id=id,
        rates=rates_from(facts.rate, following),
        studio=facts.studio,
        signed_on=facts.signed_on,
        start_on=facts.start_on,
        coverage=coverage,
        announced_to=first_day_before(facts.signed_on),
        effective_at=now,
    )


def rates_from(rate: Rate, following: Mapping[RateId, Rate]) -> tuple[RateVersion, ...]:
    """The version on sale now, and of each rate that it switches to the one on sale now (CON-9)."""
    chain = [rate.current]
    while isinstance(renewal := chain[-1].terms.renewal, SwitchesTo):
        chain.append(following[renewal.rate].current)
    return tuple(chain)
