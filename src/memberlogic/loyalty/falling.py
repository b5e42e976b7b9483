"""SCH-9, SCH-5: telling the holders of an account that it will fall: on which day, to which scheme, and what is missing
to keep this one. A club names its lead times; the beginning of a grace term is told as well.

An account keeps two instants. Up to one of them everything has been told (``warned_at``); no later than the other there
may be something to tell (``next_warning``). Purchases leave both alone: nothing that is bought makes an account fall
before the day that was foreseen, and whether it would fall at all is looked at when the moment comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from attrs import evolve

from memberlogic.calendar import Term, local_day, start_of_day
from memberlogic.errors import JSON
from memberlogic.ids import AccountId, MemberId, NewId
from memberlogic.ledger.model import AccountState
from memberlogic.loyalty.foreseeing import Progress, ToKeep, fall
from memberlogic.loyalty.measuring import Tally
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.progression import DayTotals, Grace, Metric, Progression
from memberlogic.loyalty.scheduling import next_review
from memberlogic.loyalty.standing import Standing
from memberlogic.loyalty.watching import may_be_told
from memberlogic.notifying import Message
from memberlogic.warning import Warned, due_lead, messages, moment

__all__ = ["FALLING", "GRACE", "begun", "looked_at", "queued", "still", "to_be_told"]

FALLING = "scheme.falling"
"""The kind of message: on ``day`` the account falls from ``scheme`` to ``falls_to`` unless ``missing`` is reached."""

GRACE = "scheme.grace"
"""The same, when a review found it below its scheme and lets it stay until ``day``."""


_SELDOM = Term.of_years(1)


def to_be_told(club: Club, account: Account, totals: Sequence[DayTotals], now: datetime) -> tuple[Warned, ...]:
    """What there is to say of an account that is settled to now: late, only the shortest lead that is due, and nothing
    that was due before it came to its scheme, or was told.
    """
    keep = _fall(club, account, totals, now)
    lead = None if keep is None else _lead(_progression(club), account, keep.falls_on, club.zone, now)
    if keep is None or lead is None:
        return ()
    figures = _figures(_progression(club).metric, keep)
    return (Warned(kind=FALLING, account=account.id, day=keep.falls_on, lead=lead, figures=figures),)


def looked_at(club: Club, account: Account, totals: Sequence[DayTotals], now: datetime) -> Account:
    """The account of which everything that was due has been said, and its next look."""
    if account.state is AccountState.CLOSED or not may_be_told(club, account.scheme):
        return evolve(account, warned_at=now, next_warning=None)
    keep = _fall(club, account, totals, now)
    # Where nothing that can be foreseen takes it lower, it is enough to look from time to time.
    day = _SELDOM.after(local_day(now, club.zone)) if keep is None else keep.falls_on
    return evolve(account, warned_at=now, next_warning=_next_look(club, account, day, now))


def _lead(progression: Progression, account: Account, day: date, zone: ZoneInfo, now: datetime) -> Term | None:
    lead = due_lead(day, progression.warnings, zone, account.scheme_since, now)
    told = account.warned_at
    return None if lead is None or (told is not None and moment(day, lead, zone) <= told) else lead


def _next_look(club: Club, account: Account, day: date, now: datetime) -> datetime | None:
    """The first moment after now of the day on which an account falls, or of a later one to which what is bought until
    then may put it off.
    """
    first: dict[Term, datetime] = {}
    leads = _progression(club).warnings
    for coming in _days(club, account, day):
        for lead in leads:
            at = moment(coming, lead, club.zone)
            if lead not in first and at > now:
                first[lead] = at
        if len(first) == len(leads):
            break
    return min(first.values(), default=None)


def _days(club: Club, account: Account, day: date) -> Iterator[date]:
    """The day on which an account falls, and after it those on which it may fall instead, in order."""
    yield day
    grace = _progression(club).grace
    review = account.next_review
    # In a grace what is bought may end it, and another may begin with any review after that.
    while review is not None:
        found = local_day(review, club.zone)
        coming = found if grace is None else grace.after(found)
        if coming > day:
            yield coming
        review = next_review(club, account, review)


def begun(standing: Standing, club: Club, now: datetime, new_id: NewId) -> Sequence[Message]:
    """The messages of a grace that reviews began and that is not over: one for each holder. The relay leaves out who is
    blocked.
    """
    account, before = standing.account, standing.stored
    if account.grace is None or account.grace == before.grace or not _lasts(club, account.grace, now):
        return ()
    keep = _fall(club, account, standing.totals, now)
    if keep is None or keep.falls_on != account.grace.until:
        return ()
    return [
        _grace_message(account.id, member, _progression(club).metric, keep, now, new_id) for member in account.holders
    ]


def _lasts(club: Club, grace: Grace, now: datetime) -> bool:
    return start_of_day(grace.until, club.zone) > now


def _grace_message(
    account: AccountId, member: MemberId, metric: Metric, keep: ToKeep, now: datetime, new_id: NewId
) -> Message:
    figures = {"account": str(account), "day": keep.falls_on.isoformat(), **_figures(metric, keep)}
    return Message(id=new_id(), kind=GRACE, member=member, figures=figures, not_before=now)


def still(message: Message, now: Progress) -> Message | None:
    """The message with what is missing at the moment of sending; None if the account does not fall on that day any
    more, or is in another scheme.
    """
    keep, figures = now.keep, message.figures
    if keep is None or (keep.falls_on.isoformat(), keep.scheme) != (figures["day"], figures["scheme"]):
        return None
    return evolve(message, figures={**figures, **_figures(now.metric, keep)})


def queued(told: Iterable[tuple[Warned, Sequence[MemberId]]], now: datetime, new_id: NewId) -> list[Message]:
    """Warnings as messages to those whom they concern."""
    return [message for warned, members in told for message in messages([warned], members, now, new_id)]


def _fall(club: Club, account: Account, totals: Sequence[DayTotals], now: datetime) -> ToKeep | None:
    if account.state is AccountState.CLOSED:
        return None
    return fall(club, account, Tally.of(_progression(club).metric, totals), now)


def _figures(metric: Metric, keep: ToKeep) -> Mapping[str, JSON]:
    return {
        "scheme": keep.scheme,
        "falls_to": keep.falls_to,
        "metric": metric.value,
        "threshold": keep.threshold,
        "missing": keep.missing,
        "by": keep.last_day.isoformat(),
    }


def _progression(club: Club) -> Progression:
    assert club.progression is not None
    return club.progression
