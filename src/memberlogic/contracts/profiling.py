"""MEM-13: what contracts tell in a member's profile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from memberlogic import converting
from memberlogic.calendar import CalendarPeriod, Days, Term, first_days_of_months, local_day
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.telling import tell_all
from memberlogic.errors import JSON
from memberlogic.ids import MemberId
from memberlogic.members.ports import ActivityPart, ProfileAsked, ProfilePart

__all__ = ["CONTRACTS_ACTIVITY", "CONTRACTS_PROFILE"]

_BEGINNING = date(1000, 1, 1)
_ELEVEN_MONTHS = Term.of_months(11)


def _contracts(uow: ContractsWork, asked: ProfileAsked) -> JSON:
    told = tell_all(uow.contracts.of([asked.member]).values(), None, uow.now)
    return [converting.to_json(each) for each in told]


def _billing(uow: ContractsWork, asked: ProfileAsked) -> JSON:
    said: JSON = converting.to_json(uow.billing.of(asked.member))
    return said


def _visits(uow: ContractsWork, asked: ProfileAsked) -> JSON:
    """How often they were let in, in this month of the organization's and the eleven before, each one named."""
    days = _twelve_months(local_day(uow.now, asked.organization.zone))
    visits: Counter[date] = Counter()
    for each in uow.visits.tallies(asked.member, days):
        visits[each.day.replace(day=1)] += each.visits
    return [{"month": f"{first:%Y-%m}", "visits": visits[first]} for first in first_days_of_months(days)]


def _twelve_months(today: date) -> Days:
    month = CalendarPeriod.MONTH.containing(today)
    return Days(_ELEVEN_MONTHS.before(month.start), month.end)


def _last_visit(uow: ContractsWork, member: MemberId) -> datetime | None:
    return max((each.latest for each in uow.habits.visited(member, _BEGINNING).studios), default=None)


CONTRACTS_PROFILE: Sequence[ProfilePart] = (
    ProfilePart("contracts", "members.contracts:read", _contracts),
    ProfilePart("billing", "members.billing:read", _billing),
    ProfilePart("visits", "members.visits:read", _visits),
)
"""What contracts contribute to a profile."""

CONTRACTS_ACTIVITY: Sequence[ActivityPart] = (ActivityPart("visit", "members.visits:read", _last_visit),)
"""What members do by their contracts: they were let in, and it was no mistake."""
