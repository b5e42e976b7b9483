"""The page of an account: every entry with its why, the balance over time, what expires next, its scheme."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from attrs import frozen

from memberlogic.application import Handle
from memberlogic.calendar import local_day
from memberlogic.converting import to_json
from memberlogic.ids import AccountId
from memberlogic.ledger.reading import Balance
from memberlogic.ledger.stating import Statement, StatementLine
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.progression import Metric
from memberlogic.loyalty.reporting import Closest, Near, SchemeHistory
from memberlogic.outcomes import Because
from memberlogic_sqlalchemy.cli.drawing import curve
from memberlogic_sqlalchemy.cli.page import Page, Row, Section, Table, Tile
from memberlogic_sqlalchemy.cli.words import day, money, number

__all__ = ["AccountFigures", "account_figures", "account_page"]

_MOST_NEAR = 1000


@frozen(kw_only=True)
class AccountFigures:
    """What the page is made from: public reports of one instant."""

    account: Account
    club: Club
    at: datetime
    balance: Balance
    statement: Statement
    history: SchemeHistory
    closest: Closest | None
    """The accounts nearest to the next scheme, if there is one that is counted for."""

    @property
    def near(self) -> Near | None:
        """Where this account is among them."""
        among = self.closest.accounts if self.closest else ()
        return next((each for each in among if each.account == self.account.id), None)

    @property
    def name_of(self) -> dict[str, str]:
        """The names of schemes."""
        return {scheme.code: scheme.name for scheme in self.club.schemes}

    def counted(self, value: int, metric: Metric | None) -> str:
        """A figure of a metric; a dash where nothing was counted, as for a move by hand."""
        if metric is None:
            return "–"
        return money(value, self.club.currency) if metric is Metric.MONEY_SPENT else number(value)

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "as_of": to_json(self.at),
            "account": str(self.account.id),
            "club": str(self.club.id),
            "balance": to_json(self.balance),
            "statement": to_json(self.statement),
            "history": to_json(self.history),
            "progress": to_json(self.near),
        }


def account_figures(org: Handle, id: AccountId, at: datetime) -> AccountFigures:
    """Ask the services: the whole life of the account."""
    account = org.loyalty.account(id)
    club = org.loyalty.club(account.club)
    since, today = local_day(account.opened_at, club.zone), local_day(at, club.zone)
    higher = [each.code for each in club.schemes[club.rank(account.scheme) + 1 :]]
    counts = club.progression is not None and bool(higher)
    return AccountFigures(
        account=account,
        club=club,
        at=at,
        balance=org.ledger.balance(id),
        statement=org.ledger.statement(id, since=since, until=today + timedelta(days=1)),
        history=org.loyalty.scheme_history(id),
        closest=org.loyalty.closest(club.id, higher[0], _MOST_NEAR) if counts else None,
    )


def account_page(found: AccountFigures) -> Page:
    """The page."""
    account, club, balance = found.account, found.club, found.balance
    names = found.name_of
    worth = ""
    if club.redeeming is not None:
        worth = f"worth {money(club.redeeming.worth(max(0, balance.available)), club.currency)}"
    following = "nothing expires"
    if balance.next_expiry is not None:
        following = f"{number(balance.next_expiring)} points"
    until = "–" if balance.next_expiry is None else day(local_day(balance.next_expiry, club.zone))
    return Page(
        title=f"{club.name}: statement of an account",
        subtitle=(
            f"Account {account.id}, {account.state.value}, opened on {day(local_day(account.opened_at, club.zone))}; "
            f"all days are the club's ({club.zone})."
        ),
        tiles=[
            Tile("Available", number(balance.available), worth),
            *([Tile("Held", number(balance.held))] if balance.held else []),
            *([Tile("Owed", number(balance.debt))] if balance.debt else []),
            Tile("Next expiry", until, following),
            Tile("Scheme", names[account.scheme], f"since {day(local_day(account.scheme_since, club.zone))}"),
        ],
        sections=[_curve(found), _expiring(found), _scheme(found), _statement(found)],
        footer=(
            f"As of {found.at.astimezone(club.zone).isoformat(timespec='minutes')}. Every figure is the ledger's own; "
            "what stands below an entry is the rule that decided it, with what it compared."
        ),
    )


def _curve(found: AccountFigures) -> Section:
    said, by_day = found.statement, {found.statement.days.start: found.statement.opening}
    for line in (*said.lines, *said.later):
        by_day[line.business_day] = line.balance
    by_day[said.days.last_day] = (
        (said.later or said.lines)[-1].balance if by_day.keys() - {said.days.start} else said.opening
    )
    left, ahead = by_day[said.days.last_day], []
    for gone in said.expiring:
        left -= gone.points
        ahead.append((gone.day, left))
    ends: dict[date, int] = {}
    for each, value in sorted(by_day.items()):
        ends[each.replace(day=1)] = value
    return Section(
        heading="Balance",
        said=["What there was at the end of each day; dashed, what will be left if nothing is earned or spent."],
        plot=curve(
            sorted(by_day.items()), ahead=ahead, label="The balance over time; the tables below have the figures."
        ),
        key=[("balance", "c1"), *([("as it will expire", "c2")] if ahead else [])],
        table=Table(
            "Balance at the end of the months in which something moved",
            ["Month", "Points"],
            [Row([f"{each:%b %Y}", number(value)]) for each, value in ends.items()],
        ),
    )


def _expiring(found: AccountFigures) -> Section:
    ahead = found.statement.expiring
    return Section(
        heading="What expires next",
        said=["If nothing is spent before."] if ahead else ["Nothing that is there now will expire."],
        table=Table("Points by day", ["Day", "Points"], [Row([day(each.day), number(each.points)]) for each in ahead])
        if ahead
        else None,
    )


def _scheme(found: AccountFigures) -> Section:
    names, account = found.name_of, found.account
    said = [f"{names[account.scheme]}, since {day(local_day(account.scheme_since, found.club.zone))}."]
    if account.next_review is not None:
        said.append(f"The next review is on {day(local_day(account.next_review, found.club.zone))}.")
    if found.closest is not None and found.near is not None:
        near, metric, to = found.near, found.closest.metric, found.closest
        window = f", {day(to.window.start)} to {day(to.window.last_day)}" if to.window else ""
        said.append(
            f"{found.counted(near.measured, metric)} ({metric.value.replace('_', ' ')}{window}) of the "
            f"{found.counted(to.threshold, metric)} that {names[to.scheme]} needs; "
            f"{found.counted(near.missing, metric)} are missing."
        )
    rows = [
        Row([day(each.day), names[each.from_scheme], names[each.to_scheme], found.counted(each.measured, each.metric)])
        for each in found.history.changes
    ]
    table = Table("Changes of scheme", ["Day", "From", "To", "Counted"], rows, numbers=[3]) if rows else None
    return Section(heading="Scheme", said=said, table=table)


def _statement(found: AccountFigures) -> Section:
    said = found.statement
    rows = [Row([day(said.days.start), "opening balance", "", number(said.opening)])]
    rows += [_row(line) for line in said.lines]
    rows.append(Row([day(said.days.last_day), "closing balance", "", number(said.closing)]))
    rows += [_row(line) for line in said.later]
    return Section(
        heading="Every entry, and why",
        said=["What was recorded after the last day stands below the closing balance."] if said.later else [],
        table=Table(
            "Entries in the order in which they took effect", ["Day", "What", "Points", "Balance"], rows, [2, 3]
        ),
    )


def _row(line: StatementLine) -> Row:
    of = ", ".join(each for each in (line.reason, line.reference) if each)
    what = line.kind.value.replace("_", " ") + (f" ({of})" if of else "")
    points = f"+{line.points:,}" if line.points > 0 else number(line.points).replace("-", "−")
    return Row([day(line.business_day), what, points, number(line.balance)], [_said(each) for each in line.because])


def _said(why: Because) -> str:
    """A reason as one line, with runs of numbers as a person writes them: 0–12, 14."""
    figures = ", ".join(f"{name.replace('_', ' ')} {_figure(value)}" for name, value in why.figures.items())
    return f"{why.code} ({why.rule})" + (f": {figures}" if figures else "")


def _figure(value: object) -> str:
    if not isinstance(value, list | tuple) or not all(type(each) is int for each in value):
        return str(value)
    runs = groupby(enumerate(value), lambda one: one[1] - one[0])
    ends = [[each for _, each in run] for _, run in runs]
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in ends) or "none"
