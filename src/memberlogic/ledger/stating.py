"""PTS-16, PTS-18: the statement of an account.

A period of business days in the club's zone, by the instant at which entries took effect. It is what was known when the
period ended: entries recorded by then, and what expired by the clock of what they left, whoever wrote that down and
when. What was recorded later stands apart, with the expiry that it caused or changed, so that the statement of a past
period says the same whenever it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from attrs import evolve, field, frozen

from memberlogic.amounts import POINTS, Unit
from memberlogic.calendar import Days, OverDays, local_day, start_of_day
from memberlogic.ids import AccountId, ClubId, EntryId
from memberlogic.inputs import an_id, code
from memberlogic.ledger.model import Entry, EntryKind, Terms, Wallet, WalletId
from memberlogic.ledger.withholding import Awaited, awaited
from memberlogic.outcomes import Because

__all__ = [
    "Expiring",
    "OfPeriod",
    "Span",
    "Statement",
    "StatementFacts",
    "StatementLine",
    "Sums",
    "statement",
    "upcoming",
]


OF_ITSELF = frozenset({EntryKind.EXPIRE, EntryKind.SETTLE, EntryKind.AVAILABLE})
"""What falls due by the clock: it belongs to the period of its instant, whenever it was written down."""


@frozen
class Span:
    """A half-open span of instants."""

    start: datetime
    end: datetime

    @property
    def last(self) -> datetime:
        """The last instant of it."""
        return self.end - timedelta(microseconds=1)


@frozen(kw_only=True)
class OfPeriod(OverDays):
    """An account's wallet over business days, ``[since, until)``."""

    account: AccountId = field(validator=an_id)
    unit: Unit = field(default=POINTS, validator=code("a unit"))

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
    """None for points that have expired and nobody wrote it down yet, or not as they were known to expire."""
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
    """What took effect in the period and was recorded after its end, and what that changes of what had expired by
    then; ``balance`` is what there was after each as it is known now.
    """
    available: int
    """What can be spent now."""
    held: int
    """What is reserved now."""
    expiring: tuple[Expiring, ...]
    """All that will expire as things stand now, by day; pending points among it."""
    pending: int = 0
    """What cannot be spent yet (PTS-5)."""
    awaited: tuple[Awaited, ...] = ()
    """What of it becomes available on which day."""

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
        parts += [f"{each.points} are pending and become available on {each.day}." for each in self.awaited]
        parts += [f"{each.points} expire on {each.day}." for each in self.expiring]
        return "\n".join(parts)


@frozen
class Sums:
    """What entries come to: those that were known, and all."""

    known: int
    all: int


@frozen(kw_only=True)
class StatementFacts:
    """What a statement is made from."""

    wanted: OfPeriod
    by: datetime
    """Up to when what was recorded is known: the last instant of the period, or now."""
    wallet: Wallet
    """Settled, with all its lots."""
    before: Sums
    """What took effect before the period: as it was known, and all that is written."""
    written: Sequence[Entry]
    """The entries that took effect in the period, in order."""
    unwritten: Sequence[Entry]
    """What settling comes to now."""
    said: Sequence[Entry]
    """What settling came to then: what had expired by the clock of what was known, and was not written down."""


@frozen
class _Stands:
    """An entry where it stands; ``id`` is None if it is not written like this."""

    entry: Entry
    id: EntryId | None

    @property
    def place(self) -> tuple[datetime, bool, EntryId]:
        """What fell due comes before anything that was done at the same instant (COM-8)."""
        return (self.entry.effective_at, self.id is not None and self.entry.kind not in OF_ITSELF, self.entry.id)


def statement(facts: StatementFacts, now: datetime) -> Statement:
    """The statement of a period."""
    wanted, wallet = facts.wanted, facts.wallet
    span = wanted.span(wallet.terms)
    opening = facts.before.known + sum(each.amount for each in facts.said if each.effective_at < span.start)
    real = [_Stands(each, each.id) for each in facts.written]
    real += [_Stands(each, None) for each in facts.unwritten if span.start <= each.effective_at < span.end]
    started = facts.before.all + sum(each.amount for each in facts.unwritten if each.effective_at < span.start)
    known, apart = _sorted_out(facts, real, [each for each in facts.said if each.effective_at >= span.start])
    lines = _lines(known, opening)
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
        later=_known_now(apart, _lines(real, started), started),
        available=wallet.available,
        held=wallet.held,
        expiring=upcoming([(lot.expires_at, lot.unreserved) for lot in wallet.lots], wallet.terms),
        pending=wallet.pending,
        awaited=awaited(wallet),
    )


def _sorted_out(
    facts: StatementFacts, real: Sequence[_Stands], said: Sequence[Entry]
) -> tuple[list[_Stands], list[_Stands]]:
    """What was known when the period ended, and what stands apart. What was said to fall due stands in the period;
    where it turned out otherwise, the difference stands apart.
    """
    known = [each for each in real if each.id is not None and each.entry.recorded_at <= facts.by]
    late = [each for each in real if each.id is None or each.entry.recorded_at > facts.by]
    fell_due: dict[tuple[datetime, EntryKind], list[_Stands]] = {}
    for each in (each for each in late if each.entry.kind in OF_ITSELF):
        fell_due.setdefault((each.entry.effective_at, each.entry.kind), []).append(each)
    apart = [each for each in late if each.entry.kind not in OF_ITSELF]
    for entry in said:
        turned_out = fell_due.pop((entry.effective_at, entry.kind), [])
        points = sum(each.entry.amount for each in turned_out)
        as_said = points == entry.amount and len(turned_out) == 1
        known.append(turned_out[0] if as_said else _Stands(entry, None))
        if points != entry.amount:
            apart.append(_Stands(evolve(entry, amount=points - entry.amount), None))
    return known, [*apart, *(each for group in fell_due.values() for each in group)]


def upcoming(points: Iterable[tuple[datetime | None, int]], terms: Terms) -> tuple[Expiring, ...]:
    """What expires, by business day; what never expires is left out."""
    dated = sorted((local_day(at, terms.zone), each) for at, each in points if at is not None and each)
    return tuple(Expiring(day, sum(each for _, each in of_day)) for day, of_day in groupby(dated, lambda one: one[0]))


def _lines(entries: Sequence[_Stands], balance: int) -> tuple[StatementLine, ...]:
    """The lines in order, each with the balance after it."""
    lines = []
    for each in sorted(entries, key=lambda one: one.place):
        balance += each.entry.amount
        lines.append(_line(each, balance))
    return tuple(lines)


def _known_now(apart: Sequence[_Stands], real: Sequence[StatementLine], started: int) -> tuple[StatementLine, ...]:
    """What stands apart, each with the balance after it as everything is known now."""
    lines = []
    for each in sorted(apart, key=lambda one: one.place):
        after = [line.balance for line in real if line.effective_at <= each.entry.effective_at]
        mine = [line.balance for line in real if each.id is not None and line.entry == each.id]
        lines.append(_line(each, mine[0] if mine else after[-1] if after else started))
    return tuple(lines)


def _line(each: _Stands, balance: int) -> StatementLine:
    entry = each.entry
    return StatementLine(
        entry=each.id,
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
