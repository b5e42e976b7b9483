"""SCH-3: the reached scheme is the highest rank whose threshold is not above the metric."""

from __future__ import annotations

from memberlogic.loyalty.model import Club

__all__ = ["reached"]


def reached(club: Club, measured: int) -> str:
    """The scheme that a metric reaches; the lowest rank's threshold is 0, so there is always one.

    >>> reached(club, 749), reached(club, 750)  # silver from 250, gold from 750
    ('silver', 'gold')
    """
    return next(scheme.code for scheme in reversed(club.schemes) if scheme.threshold <= measured)
