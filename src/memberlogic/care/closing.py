"""CARE-15: closing runs: one with a reason of staff's; in bulk those of whoever is no member any more. Nothing closes a
run by itself when a contract ends: it pauses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from attrs import evolve, field, frozen

from memberlogic.calendar import local_day
from memberlogic.care.advancing import Advanced
from memberlogic.care.assigning import end_run
from memberlogic.care.keeping import Posted, posted
from memberlogic.care.lifecycle import RUN, state
from memberlogic.care.model import EndReason, Run
from memberlogic.contracts.model import Contract
from memberlogic.errors import JSON
from memberlogic.events import Event
from memberlogic.ids import CareFlowId, CareRunId, MemberId
from memberlogic.inputs import an_id, code, instance, optional, whole
from memberlogic.members.membership import MembershipSpan, MembershipStatus
from memberlogic.outcomes import Because, Explanation, Outcome

__all__ = [
    "FORMER_MEMBER",
    "PROSPECT",
    "CloseFormer",
    "CloseRun",
    "ClosedRun",
    "Idle",
    "RunClosed",
    "RunsClosed",
    "close",
    "close_former",
    "closing_reason",
    "ended",
]

FORMER_MEMBER = "former_member"
PROSPECT = "prospect"
"""Why runs are closed in bulk."""


@frozen(kw_only=True)
class CloseRun:
    """End a run before its last milestone is done, and why."""

    run: CareRunId = field(validator=an_id)
    reason: str = field(validator=code("a reason"))


@frozen(kw_only=True)
class CloseFormer:
    """End the runs of whoever is no member any more, so many at a time.

    Args:
        prospects_after_days: also those of whoever never was one and has had no open draft for so many days.
        dry_run: only tell which.
    """

    prospects_after_days: int | None = field(default=None, validator=optional(whole(least=0, most=36_600)))
    dry_run: bool = field(default=False, validator=instance(bool, "true or false"))
    after: MemberId | None = field(default=None, validator=optional(an_id))
    size: int = field(default=200, validator=whole(least=1, most=1000))


@frozen(kw_only=True)
class RunClosed:
    """A run was closed."""

    run: CareRunId
    member: MemberId
    flow: CareFlowId
    reason: str

    def explain(self) -> Explanation:
        """What was done."""
        figures: dict[str, JSON] = {"run": str(self.run), "reason": self.reason}
        said = "The run is closed, what was open of it is cancelled, and messages that wait are not sent."
        return Explanation(said, (Because("CARE-15", "care.run_closed", figures),))


@frozen(kw_only=True)
class ClosedRun:
    """A run that was closed in bulk, or would be, and why: ``former_member``, or ``prospect``."""

    run: CareRunId
    member: MemberId
    flow: CareFlowId
    reason: str


@frozen(kw_only=True)
class RunsClosed:
    """Which runs were closed, or would be; ``last`` is the member to go on after, None if that was all."""

    dry_run: bool
    runs: tuple[ClosedRun, ...]
    last: MemberId | None

    def explain(self) -> Explanation:
        """How many, and whether there is more to do."""
        figures: dict[str, JSON] = {"runs": len(self.runs), "dry_run": self.dry_run}
        done = "would be closed" if self.dry_run else "were closed"
        more = "" if self.last is None else " There may be more."
        said = f"Runs of people who are no members that {done}: {len(self.runs)}.{more}"
        return Explanation(said, (Because("CARE-15", "care.runs_closed", figures),))


@frozen(kw_only=True)
class Idle:
    """A run that stands still, with what its member is.

    Args:
        stored: as it was read.
        advanced: brought to now.
    """

    stored: Run
    advanced: Advanced
    spans: Sequence[MembershipSpan]
    contracts: Sequence[Contract]


def close(stored: Run, advanced: Advanced, wanted: CloseRun, now: datetime) -> Outcome[Posted, Event, RunClosed]:
    """A run that is over, with what was open of it cancelled.

    Raises:
        IllegalTransition: if it was over before.
    """
    RUN.after(state(advanced.run, now), "close")
    run = advanced.run
    result = RunClosed(run=run.id, member=run.member, flow=run.flow.flow, reason=wanted.reason)
    return Outcome(ended(stored, advanced, now, EndReason.CLOSED, wanted.reason), (), result)


def ended(stored: Run, advanced: Advanced, now: datetime, reason: EndReason, code: str | None = None) -> Posted:
    """What is to be written of a run that ends now; one that was over by now is settled."""
    if not advanced.run.active:
        return posted(stored, advanced, now)
    over, event = end_run(advanced.run, now, reason, code=code)
    return posted(stored, evolve(advanced, run=over), now, [event])


def close_former(
    idle: Sequence[Idle], wanted: CloseFormer, last: MemberId | None, now: datetime
) -> Outcome[Posted, Event, RunsClosed]:
    """The runs among those that stand still whose members are none any more, closed; none of a member's."""
    written, told = Posted(), []
    for each in idle:
        reason = closing_reason(each, wanted.prospects_after_days, now)
        if reason is not None:
            run = each.advanced.run
            written += ended(each.stored, each.advanced, now, EndReason.CLOSED, reason)
            told.append(ClosedRun(run=run.id, member=run.member, flow=run.flow.flow, reason=reason))
    result = RunsClosed(dry_run=wanted.dry_run, runs=tuple(told), last=last)
    return Outcome(Posted() if wanted.dry_run else written, (), result)


def closing_reason(idle: Idle, prospects_after_days: int | None, now: datetime) -> str | None:
    """Why a run is closed; None if it is not: its member is one, or has an open draft that may make them one."""
    run = idle.advanced.run
    if not run.active or any(_open_draft(each, run.member, now) for each in idle.contracts):
        return None
    span = next((each for each in idle.spans if now in each), None)
    match MembershipStatus.PROSPECT if span is None else span.status:
        case MembershipStatus.MEMBER:
            return None
        case MembershipStatus.FORMER_MEMBER:
            return FORMER_MEMBER
        case _:
            if prospects_after_days is None or _days_without_draft(run, idle.contracts, now) < prospects_after_days:
                return None
            return PROSPECT


def _open_draft(contract: Contract, member: MemberId, now: datetime) -> bool:
    """Whether a contract waits for its payment."""
    today = local_day(now, contract.studio.zone)
    on_it = any(each.member == member for each in contract.covered_on(max(today, contract.start_on)))
    return on_it and contract.cancellation is None and contract.owed_on(today) > 0


def _days_without_draft(run: Run, contracts: Iterable[Contract], now: datetime) -> int:
    """For how many days a prospect has had no open draft: since the flow was assigned, or a draft ended after it."""
    days: list[date] = [local_day(run.assigned_at, run.studio.zone)]
    days += [each.cancellation.effective_on for each in contracts if each.cancellation is not None]
    return (local_day(now, run.studio.zone) - max(days)).days
