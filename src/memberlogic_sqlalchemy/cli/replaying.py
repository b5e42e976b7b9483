"""Replaying a year of purchases through the public services: a club by its programme, an account for each household,
the purchases as they came, and at the end what is due.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime

from attrs import frozen

from memberlogic.actors import Actor
from memberlogic.application import Handle, MemberLogic
from memberlogic.calendar import Term, local_day, start_of_day
from memberlogic.errors import MemberLogicError
from memberlogic.ids import AccountId, ExternalId, OrganizationId
from memberlogic.ledger.model import After
from memberlogic.loyalty.importing import ImportReport, PurchaseRow
from memberlogic.loyalty.model import Club, Scheme
from memberlogic.loyalty.programme import Earning, EarningRule, Rate, Redeeming
from memberlogic.loyalty.progression import Downgrade, Metric, Monthly, Progression, Upgrade
from memberlogic.loyalty.redeeming import RedeemBlocks
from memberlogic_sqlalchemy.cli.journey import Basket
from memberlogic_sqlalchemy.cli.programme import Programme

__all__ = [
    "HOUSEHOLD",
    "TILL",
    "Opened",
    "PurchasesRejected",
    "ReplayClock",
    "end_of_year",
    "first_day",
    "open_programme",
    "open_year",
    "play",
    "play_rows",
    "policy",
]

HOUSEHOLD = "household"
"""The source of the accounts' external ids: the data set's households."""

TILL = "completejourney"
"""The source of the purchases' ids: the data set's baskets."""

_YEAR = 2017
_CHUNK = 5_000


class PurchasesRejected(MemberLogicError):
    """The data set has purchases that the rules do not take."""

    code = "cli.purchases_rejected"
    sentence = "{rejected} of {rows} purchases were rejected; the first is row {row}: {problem}."


class ReplayClock:
    """A clock that stands where the replay is: at the last purchase that was read, or where it was put."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """The instant of the replayed year."""
        return self._at

    def forward_to(self, at: datetime) -> None:
        """Go on, never back."""
        self._at = max(self._at, at)


@frozen(kw_only=True)
class Opened:
    """What a replay plays on."""

    organization: OrganizationId
    club: Club
    accounts: Mapping[str, AccountId]
    """The accounts by household."""


def first_day(programme: Programme, first_at: datetime | None) -> datetime:
    """When the club opens: with the year, or with the day of the first purchase where that is earlier."""
    start = start_of_day(date(_YEAR, 1, 1), programme.zone)
    return start if first_at is None else min(start, start_of_day(local_day(first_at, programme.zone), programme.zone))


def end_of_year(programme: Programme) -> datetime:
    """The start of the day after the year, where the club is."""
    return start_of_day(date(_YEAR + 1, 1, 1), programme.zone)


def open_year(
    ml: MemberLogic,
    programme: Programme,
    *,
    excluded: Iterable[str],
    households: Iterable[str],
    opened: Callable[[int], None] = lambda _: None,
) -> Opened:
    """An organization with the programme's club, and an account for each household.

    Args:
        excluded: the product types that earn nothing.
        opened: told how many accounts have been opened so far.
    """
    organization = ml.open_organization(name="The Complete Journey", zone=programme.zone)
    org = ml.organization(organization.id, Actor.system())
    club = open_programme(org, programme, frozenset(excluded), member_types=("customer",), currency="USD")
    accounts: dict[str, AccountId] = {}
    for household in households:
        member = org.members.register(
            member_type="customer", verified=True, external_ids=[ExternalId(HOUSEHOLD, household)]
        )
        account = org.loyalty.open_account(
            club=club.id, member=member.id, external_ids=[ExternalId(HOUSEHOLD, household)]
        )
        accounts[household] = account.id
        opened(len(accounts))
    return Opened(organization=organization.id, club=club, accounts=accounts)


def open_programme(
    org: Handle, programme: Programme, excluded: frozenset[str], *, member_types: Iterable[str], currency: str
) -> Club:
    """A club as a programme says it."""
    return org.loyalty.open_club(
        name="The Complete Journey",
        zone=programme.zone,
        member_types=member_types,
        currency=currency,
        schemes=[
            Scheme(code=f"rank-{rank}", name=name, threshold=threshold)
            for rank, (name, threshold) in enumerate(programme.thresholds_cents)
        ],
        expiry=After(Term.of_days(programme.expire_days)),
        earning=Earning(
            rules=[EarningRule(key="base", gives=Rate(1, programme.unit_cents))], excluded_categories=excluded
        ),
        redeeming=Redeeming(
            points=programme.redeem_points,
            value=programme.redeem_cents,
            minimum=programme.redeem_points,
            minimum_total=programme.redeem_minimum_total_cents,
        ),
        progression=Progression(
            metric=Metric.MONEY_SPENT,
            window=Term.of_days(programme.window_days),
            upgrade=Upgrade.AT_REVIEW,
            downgrade=Downgrade.TO_REACHED,
            review=Monthly(1),
        ),
    )


def play(
    ml: MemberLogic,
    clock: ReplayClock,
    opened: Opened,
    programme: Programme,
    purchases: Iterable[Basket],
    *,
    imported: Callable[[int], None] = lambda _: None,
) -> ImportReport:
    """Import the purchases in their order, then settle what is due at the end of the year.

    Raises:
        PurchasesRejected: if the rules did not take one; the others are in.
    """
    rows = _rows(purchases, opened.accounts, clock)
    end = end_of_year(programme)
    return play_rows(ml, clock, opened.organization, policy(programme), rows, until=end, imported=imported)


def policy(programme: Programme) -> RedeemBlocks:
    """How points pay in a replay: a block at each purchase, as soon as it can be had."""
    return RedeemBlocks(
        points=programme.redeem_points, minimum_total=programme.redeem_minimum_total_cents, most_blocks=1
    )


def play_rows(
    ml: MemberLogic,
    clock: ReplayClock,
    organization: OrganizationId,
    redeem: RedeemBlocks | None,
    rows: Iterable[PurchaseRow],
    *,
    until: datetime,
    imported: Callable[[int], None] = lambda _: None,
) -> ImportReport:
    """Import rows in their order, then settle what is due by an instant; whoever makes them forwards the clock.

    Raises:
        PurchasesRejected: if the rules did not take one; the others are in.
    """
    org = ml.organization(organization, Actor.system())
    report = org.loyalty.import_purchases(rows, source=TILL, chunk=_CHUNK, redeem=redeem, progress=imported)
    if report.rejected:
        first = report.rejects[0]
        problem = f"{first.code} in {first.field}" if first.field else first.code
        raise PurchasesRejected(rejected=report.rejected, rows=report.rows, row=first.row, problem=problem)
    clock.forward_to(until)
    ml.run_jobs(as_of=until, chunk=1000)
    return report


def _rows(purchases: Iterable[Basket], accounts: Mapping[str, AccountId], clock: ReplayClock) -> Iterator[PurchaseRow]:
    for at, id, household, lines in purchases:
        clock.forward_to(at)
        yield PurchaseRow(id, accounts[household], at, lines, "USD")
