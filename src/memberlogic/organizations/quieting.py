"""ENG-16: quiet hours. What would be sent in them is sent when they end, by the clocks where the member lives.

One span a night: it begins when the clocks first show its beginning and ends when they last show its end. So an hour
that comes twice is quiet both times, and an end that a change of the clocks leaves out is the first instant after the
gap.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from attrs import field, frozen

from memberlogic.calendar import instant_of, local_day
from memberlogic.errors import InvalidInput
from memberlogic.inputs import checked, to_utc

__all__ = ["QuietHours", "not_before"]

_a_time = checked(
    lambda value: (
        None
        if isinstance(value, time) and value.tzinfo is None and not value.fold and not value.second + value.microsecond
        else "a local time of whole minutes"
    )
)


@frozen
class QuietHours:
    """Local times between which nobody is disturbed, ``[since, until)``; they may go over midnight.

    >>> QuietHours(time(22), time(6))
    QuietHours(since=datetime.time(22, 0), until=datetime.time(6, 0))
    """

    since: time = field(validator=_a_time)
    until: time = field(validator=_a_time)

    def __attrs_post_init__(self) -> None:
        if self.since == self.until:
            raise InvalidInput(path="until", expected="another time than the beginning", got=self.until.isoformat())

    @property
    def over_midnight(self) -> bool:
        """Whether they end on the day after that on which they begin."""
        return self.until < self.since


def not_before(instant: datetime, quiet: QuietHours | None, zone: ZoneInfo) -> datetime:
    """From when something may be sent that is due at an instant: at once, or when the quiet hours end in which it
    falls, in UTC. What is due when they end is not delayed.

    >>> quiet, berlin = QuietHours(time(22), time(6)), ZoneInfo("Europe/Berlin")
    >>> not_before(datetime(2026, 1, 15, 5, 30, tzinfo=berlin), quiet, berlin).astimezone(berlin).time()
    datetime.time(6, 0)
    """
    due = to_utc(instant)
    if quiet is None:
        return due
    today = local_day(due, zone)
    for day in (today - timedelta(days=1), today):
        last = day + timedelta(days=1) if quiet.over_midnight else day
        start, end = instant_of(day, quiet.since, zone), instant_of(last, quiet.until, zone, again=True)
        if start <= due < end:
            return end
    return due
