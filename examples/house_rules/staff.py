"""A rule of a club's own: staff are Silver from their first day, and never rise above it.

The library holds an account where a manual move puts it (a pin), until a day. So the rule is one move when staff join;
all that can go wrong is for how long.
"""

from __future__ import annotations

from datetime import date, timedelta

from memberlogic import Handle, Pin, PinKind
from memberlogic.ids import AccountId

FOR_GOOD = date(9998, 12, 31)


def welcome_staff(org: Handle, account: AccountId, today: date) -> None:
    """Staff are Silver, as long as they are staff."""
    org.loyalty.move_scheme(account, "silver", reason="staff", pin=Pin(PinKind.FIXED, FOR_GOOD))


def welcome_staff_for_a_year(org: Handle, account: AccountId, today: date) -> None:
    """The same, as it was first written: a year seemed long, and every test of it passed."""
    org.loyalty.move_scheme(account, "silver", reason="staff", pin=Pin(PinKind.FIXED, today + timedelta(days=365)))
