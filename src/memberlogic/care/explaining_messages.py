"""CARE-17: what became of the messages of a run, and what one that is queued waits for: as the relay will."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from memberlogic.calendar import local_day
from memberlogic.care.answers import because
from memberlogic.care.explaining_runs import at_the_clock
from memberlogic.care.foreseeing import Foreseen, MessageFacts
from memberlogic.care.model import Run, Step
from memberlogic.errors import JSON
from memberlogic.notifying import Delivery, Posted
from memberlogic.outcomes import Because

__all__ = ["of_messages"]


def of_messages(run: Run, facts: MessageFacts, foreseen: Mapping[UUID, Foreseen], now: datetime) -> Iterator[Because]:
    """Every message of a run that waits or was not sent, and the last one that was.

    Args:
        foreseen: what becomes of those that wait.
    """
    by_id = facts.by_id
    queued = [(step, by_id[step.message]) for step in run.steps if step.message is not None and step.message in by_id]
    sent = [step.id for step, posted in queued if posted.delivery is Delivery.SENT]
    for step, posted in queued:
        if posted.delivery is not Delivery.SENT or step.id == sent[-1]:
            yield _told(_named(run, step), posted, foreseen, facts.zone, now)


def _told(
    said: Mapping[str, JSON], posted: Posted, foreseen: Mapping[UUID, Foreseen], zone: ZoneInfo, now: datetime
) -> Because:
    on = None if posted.settled_at is None else local_day(posted.settled_at, zone).isoformat()
    match posted.delivery:
        case Delivery.SENT:
            return because("care.message_sent", **said, on=on)
        case Delivery.WITHHELD:
            return because("care.message_withheld", **said, reason=posted.reason, on=on)
        case Delivery.SET_ASIDE:
            return because("care.message_set_aside", **said, reason=posted.reason, on=on)
        case Delivery.QUEUED:
            return _queued(posted, said, foreseen[posted.message.id], zone, now)


def _named(run: Run, step: Step) -> Mapping[str, JSON]:
    return {"milestone": run.milestones[step.place].name, "place": step.place, "message": str(step.message)}


def _queued(posted: Posted, said: Mapping[str, JSON], foreseen: Foreseen, zone: ZoneInfo, now: datetime) -> Because:
    if foreseen.reason is not None:
        return because("care.message_will_be_withheld", **said, reason=foreseen.reason)
    until = None if foreseen.at is None else at_the_clock(foreseen.at, zone)
    if foreseen.waits_for is not None:
        return because(f"care.message_waits_{foreseen.waits_for}", **said, until=until)
    return because("care.message_ready", **said, until=until if posted.message.not_before > now else None)
