"""The page of an account: what its balance is worth, what expires next, how far it is from the next scheme and what
keeps it in its own, and every entry with its why.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, assert_never

from attrs import frozen

from memberlogic.application import Handle
from memberlogic.calendar import Days, local_day
from memberlogic.converting import to_json
from memberlogic.ids import AccountId
from memberlogic.ledger.model import Inactivity
from memberlogic.ledger.reading import Balance
from memberlogic.ledger.stating import Statement, StatementLine
from memberlogic.loyalty.foreseeing import Progress
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.programme import Redeeming
from memberlogic.loyalty.progression import (
    AnniversaryYear,
    CalendarYear,
    Metric,
    PinKind,
    Rolling,
    SinceChange,
    Upgrade,
)
from memberlogic.loyalty.reporting import SchemeHistory
from memberlogic.loyalty.windowing import year_after
from memberlogic.outcomes import Because
from memberlogic_sqlalchemy.cli.drawing import curve, ranks
from memberlogic_sqlalchemy.cli.page import Page, Row, Section, Table, Tile
from memberlogic_sqlalchemy.cli.words import day, money, number, percent

__all__ = ["AccountFigures", "account_figures", "account_page"]

_DRAWN = "What was counted beside what is needed; the table below has the figures."


@frozen(kw_only=True)
class AccountFigures:
    """What the page is made from: public reports of one instant."""

    account: Account
    club: Club
    at: datetime
    balance: Balance
    statement: Statement
    history: SchemeHistory
    progress: Progress | None
    """How far it is; None where the club counts nothing."""

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
            "progress": None if self.progress is None else to_json(self.progress),
        }


def account_figures(org: Handle, id: AccountId, at: datetime) -> AccountFigures:
    """Ask the services: the whole life of the account."""
    account = org.loyalty.account(id)
    club = org.loyalty.club(account.club)
    since, today = local_day(account.opened_at, club.zone), local_day(at, club.zone)
    return AccountFigures(
        account=account,
        club=club,
        at=at,
        balance=org.ledger.balance(id),
        statement=org.ledger.statement(id, since=since, until=today + timedelta(days=1)),
        history=org.loyalty.scheme_history(id),
        progress=None if club.progression is None else org.loyalty.progress(id),
    )


def account_page(found: AccountFigures) -> Page:
    """The page."""
    account, club, balance = found.account, found.club, found.balance
    names = found.name_of
    worth = ""
    if club.redeeming is not None:
        worth = f"worth {money(club.redeeming.worth(max(0, balance.available)), club.currency)}"
    ahead = next(iter(found.statement.expiring), None)
    until, following = ("–", "nothing expires") if ahead is None else (day(ahead.day), f"{number(ahead.points)} points")
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
            *_to_next(found),
        ],
        sections=[_worth(found), _expiring(found), _scheme(found), _history(found), _curve(found), _statement(found)],
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


def _to_next(found: AccountFigures) -> Sequence[Tile]:
    progress = found.progress
    if progress is None or progress.next is None:
        return ()
    coming, until = progress.next, _counts_until(found)
    missing, needed = (found.counted(each, progress.metric) for each in (coming.missing, coming.threshold))
    note = f"of {needed}" + (f", until {day(until)}" if until is not None else "")
    return (Tile(f"Missing for {found.name_of[coming.scheme]}", missing, note),)


def _worth(found: AccountFigures) -> Section:
    """What the balance pays, and what of it is not there yet."""
    club, balance, pays = found.club, found.balance, found.club.redeeming
    said = ["Points do not pay in this club."] if pays is None else _paying(balance, pays, club.currency)
    said += [
        f"{number(each.points)} more are held back and become available on {day(each.day)}." for each in balance.awaited
    ]
    if balance.held:
        said.append(f"{number(balance.held)} more are reserved, and can be spent if they are released in time.")
    if balance.debt:
        said.append(f"{number(balance.debt)} are owed: the next points that come in settle them first.")
    return Section(heading="What the points are worth", said=said)


def _paying(balance: Balance, pays: Redeeming, currency: str) -> list[str]:
    each, worth = money(pays.value, currency), money(pays.worth(balance.available), currency)
    said = [f"{number(balance.available)} points are worth {worth}: {number(pays.points)} pay {each}."]
    terms = []
    if pays.multiples > 1:
        terms.append(f"in steps of {number(pays.multiples)}")
    if pays.minimum > 1:
        terms.append(f"at least {number(pays.minimum)} at once")
    if pays.maximum_share < 1:
        terms.append(f"at most {percent(pays.maximum_share.numerator, pays.maximum_share.denominator)} of a purchase")
    if pays.minimum_total:
        terms.append(f"of purchases of at least {money(pays.minimum_total, currency)}")
    steps = balance.available - balance.available % pays.multiples
    if terms:
        now = f"{number(steps)} of them, {money(pays.worth(steps), currency)}, could pay now"
        said.append(f"They pay {', '.join(terms)}: {now if steps >= max(1, pays.minimum) else 'none could pay now'}.")
    return said


def _expiring(found: AccountFigures) -> Section:
    ahead, pays = found.statement.expiring, found.club.redeeming
    columns, rows = ["Day", "Points"], [[day(each.day), number(each.points)] for each in ahead]
    if pays is not None:
        columns.append("Worth")
        for row, gone in zip(rows, ahead, strict=True):
            row.append(money(pays.worth(gone.points), found.club.currency))
    said = "They are gone from the day named on, if nothing is spent before." if ahead else "Nothing will expire."
    if ahead and isinstance(found.club.expiry, Inactivity):
        said += " Every purchase puts that off."
    return Section(
        heading="What expires next",
        said=[said],
        table=Table("Points by day", columns, [Row(row) for row in rows]) if ahead else None,
    )


def _scheme(found: AccountFigures) -> Section:
    """Where it is, what is missing for the next scheme and until when, and what keeps it where it is."""
    names, account, club, progress = found.name_of, found.account, found.club, found.progress
    here = names[account.scheme]
    said = [f"{here}, since {day(local_day(account.scheme_since, club.zone))}."]
    if progress is None:
        return Section(heading="Scheme", said=[*said, "This club moves accounts by hand only."])
    if progress.pin is not None:
        kind = "at least " if progress.pin.kind is PinKind.FLOOR else ""
        said.append(f"Staff keeps it in {kind}{names[progress.pin.scheme]} until {_before(progress.pin.until)}.")
    if progress.grace is not None:
        said.append(f"It would have fallen already, and has until {_before(progress.grace.until)} to keep its scheme.")
    counted, metric = found.counted(progress.measured, progress.metric), progress.metric.value.replace("_", " ")
    said.append(f"Counted is {metric}, {_days(progress.window)}: {counted}. {_how_it_counts(found)}")
    rows, drawn = [], [("counted", progress.measured, "c1")]
    at_once = club.progression is not None and club.progression.upgrade is Upgrade.AT_ONCE
    why = [_said(each) for each in progress.explain().reasons]
    if progress.next is not None:
        coming, until = progress.next, _counts_until(found)
        missing = found.counted(coming.missing, progress.metric)
        said.append(
            f"{missing} more for {names[coming.scheme]}{f', until {day(until)}' if until else ''}; it rises "
            f"{'with the purchase that reaches it' if at_once else 'at the review after that'}."
            if coming.missing
            else f"{names[coming.scheme]} is reached: the next review raises."
        )
        needed = found.counted(coming.threshold, progress.metric)
        rows.append(Row([f"rise to {names[coming.scheme]}", needed, counted, missing, day(until) if until else "–"]))
        drawn.append((f"needed for {names[coming.scheme]}", coming.threshold, "c3"))
    else:
        said.append("There is no higher scheme.")
    if progress.keep is not None:
        kept = progress.keep
        missing = found.counted(kept.missing, progress.metric)
        said.append(
            f"Unless {missing} more come by {day(kept.last_day)}, it falls to {names[kept.falls_to]} on "
            f"{day(kept.falls_on)}: what counts then is {_days(kept.window)}."
        )
        needed, then = found.counted(kept.threshold, progress.metric), found.counted(kept.measured, progress.metric)
        rows.append(Row([f"keep {here}", needed, then, missing, day(kept.last_day)]))
        drawn.append((f"needed to keep {here}", kept.threshold, "c4"))
    elif club.rank(account.scheme):
        said.append("Nothing lowers it as things stand.")
    if progress.next_review is not None:
        said.append(f"The next review is on {day(local_day(progress.next_review, club.zone))}.")
    if rows:
        rows[-1] = Row(rows[-1].cells, why)
    columns = ["To", "Needed", "Counted", "Missing", "By"]
    return Section(
        heading="Scheme",
        said=said,
        plot=ranks(drawn, label=_DRAWN, told=lambda value: found.counted(value, progress.metric)) if rows else None,
        table=Table(f"What is needed ({metric})", columns, rows) if rows else None,
    )


def _how_it_counts(found: AccountFigures) -> str:
    progression = found.club.progression
    assert progression is not None, "progress is asked of clubs that count"
    match progression.window:
        case Rolling():
            return "Every day the oldest of these days is left out."
        case CalendarYear() | AnniversaryYear():
            return "With each year it begins at nothing."
        case SinceChange():
            return "Everything counts since the scheme changed last."
        case _:  # pragma: no cover
            assert_never(progression.window)


def _counts_until(found: AccountFigures) -> date | None:
    """The last day of the year that counts; None where no year does."""
    following = year_after(found.club, found.account, local_day(found.at, found.club.zone))
    return None if following is None else following - timedelta(days=1)


def _before(end: date) -> str:
    return day(end - timedelta(days=1))


def _days(window: Days) -> str:
    return f"{day(window.start)} to {day(window.last_day)}" if window.start < window.end else "no day yet"


def _history(found: AccountFigures) -> Section:
    names = found.name_of
    rows = [
        Row([day(each.day), names[each.from_scheme], names[each.to_scheme], found.counted(each.measured, each.metric)])
        for each in found.history.changes
    ]
    said = [] if rows else ["It has been in its scheme since it was opened."]
    table = Table("Changes of scheme", ["Day", "From", "To", "Counted"], rows, numbers=[3]) if rows else None
    return Section(heading="How it came to its scheme", said=said, table=table)


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
