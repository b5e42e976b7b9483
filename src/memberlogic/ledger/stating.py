"""PTS-16, PTS-18: the statement of an account.

A period of business days in the club's zone, by the instant at which entries took effect. What fell due by the clock
stands where it belongs, whoever wrote it down and when; what else was recorded after the period's end stands apart, so
that the statement of a past period says the same whenever it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby

from attrs import field, frozen

from memberlogic.amounts import POINTS, Unit
from memberlogic.calendar import Days, local_day, start_of_day
from memberlogic.errors import InvalidInput
from memberlogic.ids import AccountId, ClubId, EntryId
from memberlogic.inputs import a_date, an_id, code
from memberlogic.ledger.model import Entry, EntryKind, Terms, Wallet, WalletId
from memberlogic.outcomes import Because

__all__ = ["Expiring", "OfPeriod", "Span", "Statement", "StatementFacts", "StatementLine", "statement", "upcoming"]


OF_ITSELF = frozenset({EntryKind.EXPIRE, EntryKind.SETTLE})
"""What falls due by the clock: it belongs to the period of its instant, whenever it was written down."""


@frozen
class Span:
    """A half-open span of instants."""

    start: datetime
    end: datetime


@frozen(kw_only=True)
class OfPeriod:
    """An account's wallet over business days, ``[since, until)``."""

    account: AccountId = field(validator=an_id)
    since: date = field(validator=a_date)
    until: date = field(validator=a_date)
    unit: Unit = field(default=POINTS, validator=code("a unit"))

    def __attrs_post_init__(self) -> None:
        if self.until <= self.since:
            raise InvalidInput(path="until", expected="a day after the first one", got=self.until.isoformat())

    @property
    def wallet(self) -> WalletId:
        """The wallet's id."""
        return WalletId(self.account, self.unit)

    def span(self, terms: Terms) -> Span:
        """The instants of the period, in the club's zone."""
        return Span(start_of_day(self.since, terms.zone), start_of_day(self.until, terms.zone))


@frozen
class Expiring:
    """So many points are gone in the course of a business day, at its start unless a credit named another instant."""

    day: date
    points: int


@frozen(kw_only=True)
class StatementLine:
    """An entry as a person reads it (PTS-18): ``balance`` is what there was after it, held points among them."""

    entry: EntryId | None
    """None for points that have expired and nobody wrote it down yet."""
    kind: EntryKind
    points: int
    balance: int
    club: ClubId
    scheme: str
    business_day: date
    effective_at: datetime
    recorded_at: datetime
    actor: str
    reason: str | None
    reference: str | None
    counterpart: AccountId | None
    because: tuple[Because, ...]

    def text(self) -> str:
        """One line: day, what, points, balance, why."""
        of = ", ".join(each for each in (self.reason, self.reference) if each)
        what = f"{self.kind.value.replace('_', ' ')}{f' ({of})' if of else ''}"
        return f"{self.business_day}  {self.points:>+10}  {self.balance:>10}  {what}, by {self.actor} in {self.scheme}"

    def explain(self) -> str:
        """The line, and below it why it is so."""
        return "\n".join([self.text(), *(f"    - {each.text()}" for each in self.because)])


@frozen(kw_only=True)
class Statement:
    """A period of an account: opening balance, entries, closing balance; what was recorded later stands apart."""

    account: AccountId
    club: ClubId
    unit: Unit
    days: Days
    at: datetime
    """When it was asked for."""
    opening: int
    lines: tuple[StatementLine, ...]
    closing: int
    later: tuple[StatementLine, ...]
    """What took effect in the period and was recorded after its end."""
    available: int
    """What can be spent now."""
    held: int
    """What is reserved now."""
    expiring: tuple[Expiring, ...]
    """All that will expire as things stand now, by day."""

    def text(self, *, explained: bool = False) -> str:
        """The statement for people, with the reason of every entry if asked."""

        def said(lines: Iterable[StatementLine]) -> list[str]:
            return [line.explain() if explained else line.text() for line in lines]

        parts = [
            f"{self.unit.capitalize()} of the account {self.account}, {self.days.start} to {self.days.last_day}",
            f"{self.days.start}  {'':>10}  {self.opening:>10}  opening balance",
            *said(self.lines),
            f"{self.days.last_day}  {'':>10}  {self.closing:>10}  closing balance",
        ]
        if self.later:
            parts += ["Recorded after the period:", *said(self.later)]
        parts.append(f"Now {self.available} are available and {self.held} are held.")
        parts += [f"{each.points} expire on {each.day}." for each in self.expiring]
        return "\n".join(parts)


@frozen(kw_only=True)
class StatementFacts:
    """What a statement is made from."""

    wanted: OfPeriod
    wallet: Wallet
    """Settled, with all its lots."""
    before: int
    """The sum of what took effect before the period, and was recorded before its end or fell due of itself."""
    written: Sequence[Entry]
    """The entries that took effect in the period, in order."""
    unwritten: Sequence[Entry]
    """What settling came to."""


def statement(facts: StatementFacts, now: datetime) -> Statement:
    """The statement of a period."""
    wanted, wallet = facts.wanted, facts.wallet
    span = wanted.span(wallet.terms)
    opening = facts.before + sum(each.amount for each in facts.unwritten if each.effective_at < span.start)
    fallen_due = [each for each in facts.unwritten if span.start <= each.effective_at < span.end]
    entries = sorted([*facts.written, *fallen_due], key=lambda each: (each.effective_at, each.id))
    unwritten = {each.id for each in fallen_due}
    in_time = [each for each in entries if each.kind in OF_ITSELF or each.recorded_at < span.end]
    apart = [each for each in entries if each.kind not in OF_ITSELF and each.recorded_at >= span.end]
    lines = _lines(in_time, opening, unwritten)
    closing = lines[-1].balance if lines else opening
    return Statement(
        account=wanted.account,
        club=wallet.club,
        unit=wanted.unit,
        days=Days(wanted.since, wanted.until),
        at=now,
        opening=opening,
        lines=lines,
        closing=closing,
        later=_lines(apart, closing, unwritten),
        available=wallet.available,
        held=wallet.held,
        expiring=upcoming([(lot.expires_at, lot.free) for lot in wallet.lots], wallet.terms),
    )


def upcoming(points: Iterable[tuple[datetime | None, int]], terms: Terms) -> tuple[Expiring, ...]:
    """What expires, by business day; what never expires is left out."""
    dated = sorted((local_day(at, terms.zone), each) for at, each in points if at is not None and each)
    return tuple(Expiring(day, sum(each for _, each in of_day)) for day, of_day in groupby(dated, lambda one: one[0]))


def _lines(entries: Sequence[Entry], balance: int, unwritten: set[EntryId]) -> tuple[StatementLine, ...]:
    lines = []
    for entry in entries:
        balance += entry.amount
        lines.append(
            StatementLine(
                entry=None if entry.id in unwritten else entry.id,
                kind=entry.kind,
                points=entry.amount,
                balance=balance,
                club=entry.club,
                scheme=entry.scheme,
                business_day=entry.business_day,
                effective_at=entry.effective_at,
                recorded_at=entry.recorded_at,
                actor=entry.actor,
                reason=entry.reason,
                reference=entry.reference,
                counterpart=entry.counterpart,
                because=entry.because,
            )
        )
    return tuple(lines)
