"""CARE-17: what became of the messages of a run, and what one that is queued waits for: asked as the relay will."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen

from memberlogic.calendar import local_day
from memberlogic.care.answers import because
from memberlogic.care.explaining_runs import at_the_clock
from memberlogic.care.model import Run, Step
from memberlogic.care.sending import check
from memberlogic.errors import JSON
from memberlogic.members import consenting
from memberlogic.members.consenting import CheckSending
from memberlogic.members.consents import ConsentHistory
from memberlogic.members.model import Member, MemberState
from memberlogic.notifying import Delivery, Posted
from memberlogic.organizations.model import Organization
from memberlogic.organizations.quieting import not_before
from memberlogic.outcomes import Because

__all__ = ["MessageFacts", "of_messages"]


@frozen(kw_only=True)
class MessageFacts:
    """What the relay goes by.

    Args:
        posted: every message that was queued for the member.
        zone: where the member lives.
    """

    member: Member
    organization: Organization
    consents: ConsentHistory
    posted: Sequence[Posted]
    zone: ZoneInfo

    @property
    def by_id(self) -> Mapping[UUID, Posted]:
        """The messages by their ids."""
        return {each.message.id: each for each in self.posted}


def of_messages(run: Run, facts: MessageFacts, now: datetime) -> Iterator[Because]:
    """Every message of a run that waits or was not sent, and the last one that was."""
    by_id = facts.by_id
    queued = [(step, by_id[step.message]) for step in run.steps if step.message is not None and step.message in by_id]
    sent = [step.id for step, posted in queued if posted.delivery is Delivery.SENT]
    for step, posted in queued:
        if posted.delivery is not Delivery.SENT or step.id == sent[-1]:
            yield _told(run, step, posted, facts, now)


def _told(run: Run, step: Step, posted: Posted, facts: MessageFacts, now: datetime) -> Because:
    said = _named(run, step)
    on = None if posted.settled_at is None else local_day(posted.settled_at, facts.zone).isoformat()
    match posted.delivery:
        case Delivery.SENT:
            return because("care.message_sent", **said, on=on)
        case Delivery.WITHHELD:
            return because("care.message_withheld", **said, reason=posted.reason, on=on)
        case Delivery.SET_ASIDE:
            return because("care.message_set_aside", **said, reason=posted.reason, on=on)
        case Delivery.QUEUED:
            return _queued(run, step, posted, facts, now)


def _named(run: Run, step: Step) -> dict[str, JSON]:
    return {"milestone": run.milestones[step.place].name, "place": step.place, "message": str(step.message)}


def _queued(run: Run, step: Step, posted: Posted, facts: MessageFacts, now: datetime) -> Because:
    said, checked = (
        _named(run, step),
        check(run, step, facts.posted, facts.zone, facts.organization.care_message_limit_days, now),
    )
    reason = _kept_back(posted, facts, now) or checked.reason
    if reason is not None:
        return because("care.message_will_be_withheld", **said, reason=reason)
    from_when = not_before(now, facts.organization.quiet_hours, facts.zone)
    if from_when > now:
        return because("care.message_waits_quiet", **said, until=at_the_clock(from_when, facts.zone))
    if checked.waits_until is None:
        later = posted.message.not_before > now
        return because(
            "care.message_ready", **said, until=at_the_clock(posted.message.not_before, facts.zone) if later else None
        )
    until = at_the_clock(checked.waits_until, facts.zone)
    if checked.waits_for != "paused":
        return because("care.message_waits_one_a_day", **said, until=until)
    known = any(now in each and each.until is not None for each in run.still)
    return because("care.message_waits_paused", **said, until=until if known else None)


def _kept_back(posted: Posted, facts: MessageFacts, now: datetime) -> str | None:
    """Why the relay would not send it, by what a member agreed to and may get."""
    if facts.member.state is MemberState.BLOCKED:
        return "member_blocked"
    message = posted.message
    if message.purpose is None:
        return None
    wanted = CheckSending(member=facts.member.id, purpose=message.purpose, channel=message.channel)
    to_unverified = facts.organization.unverified_may_get_marketing
    checked = consenting.check(wanted, facts.member, facts.consents, now, to_unverified=to_unverified)
    return next((each.code for each in checked.refusals), None)
