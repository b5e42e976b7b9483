"""CARE-17: what an active run waits for and until when, and why its time stands still."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from memberlogic.amounts import Money
from memberlogic.calendar import local_day
from memberlogic.care.advancing import Heard, anchor, completes_at, current_place, starts_at
from memberlogic.care.answers import because
from memberlogic.care.flows import After, Milestone, On, Unseen, describe_schedule
from memberlogic.care.lifecycle import state
from memberlogic.care.model import Run, RunState, Step, StepState
from memberlogic.contracts.model import Contract
from memberlogic.errors import JSON
from memberlogic.members.membership import MembershipSpan, MembershipStatus
from memberlogic.outcomes import Because

__all__ = ["at_the_clock", "is_overdue", "of_end", "of_run"]


def at_the_clock(instant: datetime, zone: ZoneInfo) -> str:
    """An instant by the clock of a place."""
    return instant.astimezone(zone).isoformat()


def _day(instant: datetime, zone: ZoneInfo) -> str:
    return local_day(instant, zone).isoformat()


def is_overdue(run: Run, step: Step, now: datetime) -> bool:
    """Whether an open action is overdue (CARE-13): the day on which it was to be done is over."""
    return step.state is StepState.ACTIVE and run.day_of(step) < local_day(now, run.studio.zone)


def of_run(
    run: Run, heard: Sequence[Heard], spans: Sequence[MembershipSpan], contracts: Sequence[Contract], now: datetime
) -> Iterator[Because]:
    """Everything about a run that was settled to now and is active."""
    yield because(
        "care.runs", run=str(run.id), flow_name=run.flow.terms.name, since=_day(run.assigned_at, run.studio.zone)
    )
    if state(run, now) is RunState.PAUSED:
        yield from _paused(run, spans, now)
        yield from _unpaid(run, contracts, now)
    for step in run.steps:
        if step.state is StepState.ACTIVE:
            yield from _open(run, step, now)
    yield from _waiting(run, heard, now)
    yield from _repeats(run)


def _paused(run: Run, spans: Sequence[MembershipSpan], now: datetime) -> Iterator[Because]:
    zone = run.studio.zone
    for pause in (each for each in run.pauses if now in each):
        span = next((each for each in spans if now in each), None)
        status = MembershipStatus.PROSPECT if span is None else span.status
        code = "care.paused_frozen" if status is MembershipStatus.MEMBER else f"care.paused_{status.value}"
        until = None if pause.until is None else _day(pause.until, zone)
        yield because(code, since=_day(pause.since, zone), until=until)
    for lapse in (each for each in run.lapses if now in each):
        yield because("care.paused_no_tier", since=_day(lapse.since, zone))


def _unpaid(run: Run, contracts: Sequence[Contract], now: datetime) -> Iterator[Because]:
    for contract in contracts:
        today, fee = local_day(now, contract.studio.zone), contract.fee
        owed = contract.owed_on(today)
        on_it = any(each.member == run.member for each in contract.covered_on(max(today, contract.start_on)))
        if fee is not None and owed > 0 and contract.cancellation is None and on_it:
            yield because(
                "care.waits_for_payment",
                contract=str(contract.id),
                owed=owed,
                currency=fee.currency,
                money=str(Money(owed, fee.currency)),
            )


def _named(run: Run, place: int, **figures: JSON) -> dict[str, JSON]:
    return {"milestone": run.milestones[place].name, "place": place, **figures}


def _open(run: Run, step: Step, now: datetime) -> Iterator[Because]:
    zone, action = run.studio.zone, run.milestones[step.place].action
    assert action is not None, "only an action stays open"
    said = _named(
        run,
        step.place,
        step=str(step.id),
        action=action.kind.value,
        since=_day(step.due_at, zone),
        assignee=step.assignee,
        competence=step.competence,
        postponed_to=None if step.postponed_to is None else step.postponed_to.isoformat(),
    )
    yield because("care.action_open", **said)
    if is_overdue(run, step, now):
        yield because(
            "care.action_overdue", **_named(run, step.place, step=str(step.id), on=run.day_of(step).isoformat())
        )
    at = completes_at(run, step)
    if at is not None:
        yield because("care.completes_automatically", **_named(run, step.place, on=_day(at, zone)))


def _waiting(run: Run, heard: Sequence[Heard], now: datetime) -> Iterator[Because]:
    current = current_place(run)
    for place in range(current, len(run.milestones)):
        if run.first_of(place) is None and run.milestones[place].schedule is None:
            yield because("care.no_schedule", **_named(run, place))
        elif run.first_of(place) is None and place == current:
            yield from _next(run, place, heard, now)


def _next(run: Run, place: int, heard: Sequence[Heard], now: datetime) -> Iterator[Because]:
    """What comes next, and when."""
    schedule, zone = run.milestones[place].schedule, run.studio.zone
    if isinstance(schedule, On):
        since = at_the_clock(anchor(run, place), zone)
        yield because(
            "care.waits_for_event",
            **_named(run, place, kind=schedule.kind, since=since, where=dict(schedule.where) or None),
        )
        return
    at = starts_at(run, place, heard)[0]
    if at is not None and isinstance(schedule, Unseen):
        yield because("care.waits_for_absence", **_named(run, place, days=schedule.days, until=_day(at, zone)))
    elif at is not None:
        objective = _objective(run.milestones[place])
        yield because("care.waits_until", **_named(run, place, objective=objective, until=at_the_clock(at, zone)))
    else:
        yield _without_end(run, place, schedule, now)


def _without_end(run: Run, place: int, schedule: After | Unseen | None, now: datetime) -> Because:
    """It counts from, or over, a pause of which nobody knows the end."""
    said = _named(run, place, schedule=describe_schedule(schedule))
    if any(now in each for each in run.still):
        return because("care.waits_while_paused", **said)
    ahead = next(each for each in run.still if each.since > now and each.until is None)
    return because("care.will_stand_still", **said, since=_day(ahead.since, run.studio.zone))


def _objective(milestone: Milestone) -> str:
    action = "" if milestone.action is None else milestone.action.kind.value
    return " and ".join(each for each in (action, "message" if milestone.message is not None else "") if each)


def _repeats(run: Run) -> Iterator[Because]:
    for place, milestone in enumerate(run.milestones):
        started = sum(step.place == place for step in run.steps)
        if 0 < started < milestone.times and isinstance(milestone.schedule, On):
            said = _named(run, place, kind=milestone.schedule.kind, started=started, times=milestone.times)
            yield because("care.repeats", **said)


def of_end(run: Run, among: Sequence[Run]) -> Because:
    """How a run ended that is over, among all runs of its member."""
    ended, zone = run.ended, run.studio.zone
    assert ended is not None, "a run that is over"
    said: dict[str, JSON] = {"run": str(run.id), "flow_name": run.flow.terms.name, "on": _day(ended.at, zone)}
    match None if ended.reason is None else ended.reason.value:
        case None:
            return because("care.run_completed", **said)
        case "closed":
            return because("care.run_closed", **said, code=ended.code)
        case "superseded":
            anew = any(each.id == ended.by and each.flow.flow == run.flow.flow for each in among)
            code = "care.run_restarted" if anew else "care.run_superseded"
            return because(code, **said, by=None if ended.by is None else str(ended.by))
        case reason:
            return because("care.run_ended", **said, reason=reason)
