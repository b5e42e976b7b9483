"""CON-17: what a club's contracts come to on a day and over a period, by studio; and who has to be seen to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from attrs import field, frozen

from memberlogic.calendar import OverDays
from memberlogic.contracts.model import CancellationKind, ContractStatus
from memberlogic.errors import InvalidInput
from memberlogic.ids import ContractId, MemberId
from memberlogic.inputs import a_day, an_id, code, optional, whole

__all__ = [
    "Absent",
    "AbsentPage",
    "CancelledFor",
    "ContractsMoved",
    "ContractsStanding",
    "Ending",
    "EndingsPage",
    "Moved",
    "OverPeriod",
    "PageOfAbsent",
    "PageOfEndings",
    "Retention",
    "RetentionBetween",
    "Standing",
    "StandingOn",
    "retention",
    "told",
]

_studio = optional(code("a studio's code"))


@frozen(kw_only=True)
class StandingOn:
    """A day, today in the organization's zone if none is given; of one studio or of all."""

    on: date | None = field(default=None, validator=optional(a_day))
    studio: str | None = field(default=None, validator=_studio)


@frozen(kw_only=True)
class OverPeriod(OverDays):
    """The days ``[since, until)``; of one studio or of all."""

    studio: str | None = field(default=None, validator=_studio)


@frozen(kw_only=True)
class RetentionBetween:
    """Two days, the first before the second; of one studio or of all."""

    first: date = field(validator=a_day)
    second: date = field(validator=a_day)
    studio: str | None = field(default=None, validator=_studio)

    def __attrs_post_init__(self) -> None:
        if self.second <= self.first:
            raise InvalidInput(path="second", expected="a day after the first one", got=self.second.isoformat())


@frozen(kw_only=True)
class PageOfEndings:
    """The next contracts that end in the days ``[since, until)``."""

    since: date = field(validator=a_day)
    until: date = field(validator=a_day)
    studio: str | None = field(default=None, validator=_studio)
    after: tuple[date, ContractId] | None = None
    size: int = field(default=500, validator=whole(least=1, most=1000))

    def __attrs_post_init__(self) -> None:
        if self.until <= self.since:
            raise InvalidInput(path="until", expected="a day after the first one", got=self.until.isoformat())


@frozen(kw_only=True)
class Standing:
    """How many contracts of a studio have a status on a day, and how many people are on them then."""

    studio: str
    status: ContractStatus
    contracts: int
    members: int


@frozen(kw_only=True)
class ContractsStanding:
    """What a club's contracts are on a day, past or future as far as it is known."""

    on: date
    rows: tuple[Standing, ...]
    """In order of studio, then of status."""

    def contracts(self, *statuses: ContractStatus) -> int:
        """How many have one of these statuses."""
        return sum(each.contracts for each in self.rows if each.status in statuses)


@frozen(kw_only=True)
class CancelledFor:
    """How many contracts ended by a cancellation of a kind, for a reason."""

    studio: str
    kind: CancellationKind
    reason: str
    contracts: int


@frozen(kw_only=True)
class Moved:
    """What became of a studio's contracts in a period: how many were signed, came into force for the first time, began
    a freeze, expired.
    """

    studio: str
    signed: int = 0
    started: int = 0
    frozen: int = 0
    expired: int = 0


@frozen(kw_only=True)
class ContractsMoved:
    """What became of a club's contracts in a period."""

    since: date
    until: date
    studios: tuple[Moved, ...]
    cancelled: tuple[CancelledFor, ...]


@frozen(kw_only=True)
class Retention:
    """Of the people on an active contract on one day, how many are on one on a later day."""

    first: date
    second: date
    active: int
    kept: int


@frozen(kw_only=True)
class Ending:
    """A contract that ends, and how. One that was to follow another and was taken back never was one of its own."""

    contract: ContractId = field(validator=an_id)
    studio: str
    on: date
    status: ContractStatus
    kind: CancellationKind | None = None
    """Of a cancelled one: by notice, never paid, switched, transferred, ..."""
    reason: str | None = None
    successor: ContractId | None = None
    """The contract that follows it; whoever is on that one stays."""


@frozen(kw_only=True)
class PageOfAbsent:
    """The next people on an active contract who were not there for so many days, today among them."""

    days: int = field(validator=whole(least=1, most=3_660))
    studio: str | None = field(default=None, validator=_studio)
    after: MemberId | None = field(default=None, validator=optional(an_id))
    size: int = field(default=500, validator=whole(least=1, most=1000))


@frozen(kw_only=True)
class Absent:
    """Somebody on an active contract who does not come, and when they last did; None if they never did."""

    member: MemberId
    last_visit: date | None


@frozen
class AbsentPage:
    """Some people who do not come, in order of their ids."""

    absent: tuple[Absent, ...]


@frozen
class EndingsPage:
    """Some contracts that end, the soonest first."""

    endings: tuple[Ending, ...]


def told(
    wanted: OverPeriod, counts: Mapping[str, Mapping[str, int]], cancelled: Sequence[CancelledFor]
) -> ContractsMoved:
    """A period's figures, studio by studio.

    Args:
        counts: for each figure of :class:`Moved`, how many of which studio.
    """
    studios = sorted({studio for each in counts.values() for studio in each})
    return ContractsMoved(
        since=wanted.since,
        until=wanted.until,
        studios=tuple(
            Moved(studio=studio, **{figure: each.get(studio, 0) for figure, each in counts.items()})
            for studio in studios
        ),
        cancelled=tuple(sorted(cancelled, key=lambda each: (each.studio, each.kind.value, each.reason))),
    )


def retention(wanted: RetentionBetween, active: int, kept: int) -> Retention:
    """How many stayed."""
    return Retention(first=wanted.first, second=wanted.second, active=active, kept=kept)
