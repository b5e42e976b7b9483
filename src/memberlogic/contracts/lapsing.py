"""CON-2: drafts that lie on hold for too long: listed, and lapsed in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.calendar import local_day
from memberlogic.contracts.lifecycle import said
from memberlogic.contracts.model import Cancellation, CancellationKind, Contract, ContractStatus
from memberlogic.contracts.posting import Changed, Settled, changed, settled
from memberlogic.errors import MemberLogicError, RuleViolation
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId, MemberId
from memberlogic.inputs import an_id, as_tuple, ids, optional, whole
from memberlogic.organizations.model import Studio
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "LAPSED",
    "LAPSING",
    "ContractLapsed",
    "DraftsLapsed",
    "LapseDrafts",
    "LapsingDraft",
    "LapsingDrafts",
    "LyingDrafts",
    "PageOfLapsingDrafts",
    "Skipped",
    "lapse",
    "lying",
    "tell",
]

LAPSED = "lapsed"
"""The reason of a draft that lapsed; it needs none of the organization's list."""


@frozen(kw_only=True)
class PageOfLapsingDrafts:
    """The next drafts that lie on hold for too long."""

    after: ContractId | None = field(default=None, validator=optional(an_id))
    size: int = field(default=500, validator=whole(least=1, most=1000))

    @classmethod
    def following(cls, last: LapsingDraft | None) -> PageOfLapsingDrafts:
        """The page after the last draft of the page before; the first one after None."""
        return cls(after=None if last is None else last.contract)


@frozen(kw_only=True)
class LapseDrafts:
    """Let drafts lapse."""

    contracts: tuple[ContractId, ...] = field(converter=as_tuple, validator=ids(most=500))


@frozen(kw_only=True)
class LyingDrafts:
    """What storage is asked for: drafts of studios, each with its today, that were signed so many days ago or more."""

    today: Mapping[str, date]
    days: int
    after: ContractId | None
    size: int

    def signed_by(self, studio: str) -> date:
        """The last day of signing of a studio's drafts that have lain for too long."""
        return self.today[studio] - timedelta(days=self.days)


@frozen(kw_only=True)
class LapsingDraft:
    """A draft that lies on hold for too long."""

    contract: ContractId
    holder: MemberId
    studio: str
    signed_on: date
    start_on: date
    owed: int
    """What of the initial fee is not paid, in the smallest unit of its currency."""
    currency: str


@frozen
class LapsingDrafts:
    """Some drafts, in order of their ids."""

    drafts: tuple[LapsingDraft, ...]


@frozen(kw_only=True)
class Skipped:
    """A contract that did not lapse, and why: the code of the refusal and its figures."""

    contract: ContractId
    because: Because


@frozen(kw_only=True)
class DraftsLapsed:
    """The drafts that lapsed, and the contracts that did not."""

    lapsed: tuple[ContractId, ...]
    skipped: tuple[Skipped, ...]

    def explain(self) -> Explanation:
        """Why each was skipped."""
        said = f"{len(self.lapsed)} drafts lapsed, {len(self.skipped)} contracts were skipped."
        return Explanation(said, tuple(each.because for each in self.skipped))


@frozen(kw_only=True)
class ContractLapsed(Event):
    """A draft lay on hold for too long and was given up."""

    type: ClassVar[str] = "contract.lapsed"
    contract: ContractId
    signed_on: date
    effective_on: date


@frozen(kw_only=True)
class LapsingFacts:
    """What the rules of lapsing look at."""

    before: Settled
    days: int


class NotOnHold(RuleViolation):
    """It is no draft."""

    code = "draft.not_on_hold"
    rule = "CON-2"
    sentence = "The contract {contract} is {status}; only a draft on hold lapses."


class EndsAlready(RuleViolation):
    """It ends by itself, or goes on elsewhere."""

    code = "draft.ends_already"
    rule = "CON-2"
    sentence = "The contract {contract} ends on {effective_on} already."


class OncePaid(RuleViolation):
    """It was in force, or could have been."""

    code = "draft.once_paid"
    rule = "CON-2"
    sentence = (
        "The contract {contract} was fully paid before a payment was reversed; it is cancelled, it does not lapse."
    )


class NotLongEnough(RuleViolation):
    """There is time yet."""

    code = "draft.not_long_enough"
    rule = "CON-2"
    sentence = "The contract {contract} can lapse on {from_day}, {days} days after it was signed."


@policy("CON-2", "Only a contract on hold lapses.")
def must_be_on_hold(f: LapsingFacts) -> MemberLogicError | None:
    """Whatever else it is, it is no draft."""
    if f.before.status is ContractStatus.ON_HOLD:
        return None
    return NotOnHold(contract=str(f.before.contract.id), status=said(f.before.status))


@policy("CON-2", "A draft has no end on file.")
def must_not_end_already(f: LapsingFacts) -> MemberLogicError | None:
    """It waits for the fee of a switch and lapses by itself, or is being transferred."""
    filed = f.before.contract.cancellation
    if filed is None:
        return None
    return EndsAlready(contract=str(f.before.contract.id), effective_on=filed.effective_on.isoformat())


@policy("CON-2", "A draft was never fully paid.")
def must_never_have_been_paid(f: LapsingFacts) -> MemberLogicError | None:
    """A payment that bounced makes no draft of a contract."""
    if not f.before.contract.paid_in_full_by(f.before.today):
        return None
    return OncePaid(contract=str(f.before.contract.id))


@policy("CON-2", "A draft lapses after the organization's limit.")
def must_have_lain_for_long(f: LapsingFacts) -> MemberLogicError | None:
    """Counted from the day of signing, on its studio's days."""
    from_day = f.before.contract.signed_on + timedelta(days=f.days)
    if f.before.today >= from_day:
        return None
    return NotLongEnough(contract=str(f.before.contract.id), from_day=from_day.isoformat(), days=f.days)


LAPSING: Policies[LapsingFacts] = Policies(
    must_be_on_hold, must_not_end_already, must_never_have_been_paid, must_have_lain_for_long
)


def lying(studios: Iterable[Studio], days: int, wanted: PageOfLapsingDrafts, now: datetime) -> LyingDrafts:
    """What to look for: each studio on its own day."""
    today = {each.code: local_day(now, each.zone) for each in studios}
    return LyingDrafts(today=today, days=days, after=wanted.after, size=wanted.size)


def tell(contracts: Iterable[Contract], now: datetime) -> LapsingDrafts:
    """Drafts as they are listed."""
    return LapsingDrafts(tuple(_told(each, local_day(now, each.studio.zone)) for each in contracts))


def _told(contract: Contract, today: date) -> LapsingDraft:
    fee = contract.rate.terms.initial_fee
    assert fee is not None, "without one nothing is on hold"
    return LapsingDraft(
        contract=contract.id,
        holder=contract.covered_on(today)[0].member,
        studio=contract.studio.code,
        signed_on=contract.signed_on,
        start_on=contract.start_on,
        owed=contract.owed_on(today),
        currency=fee.currency,
    )


def lapse(
    contracts: Sequence[Contract], days: int, now: datetime
) -> Outcome[tuple[Changed, ...], Event | OfItself, DraftsLapsed]:
    """Drafts that lay on hold for so many days, ended today; of every other contract it is said why it was skipped."""
    facts: list[Changed] = []
    events: list[Event | OfItself] = []
    skipped: list[Skipped] = []
    for contract in contracts:
        before = settled(contract, now)
        refusal = LAPSING.first(LapsingFacts(before=before, days=days))
        if refusal is not None:
            because = Because("CON-2", refusal.code, refusal.details)
            skipped.append(Skipped(contract=contract.id, because=because))
            continue
        outcome = _lapsed(before)
        facts += outcome.facts
        events += outcome.events
    result = DraftsLapsed(lapsed=tuple(each.contract.id for each in facts), skipped=tuple(skipped))
    return Outcome(tuple(facts), tuple(events), result)


def _lapsed(before: Settled) -> Outcome[tuple[Changed, ...], Event | OfItself, None]:
    today = before.today
    cancellation = Cancellation(
        kind=CancellationKind.LAPSED, reason=LAPSED, received_on=today, filed_on=today, effective_on=today
    )
    after = evolve(before.contract, cancellation=cancellation)
    event = ContractLapsed(members=after.members, contract=after.id, signed_on=after.signed_on, effective_on=today)
    return changed(before, after, event, None)
