"""PTS-19: importing purchases, a stream of any length in chunks, each its own transaction. The rows of a chunk are
decided one after another on the wallets as they become, by the same rule as a single purchase; a bad row is told with
its number and reason while the good ones go in. Run again, it skips what is in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from attrs import evolve, field, frozen

from memberlogic.actors import Actor
from memberlogic.calendar import Days
from memberlogic.errors import InvalidInput, MemberLogicError, NotFound
from memberlogic.ids import AccountId, ClubId, ExternalId, NewId
from memberlogic.importing import in_chunks
from memberlogic.inputs import code, describe, instance, optional, require_callback, require_instant, whole
from memberlogic.jobs import Progress
from memberlogic.ledger.model import Entry, Move, Wallet, WalletId
from memberlogic.loyalty import recording, repeating
from memberlogic.loyalty.backdating import Late
from memberlogic.loyalty.model import Club
from memberlogic.loyalty.purchases import Purchase, PurchaseLine
from memberlogic.loyalty.recording import Recorded, RecordingFacts, RecordPurchase
from memberlogic.loyalty.redeeming import RedeemBlocks
from memberlogic.loyalty.repeating import NOT_MERGED, Formerly, require_same
from memberlogic.loyalty.standing import Standing
from memberlogic.outcomes import Outcome

__all__ = [
    "Chunk",
    "ChunkFacts",
    "ChunkImported",
    "ImportPurchases",
    "ImportReport",
    "PurchaseRow",
    "Reject",
    "decide",
    "doubted",
    "run",
]

_SHOWN = 1000
"""How many rejected rows a report keeps; a callback is told of all."""
_ALL = 2**53 - 1


class PurchaseRow(NamedTuple):
    """One purchase of a stream. A plain tuple, looked at when its turn comes; ``id`` is the till's own id."""

    id: str
    account: AccountId | ExternalId
    at: datetime
    lines: Sequence[PurchaseLine]
    currency: str
    studio: str | None = None
    paid_with_stored_value: int = 0


@frozen(kw_only=True)
class ImportPurchases:
    """Import purchases of a source, so many rows a transaction."""

    source: str = field(validator=code("a source"))
    chunk: int = field(default=1000, validator=whole(least=1, most=10_000))
    redeem: RedeemBlocks | None = field(default=None, validator=optional(instance(RedeemBlocks, "a RedeemBlocks")))


@frozen
class Reject:
    """A row that did not go in: its number in the stream, from 1, the field if one is wrong, and the reason's code."""

    row: int
    field: str | None
    code: str


@frozen(kw_only=True)
class ChunkImported:
    """What became of the rows of a chunk."""

    rows: int
    recorded: int
    skipped: int
    rejects: tuple[Reject, ...]
    earned: int
    redeemed_points: int
    redeemed_value: int


@frozen(kw_only=True)
class ImportReport:
    """What became of a stream: ``skipped`` rows were in already; of the rejected the first thousand are named."""

    rows: int = 0
    recorded: int = 0
    skipped: int = 0
    rejected: int = 0
    rejects: tuple[Reject, ...] = ()
    earned: int = 0
    redeemed_points: int = 0
    redeemed_value: int = 0

    def with_chunk(self, chunk: ChunkImported) -> ImportReport:
        """The report after one more chunk."""
        return ImportReport(
            rows=self.rows + chunk.rows,
            recorded=self.recorded + chunk.recorded,
            skipped=self.skipped + chunk.skipped,
            rejected=self.rejected + len(chunk.rejects),
            rejects=(*self.rejects, *chunk.rejects[: _SHOWN - len(self.rejects)]),
            earned=self.earned + chunk.earned,
            redeemed_points=self.redeemed_points + chunk.redeemed_points,
            redeemed_value=self.redeemed_value + chunk.redeemed_value,
        )


@frozen(kw_only=True)
class Chunk:
    """Some rows of a stream, the first of which has a number; ``formed`` are those that name a purchase and an
    account, the others are rejects already.
    """

    first: int
    rows: Sequence[object]
    redeem: RedeemBlocks | None
    formed: Mapping[int, tuple[PurchaseRow, ExternalId]]
    rejects: tuple[Reject, ...]

    @classmethod
    def of(cls, first: int, rows: Sequence[object], wanted: ImportPurchases) -> Chunk:
        """Look at the ids of the rows."""
        formed: dict[int, tuple[PurchaseRow, ExternalId]] = {}
        rejects: list[Reject] = []
        for number, row in enumerate(rows, first):
            try:
                formed[number] = _formed(row, wanted.source)
            except InvalidInput as problem:
                rejects.append(_reject(number, problem))
        return cls(first=first, rows=rows, redeem=wanted.redeem, formed=formed, rejects=tuple(rejects))

    @property
    def purchases(self) -> Sequence[ExternalId]:
        """The tills' ids."""
        return [purchase for _, purchase in self.formed.values()]

    @property
    def instants(self) -> Sequence[datetime]:
        """When the purchases took place."""
        return [row.at for row, _ in self.formed.values()]

    def instants_of(self, accounts: Mapping[AccountId | ExternalId, AccountId]) -> Mapping[AccountId, list[datetime]]:
        """When the purchases of each account took place, in the order of the rows."""
        found: dict[AccountId, list[datetime]] = {}
        for row, _ in self.formed.values():
            account = accounts.get(row.account)
            if account is not None:
                found.setdefault(account, []).append(row.at)
        return found

    @property
    def named(self) -> Sequence[ExternalId]:
        """The accounts that are named by an external id."""
        return list(
            dict.fromkeys(row.account for row, _ in self.formed.values() if isinstance(row.account, ExternalId))
        )

    @property
    def given(self) -> Sequence[AccountId]:
        """The accounts that are named by their own id."""
        return list(
            dict.fromkeys(row.account for row, _ in self.formed.values() if not isinstance(row.account, ExternalId))
        )

    def days(self, clubs: Iterable[Club]) -> Days | None:
        """The days that caps look at over all rows; None if no club has any."""
        instants = self.instants
        spans = [
            span
            for club in clubs
            for at in {min(instants), max(instants)}
            if (span := recording.capped_days(club, at)) is not None
        ]
        return Days(min(span.start for span in spans), max(span.end for span in spans)) if spans else None


def moves(accounts: Iterable[AccountId]) -> Sequence[Move]:
    """What moves: these accounts' wallets, with all their lots, as many purchases of one may follow each other."""
    return [Move(WalletId(account), takes=_ALL) for account in accounts]


def _formed(row: object, source: str) -> tuple[PurchaseRow, ExternalId]:
    if not isinstance(row, PurchaseRow):
        raise InvalidInput(path="row", expected="a PurchaseRow", got=describe(row))
    if not isinstance(row.account, ExternalId | UUID):
        raise InvalidInput(path="account", expected="an id or an ExternalId", got=describe(row.account))
    require_instant(row.at, "at")
    try:
        return row, ExternalId(source, row.id)
    except InvalidInput as problem:
        raise InvalidInput(path="id", expected=str(problem.details["expected"]), got=describe(row.id)) from None


def _reject(number: int, refusal: MemberLogicError) -> Reject:
    path = refusal.path if isinstance(refusal, InvalidInput) else None
    if isinstance(refusal, NotFound):
        path = str(refusal.details["kind"])
    return Reject(number, path, refusal.code)


@frozen
class ChunkDone:
    """What a chunk leaves: the wallets it touched, the purchases it recorded, where accounts stand after it."""

    wallets: Sequence[Wallet]
    recorded: Sequence[Recorded]
    standings: Sequence[Standing]


@frozen(kw_only=True)
class ChunkFacts:
    """What a chunk looks at: everything about its accounts, loaded and locked at once."""

    chunk: Chunk
    accounts: Mapping[AccountId | ExternalId, AccountId]
    """The accounts that are there, by what the rows call them."""
    wallets: Sequence[Wallet]
    clubs: Mapping[ClubId, Club]
    known: Mapping[ExternalId, Purchase]
    formerly: Formerly = NOT_MERGED
    """The accounts that lead to those of rows that were recorded before with another content, as it seems."""
    earned: Mapping[AccountId, Mapping[date, int]]
    standings: Mapping[AccountId, Standing]
    """The accounts that the rows may find due for a review, or upgrade at once, and those in ``late``."""
    late: Mapping[AccountId, Late]
    """What has to be known of the accounts to which a row comes late."""
    now: datetime
    unverified_may_spend: bool


def decide(facts: ChunkFacts, actor: Actor, new_id: NewId) -> Outcome[ChunkDone, Entry, ChunkImported]:
    """Decide the rows of a chunk in order, each on what the rows before it left."""
    chunk = facts.chunk
    wallets = {wallet.id.account: wallet for wallet in facts.wallets}
    earned = {account: dict(by_day) for account, by_day in facts.earned.items()}
    known = dict(facts.known)
    standings = dict(facts.standings)
    late = dict(facts.late)
    done: list[Recorded] = []
    entries: list[Entry] = []
    rejects = list(chunk.rejects)
    skipped = 0
    for number, (row, purchase) in chunk.formed.items():
        try:
            wanted = _wanted(facts.accounts, row, purchase)
            before = known.get(purchase)
            if before is not None:
                require_same(wanted, before, facts.formerly)
                skipped += 1
                continue
            wallet = wallets[wanted.account]
            one = RecordingFacts(
                wanted=wanted,
                wallet=wallet,
                club=facts.clubs[wallet.club],
                at=row.at if wanted.at is None else wanted.at,
                now=facts.now,
                asking=None,
                earned=earned.get(wanted.account, {}),
                unverified_may_spend=facts.unverified_may_spend,
                standing=standings.get(wanted.account),
                policy=chunk.redeem,
                late=late.get(wanted.account) if row.at < wallet.effective_at else None,
            )
            recorded, posted = recording.decide(one, actor, new_id)
        except MemberLogicError as refusal:
            rejects.append(_reject(number, refusal))
            continue
        entries += posted
        looked = late.get(wanted.account)
        if looked is not None and (chunk.redeem is not None or wallet.idle):
            late[wanted.account] = evolve(looked, past=looked.past.after(wallet, posted, recorded.lapsed))
        done.append(recorded)
        wallets[wanted.account] = recorded.wallet
        if recorded.standing is not None:
            standings[wanted.account] = recorded.standing
        known[purchase] = recorded.purchase
        _count(earned, recorded.purchase)
    touched = {each.purchase.account for each in done}
    return Outcome(
        ChunkDone([wallets[account] for account in sorted(touched)], done, list(standings.values())),
        tuple(entries),
        ChunkImported(
            rows=len(chunk.rows),
            recorded=len(done),
            skipped=skipped,
            rejects=tuple(sorted(rejects, key=lambda reject: reject.row)),
            earned=sum(each.purchase.earned for each in done),
            redeemed_points=sum(each.purchase.redeemed_points for each in done),
            redeemed_value=sum(each.purchase.redeemed_value for each in done),
        ),
    )


def doubted(
    chunk: Chunk, accounts: Mapping[AccountId | ExternalId, AccountId], known: Mapping[ExternalId, Purchase]
) -> Sequence[AccountId]:
    """The accounts of rows that were recorded before with another content, as it seems."""
    wanted = []
    for row, purchase in chunk.formed.values():
        if purchase in known:
            with suppress(MemberLogicError):  # refused when its turn comes
                wanted.append(_wanted(accounts, row, purchase))
    return repeating.doubted(wanted, known)


def _wanted(
    accounts: Mapping[AccountId | ExternalId, AccountId], row: PurchaseRow, purchase: ExternalId
) -> RecordPurchase:
    account = accounts.get(row.account)
    if account is None:
        raise NotFound(kind="account", id=row.account)
    wanted: Any = RecordPurchase(
        account=account,
        purchase=purchase,
        lines=row.lines,
        currency=row.currency,
        at=row.at,
        studio=row.studio,
        paid_with_stored_value=row.paid_with_stored_value,
    )
    return wanted  # type: ignore[no-any-return]


def _count(earned: dict[AccountId, dict[date, int]], purchase: Purchase) -> None:
    if purchase.earned:
        by_day = earned.setdefault(purchase.account, {})
        by_day[purchase.business_day] = by_day.get(purchase.business_day, 0) + purchase.earned


def run(
    rows: Iterable[PurchaseRow],
    wanted: ImportPurchases,
    do: Callable[[Chunk], ChunkImported],
    *,
    progress: Progress | None = None,
    on_reject: Callable[[Reject], None] | None = None,
) -> ImportReport:
    """Cut a stream into chunks and do them one by one. What is done stays done, whatever comes after."""
    require_callback(progress, "progress")
    require_callback(on_reject, "on_reject")
    report = ImportReport()
    for first, some in in_chunks(rows, wanted.chunk):
        imported = do(Chunk.of(first, some, wanted))
        report = report.with_chunk(imported)
        for reject in imported.rejects if on_reject is not None else ():
            on_reject(reject)  # type: ignore[misc]
        if progress is not None:
            progress(report.rows)
    return report
