"""The page of a club: what it issued and owes, what expires, and how accounts go up and down."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

from attrs import frozen
from dateutil.relativedelta import relativedelta

from memberlogic.application import Handle
from memberlogic.calendar import local_day
from memberlogic.converting import to_json
from memberlogic.ids import ClubId
from memberlogic.ledger.movements import Movements
from memberlogic.ledger.outstanding import Outstanding
from memberlogic.loyalty.model import Club
from memberlogic.loyalty.reporting import AccountsByScheme, Migration
from memberlogic.loyalty.valuing import owed
from memberlogic_sqlalchemy.cli.drawing import Flow, Series, bars, curve, flows, ranks
from memberlogic_sqlalchemy.cli.page import Page, Row, Section, Table, Tile
from memberlogic_sqlalchemy.cli.words import day, money, number, percent

__all__ = ["ClubFigures", "club_figures", "club_page"]

_COLOURS = ("c6", "c1", "c4", "c5", "c3", "c2")


@frozen(kw_only=True)
class ClubFigures:
    """What the page is made from: public reports of one instant."""

    club: Club
    at: datetime
    movements: Movements
    outstanding: Outstanding
    schemes: AccountsByScheme
    migration: Migration

    def worth(self, points: int) -> str:
        """What points would pay, as the club owes it, or a dash where they pay nothing."""
        value = owed(self.club, max(0, points))
        return "–" if value is None else money(value, self.club.currency)

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "as_of": to_json(self.at),
            "club": str(self.club.id),
            "currency": self.club.currency,
            "liability": owed(self.club, max(0, self.outstanding.outstanding)),
            "outstanding": to_json(self.outstanding),
            "movements": to_json(self.movements),
            "schemes": to_json(self.schemes),
            "migration": to_json(self.migration),
        }


def club_figures(org: Handle, id: ClubId, at: datetime, months: int) -> ClubFigures:
    """Ask the services: so many months before the one of ``at``, and that one as far as it has come."""
    club = org.loyalty.club(id)
    today = local_day(at, club.zone)
    since, until = today.replace(day=1) - relativedelta(months=months), today + relativedelta(days=1)
    return ClubFigures(
        club=club,
        at=at,
        movements=org.ledger.movements(id, since, until),
        outstanding=org.ledger.outstanding(id),
        schemes=org.loyalty.accounts_by_scheme(id),
        migration=org.loyalty.migration(id, since, until),
    )


def club_page(found: ClubFigures) -> Page:
    """The page."""
    club, counted, moved = found.club, found.outstanding, found.movements
    days = f"{day(moved.since)} to {day(local_day(found.at, club.zone))}"
    accounts = sum(each.accounts for each in found.schemes.schemes)
    issued, redeemed, expired = counted.issued, counted.redeemed, counted.expired
    return Page(
        title=f"{club.name}: points and schemes",
        subtitle=f"Club {club.id}, {days}; all days are the club's ({club.zone}).",
        tiles=[
            Tile("Outstanding", number(counted.outstanding), f"{number(counted.available)} available"),
            Tile("Liability", found.worth(counted.outstanding), "what outstanding points would pay"),
            Tile("Issued so far", number(issued)),
            Tile("Redeemed so far", number(redeemed), f"{percent(redeemed, issued)} of what was issued"),
            Tile("Expired so far", number(expired), f"{percent(expired, issued)} of what was issued"),
            Tile("Accounts", number(accounts), "that are not closed"),
        ],
        sections=[
            _by_month(moved),
            _left(found),
            _expiring(found),
            _redemption(moved),
            *_schemes(found),
        ],
        footer=(
            f"As of {found.at.astimezone(club.zone).isoformat(timespec='minutes')}. Points are counted by the day on "
            "which they moved, expiry by the clock. Made by memberlogic report from the club's own books."
        ),
    )


def _month(first: date) -> str:
    return f"{first:%b %Y}"


def _ticks(months: list[date]) -> list[str]:
    """Short names of months; where a year begins its number stands there, too."""
    return [f"{each:%b}" + (f" {each:%y}" if at == 0 or each.month == 1 else "") for at, each in enumerate(months)]


def _by_month(moved: Movements) -> Section:
    months = moved.months
    other = any(each.other for each in months)
    series = [
        Series("Issued", [each.issued for each in months], "c1"),
        Series("Redeemed", [-each.redeemed for each in months], "c3"),
        Series("Expired", [-each.expired for each in months], "c2"),
        *([Series("Other", [each.other for each in months], "c6")] if other else []),
    ]
    rows = [
        Row(
            [
                _month(each.month),
                number(each.issued),
                number(each.redeemed),
                number(each.expired),
                *([f"{each.other:+,}"] if other else []),
                number(each.outstanding),
            ]
        )
        for each in months
    ]
    columns = ["Month", "Issued", "Redeemed", "Expired", *(["Other"] if other else []), "Left at its end"]
    said = "Upwards what came, downwards what went."
    return Section(
        heading="Points by month",
        said=[
            said
            + (
                " Other: transfers, adjustments, returns, corrections. Expired is less what lives again."
                if other
                else ""
            )
        ],
        plot=bars(
            _ticks([each.month for each in months]),
            series,
            label="Points issued, redeemed and expired in each month; the table below has the figures.",
            unit="points",
        ),
        key=[(each.name, each.colour) for each in series],
        table=Table("Points by month", columns, rows),
    )


def _left(found: ClubFigures) -> Section:
    months = found.movements.months
    return Section(
        heading="Outstanding and liability",
        said=[
            f"At the end of each month; {number(found.movements.opening)} points were outstanding before.",
        ],
        plot=bars(
            _ticks([each.month for each in months]),
            [Series("Outstanding", [each.outstanding for each in months], "c1")],
            label="Points outstanding at the end of each month; the table below has the figures.",
            unit="points",
        ),
        table=Table(
            "Outstanding points and what they would pay",
            ["Month", "Outstanding", "Liability"],
            [Row([_month(each.month), number(each.outstanding), found.worth(each.outstanding)]) for each in months],
        ),
    )


def _expiring(found: ClubFigures) -> Section:
    ahead = found.outstanding.expiring_by_month
    never = found.outstanding.never_expiring
    said = ["If nothing is spent before."] if ahead else ["Nothing that is there now will expire."]
    if never and ahead:
        said.append(f"{number(never)} points do not expire.")
    plot = bars(
        _ticks([each.day for each in ahead]),
        [Series("Expiring", [each.points for each in ahead], "c2")],
        label="Points that will expire in each coming month; the table below has the figures.",
        unit="points",
    )
    table = Table(
        "What will expire",
        ["Month", "Points", "Worth"],
        [Row([_month(each.day), number(each.points), found.worth(each.points)]) for each in ahead],
    )
    return Section(heading="What expires when", said=said, plot=plot if ahead else None, table=table if ahead else None)


def _redemption(moved: Movements) -> Section:
    months = [each for each in moved.months if each.issued]
    rates = [(each.month, each.redeemed * 1000 // each.issued) for each in months]
    return Section(
        heading="Redemption rate",
        said=["What was redeemed in a month, of what was issued in it."],
        plot=curve(
            rates, label="Redeemed points in percent of issued ones, by month; the table has the figures.", percent=True
        )
        if len(rates) > 1
        else None,
        table=Table(
            "Redemption rate by month",
            ["Month", "Issued", "Redeemed", "Rate"],
            [
                Row(
                    [
                        _month(each.month),
                        number(each.issued),
                        number(each.redeemed),
                        percent(each.redeemed, each.issued),
                    ]
                )
                for each in months
            ],
        ),
    )


def _schemes(found: ClubFigures) -> list[Section]:
    names = {scheme.code: scheme.name for scheme in found.club.schemes}
    counts = [(names[each.scheme], each.accounts) for each in found.schemes.schemes]
    total = sum(accounts for _, accounts in counts)
    standing = Section(
        heading="Accounts by scheme",
        plot=ranks(
            [(name, accounts, _COLOURS[at % 6]) for at, (name, accounts) in enumerate(counts)],
            label="Accounts in each scheme; the table below has the figures.",
        ),
        table=Table(
            "Accounts by scheme, the lowest first",
            ["Scheme", "Accounts", "Share"],
            [Row([name, number(accounts), percent(accounts, total)]) for name, accounts in counts],
        ),
    )
    ways: Counter[tuple[str, str, bool]] = Counter()
    for each in found.migration.moves:
        ways[names[each.from_scheme], names[each.to_scheme], each.up] += each.accounts
    if not ways:
        return [standing]
    plot = flows(
        [Flow(source, target, amount, "c3" if up else "c2") for (source, target, up), amount in ways.items()],
        list(names.values()),
        label="Moves from scheme to scheme, left to right; the table below has the figures.",
    )
    moves = Section(
        heading="Moves between schemes",
        said=[
            f"{number(found.migration.upgrades)} up and {number(found.migration.downgrades)} down; an account that "
            "moved twice is counted twice."
        ],
        plot=plot,
        key=[("up", "c3"), ("down", "c2")],
        table=Table(
            "Moves from scheme to scheme",
            ["From", "To", "", "Moves"],
            [
                Row([source, target, "up" if up else "down", number(amount)])
                for (source, target, up), amount in ways.items()
            ],
            numbers=[3],
        ),
    )
    return [standing, moves]
