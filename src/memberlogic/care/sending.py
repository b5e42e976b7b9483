"""CARE-14: whether a message of a run may leave now. It is asked at the moment of sending: what was cancelled meanwhile
is not sent, what is paused waits, at most one is sent to a member on a local day, and what is too old is not sent.
Quiet hours, consent and block are asked for every message (ENG-16, MEM-5, COM-17).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from memberlogic.calendar import first_day_after, instant_of, local_day
from memberlogic.care.advancing import CARE_MESSAGE
from memberlogic.care.lifecycle import state
from memberlogic.care.model import EndReason, Run, RunState, Step
from memberlogic.errors import JSON, NotFound
from memberlogic.ids import MemberId
from memberlogic.inputs import an_id
from memberlogic.notifying import Delivery, Later, Looked, Message, Posted, Withheld
from memberlogic.outcomes import Because, Explanation, Figures

__all__ = ["CANCELLED", "STALE", "CheckMessage", "MessageChecked", "check", "step_of", "still"]

CANCELLED = "care.run_cancelled"
STALE = "care.stale"
"""Why a message is not sent."""

_LOOK_AGAIN = timedelta(hours=1)
"""When a message is looked at again of a run that is paused until nobody knows when."""


@frozen(kw_only=True)
class CheckMessage:
    """Whether a message of a run may leave now."""

    member: MemberId = field(validator=an_id)
    message: UUID = field(validator=an_id)


@frozen(kw_only=True)
class MessageChecked:
    """Whether a message may leave now: it may, if there is neither a reason why it is not sent nor an instant until
    which it waits.

    Args:
        reason: why it is not sent at all.
        waits_until: when it is looked at again, and ``waits_for`` what it waits: ``paused``, or ``one_a_day``. By then
            another message may have left that day, or quiet hours have begun: ``explain`` tells when it leaves.
        values: what its template may say of the run, by the names of placeholders.
    """

    message: UUID
    reason: str | None
    waits_until: datetime | None
    waits_for: str | None
    values: Mapping[str, JSON] = field(converter=Figures, hash=False)

    def explain(self) -> Explanation:
        """Why it leaves, waits or does not leave."""
        figures: dict[str, JSON] = {"message": str(self.message)}
        if self.reason is not None:
            return Explanation("The message is not sent.", (Because("CARE-14", self.reason, figures),))
        if self.waits_until is not None:
            figures |= {"until": self.waits_until.isoformat()}
            return Explanation("The message waits.", (Because("CARE-14", f"care.{self.waits_for}", figures),))
        return Explanation("The message may be sent.", (Because("CARE-14", "care.may_be_sent", figures),))


def check(
    run: Run, step: Step, posted: Sequence[Posted], zone: ZoneInfo, limit_days: int, now: datetime
) -> MessageChecked:
    """Whether the message of a step may leave now.

    Args:
        run: settled to now.
        posted: every message that was queued for the member.
        zone: where the member lives: days of sending are counted there.
        limit_days: after how many days a message is too old.
    """
    assert step.message is not None, "a step with a message"
    milestone = run.milestones[step.place]
    values: dict[str, JSON] = {"care.flow": run.flow.terms.name, "care.milestone": milestone.name}
    told = MessageChecked(message=step.message, reason=None, waits_until=None, waits_for=None, values=values)
    if run.ended is not None and run.ended.reason is not None and run.ended.reason is not EndReason.MERGED:
        return evolve(told, reason=CANCELLED)
    if now >= step.due_at + timedelta(days=limit_days):
        return evolve(told, reason=STALE)
    if state(run, now) is RunState.PAUSED:
        pause = next(each for each in run.still if now in each)
        return evolve(told, waits_until=pause.until or now + _LOOK_AGAIN, waits_for="paused")
    if _taken(step, posted, zone, now):
        time_of_day = step.due_at.astimezone(zone).time().replace(fold=0)
        tomorrow = instant_of(first_day_after(local_day(now, zone)), time_of_day, zone)
        return evolve(told, waits_until=tomorrow, waits_for="one_a_day")
    return told


def _taken(step: Step, posted: Sequence[Posted], zone: ZoneInfo, now: datetime) -> bool:
    """Whether another care message of the member was sent today, or is to be sent first: the one that was queued first
    of those whose time has come. So two relays never send two at once.
    """
    assert step.message is not None
    today = local_day(now, zone)
    others = [each for each in posted if each.message.kind == CARE_MESSAGE and each.message.id != step.message]
    sent = any(
        each.delivery is Delivery.SENT and each.settled_at is not None and local_day(each.settled_at, zone) == today
        for each in others
    )
    before = any(
        each.delivery is Delivery.QUEUED and each.message.id < step.message and _due(each) <= now for each in others
    )
    return sent or before


def _due(posted: Posted) -> datetime:
    """When a message was due; one that says nothing any more is not sent anyway."""
    said = posted.message.figures.get("due_at")
    return posted.message.not_before if said is None else datetime.fromisoformat(str(said))


def step_of(runs: Sequence[Run], message: UUID) -> tuple[Run, Step]:
    """The run and the step that queued a message.

    Raises:
        NotFound: if none of these runs did.
    """
    for run in runs:
        for step in run.steps:
            if step.message == message:
                return run, step
    raise NotFound(kind="care_message", id=message)


def still(message: Message, checked: MessageChecked) -> Looked:
    """The message as it may leave now, with what its template may say; or that it waits, or is not sent."""
    if checked.reason is not None:
        return Withheld(checked.reason)
    if checked.waits_until is not None:
        return Later(checked.waits_until)
    return evolve(message, figures={**message.figures, "values": dict(checked.values)})
