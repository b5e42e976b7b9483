"""PTS-13: warnings. Something will come on a day, and who it concerns is told so long before: a club names its lead
times. A lead's moment is the start of the day that lies so long before; late, only the shortest lead that is due is
told.

A warning has a kind, a subject, a day and a lead. What is kept of it is one instant: the next moment at which there is
something to look at. What came before it was told, or there was nothing to tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from attrs import field, frozen

from memberlogic.calendar import Term, start_of_day
from memberlogic.errors import JSON, InvalidInput
from memberlogic.ids import AccountId, MemberId, NewId
from memberlogic.inputs import describe
from memberlogic.notifying import Message
from memberlogic.outcomes import Figures

__all__ = ["Warned", "due_lead", "lead_times", "messages", "moment", "next_moment"]

_MOST = 10


def lead_times(_: object, attribute: object, value: object) -> None:
    """A validator for lead times: each once, ten at most."""
    path = getattr(attribute, "name", "warnings")
    if not isinstance(value, tuple) or len(value) > _MOST:
        raise InvalidInput(path=path, expected=f"at most {_MOST} terms", got=describe(value))
    for index, lead in enumerate(value):
        if not isinstance(lead, Term):
            raise InvalidInput(path=f"{path}[{index}]", expected="a term", got=describe(lead))
        if lead in value[:index]:
            raise InvalidInput(path=f"{path}[{index}]", expected="each lead time once", got=str(lead))


@frozen(kw_only=True)
class Warned:
    """One warning: what kind of thing will come for an account on a day, how long before that this says so, and the
    figures of it.
    """

    kind: str
    account: AccountId
    day: date
    lead: Term
    figures: Mapping[str, JSON] = field(factory=dict, converter=Figures, hash=False)


def moment(day: date, lead: Term, zone: ZoneInfo) -> datetime:
    """From when a lead time before a day is due."""
    return start_of_day(lead.before(day), zone)


def next_moment(days: Iterable[date], leads: Sequence[Term], zone: ZoneInfo, after: datetime) -> datetime | None:
    """The first moment of these days that is still to come after an instant; None if none is."""
    moments = (moment(day, lead, zone) for day in {*days} for lead in leads)
    return min((each for each in moments if each > after), default=None)


def due_lead(day: date, leads: Sequence[Term], zone: ZoneInfo, since: datetime, now: datetime) -> Term | None:
    """The shortest lead of a day whose moment has come; None if none has, or if it came before ``since``."""
    come = [(moment(day, lead, zone), lead) for lead in leads if moment(day, lead, zone) <= now]
    at, lead = max(come, key=lambda each: each[0], default=(None, None))
    return lead if at is not None and at >= since else None


def messages(warnings: Iterable[Warned], members: Sequence[MemberId], now: datetime, new_id: NewId) -> list[Message]:
    """The warnings as messages, one for each member whom they concern."""
    return [
        Message(
            id=new_id(),
            kind=each.kind,
            member=member,
            figures={
                "account": str(each.account),
                "day": each.day.isoformat(),
                "lead": str(each.lead),
                **each.figures,
            },
            not_before=now,
        )
        for each in warnings
        for member in members
    ]
