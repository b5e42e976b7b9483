"""What a host calls to move and read points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import partial

from memberlogic.actors import Actor
from memberlogic.amounts import POINTS, Unit
from memberlogic.ids import AccountId, ClubId, HoldId, MemberId
from memberlogic.ledger import (
    acting,
    counting,
    crediting,
    holding,
    outstanding,
    paging,
    reading,
    recalling,
    stating,
    transferring,
)
from memberlogic.ledger.correcting_service import CorrectingService
from memberlogic.ledger.crediting import Credit, Credited
from memberlogic.ledger.holding import (
    Capture,
    Captured,
    Held,
    HoldFacts,
    HoldPoints,
    OfHold,
    Release,
    Released,
    ResolvingFacts,
)
from memberlogic.ledger.journal_service import JournalService
from memberlogic.ledger.model import Entry, EntryKind, Hold, Move, Wallet, WalletId
from memberlogic.ledger.movements import Movements, MovementsFacts, MovementsOf, movements
from memberlogic.ledger.outstanding import OfClubsUnit, Outstanding
from memberlogic.ledger.paging import EntriesPage, PageOfEntries
from memberlogic.ledger.ports import LedgerWork
from memberlogic.ledger.reading import Balance, ExpiringPoints, OfExpiring, OfWallet
from memberlogic.ledger.settling import Settle, Settled
from memberlogic.ledger.stating import OfPeriod, Statement, StatementFacts
from memberlogic.ledger.transferring import Transfer, TransferCheck, TransferFacts, Transferred
from memberlogic.organizations.model import Feature
from memberlogic.running import Asks

__all__ = ["LedgerService"]

CREDIT = Asks("ledger.credit", "members.points:create", Credited, Feature.LOYALTY)
TRANSFER = Asks("ledger.transfer", "members.points:update", Transferred, Feature.LOYALTY)
CHECK_TRANSFER = Asks("ledger.check_transfer", "members.points:read", TransferCheck, Feature.LOYALTY)
HOLD = Asks("ledger.hold", "members.points:update", Held, Feature.LOYALTY)
CAPTURE = Asks("ledger.capture", "members.points:update", Captured, Feature.LOYALTY)
RELEASE = Asks("ledger.release", "members.points:update", Released, Feature.LOYALTY)
FIND_HOLD = Asks("ledger.find_hold", "members.points:read", Hold, Feature.LOYALTY)
SETTLE = Asks("ledger.settle", "jobs:update", Settled)
STATEMENT = Asks("ledger.statement", "members.points:read", Statement, Feature.LOYALTY)
ENTRIES = Asks("ledger.entries", "members.points:read", EntriesPage, Feature.LOYALTY)
MOVEMENTS = Asks("ledger.movements", "reports.points:read", Movements, Feature.LOYALTY)
OUTSTANDING = Asks("ledger.outstanding", "reports.points:read", Outstanding, Feature.LOYALTY)
EXPIRING = Asks("ledger.expiring", "members.points:read", ExpiringPoints, Feature.LOYALTY)
BALANCE = Asks("ledger.balance", "members.points:read", Balance, Feature.LOYALTY)


class LedgerService(CorrectingService, JournalService):
    """Points: credit, transfer, hold, correct, post journals, read. Every method settles first, so that no job has to
    have run.
    """

    def credit(
        self,
        account: AccountId,
        points: int,
        *,
        reason: str,
        unit: Unit = POINTS,
        expires_at: datetime | None = None,
        reference: str | None = None,
        idempotency_key: str | None = None,
    ) -> Credited:
        """Credit points, for a reason code; they live by the club's policy or until ``expires_at`` (exclusive).

        Raises:
            InvalidInput: for points below 1, or an expiry that is naive or not after now.
            NotFound: if there is no such account.
            AccountNotOpen, EveryHolderBlocked: if the account does not receive (PTS-1).
        """
        wanted = Credit(
            account=account,
            points=points,
            unit=unit,
            reason=reason,
            reference=reference,
            expires_at=expires_at,
        )
        return self._runner.run(CREDIT, wanted, idempotency_key, self.credit_step)

    def credit_step(self, uow: LedgerWork, actor: Actor, wanted: Credit) -> Credited:
        """Crediting, inside a unit of work."""
        (wallet,) = self._settled(uow, wanted.moves)
        outcome = crediting.credit(wallet, wanted, actor, uow.now, self._runner.new_id)
        uow.wallets.post((outcome.facts,), outcome.events)
        return outcome.result

    def transfer(
        self,
        *,
        source: AccountId,
        target: AccountId,
        points: int,
        unit: Unit = POINTS,
        holder: MemberId | None = None,
        reason: str | None = None,
        reference: str | None = None,
        idempotency_key: str | None = None,
    ) -> Transferred:
        """Move points to another account of the same club (PTS-11), both sides in one transaction.

        Raises:
            InvalidInput: for points below 1 or what is no id.
            NotFound: if an account is not there, or a member acts who does not hold the source.
            RuleViolation: the first rule that refuses; ``check_transfer`` answers all of them.
        """
        wanted = Transfer(
            source=source,
            target=target,
            points=points,
            unit=unit,
            holder=holder,
            reason=reason,
            reference=reference,
        )
        return self._runner.run(TRANSFER, wanted, idempotency_key, self.transfer_step)

    def transfer_step(self, uow: LedgerWork, actor: Actor, wanted: Transfer) -> Transferred:
        """Transferring, inside a unit of work."""
        source, target = self._settled(uow, wanted.moves)
        facts = self._transfer_facts(uow, actor, wanted, source, target)
        outcome = transferring.transfer(facts, actor, uow.now, self._runner.new_id)
        uow.wallets.post(outcome.facts, outcome.events)
        return outcome.result

    def check_transfer(
        self,
        *,
        source: AccountId,
        target: AccountId,
        points: int,
        unit: Unit = POINTS,
        holder: MemberId | None = None,
    ) -> TransferCheck:
        """Every reason that would refuse a transfer, at once; nothing is changed. Raises ``NotFound``."""
        wanted = Transfer(source=source, target=target, points=points, unit=unit, holder=holder)
        return self._runner.ask(CHECK_TRANSFER, wanted, self.check_transfer_step)

    def check_transfer_step(self, uow: LedgerWork, actor: Actor, wanted: Transfer) -> TransferCheck:
        """Checking a transfer, inside a unit of work."""
        source, target = self._viewed(uow, wanted.moves)
        return transferring.check(self._transfer_facts(uow, actor, wanted, source, target))

    def hold(
        self,
        account: AccountId,
        points: int,
        *,
        until: datetime,
        unit: Unit = POINTS,
        holder: MemberId | None = None,
        reason: str | None = None,
        reference: str | None = None,
        idempotency_key: str | None = None,
    ) -> Held:
        """Reserve points until a deadline (exclusive), which frees them by the clock alone (PTS-9).

        Raises:
            InvalidInput: for points below 1, or a deadline that is naive or not after now.
            NotFound: if there is no such account, or a member acts who does not hold it.
            RuleViolation: if the account does not move, nobody may act on it, or too little is available.
        """
        wanted = HoldPoints(
            account=account,
            points=points,
            until=until,
            unit=unit,
            holder=holder,
            reason=reason,
            reference=reference,
        )
        return self._runner.run(HOLD, wanted, idempotency_key, self.hold_step)

    def hold_step(self, uow: LedgerWork, actor: Actor, wanted: HoldPoints) -> Held:
        """Holding, inside a unit of work."""
        (wallet,) = self._settled(uow, wanted.moves)
        facts = HoldFacts(
            wanted=wanted,
            spending=wallet,
            asking=acting.asking(wanted.holder, actor, wallet),
            unverified_may_spend=self._runner.organization.unverified_may_spend,
        )
        outcome = holding.hold(facts, actor, uow.now, self._runner.new_id)
        uow.wallets.post((outcome.facts.wallet,), outcome.events, (outcome.facts.hold,))
        uow.put(outcome.facts.happened)
        return outcome.result

    def capture(
        self,
        hold: HoldId,
        points: int | None = None,
        *,
        reason: str | None = None,
        reference: str | None = None,
        idempotency_key: str | None = None,
    ) -> Captured:
        """Take what is held, or ``points`` of it; the rest is released (PTS-9). Reason and reference are the hold's
        unless others are given.

        Raises:
            InvalidInput: for points below 1.
            NotFound: if there is no such hold, or a member acts who does not hold its account.
            IllegalTransition: if it was captured, released, or its deadline has passed; each with its own code.
            RuleViolation: if the account does not move, nobody may act on it, or less is held.
        """
        wanted = Capture(hold=hold, points=points, reason=reason, reference=reference)
        return self._runner.run(CAPTURE, wanted, idempotency_key, self.capture_step)

    def capture_step(self, uow: LedgerWork, actor: Actor, wanted: Capture) -> Captured:
        """Capturing, inside a unit of work."""
        facts = self._resolving_facts(uow, actor, wanted.hold, wanted.points)
        outcome = holding.capture(facts, wanted, actor, uow.now, self._runner.new_id)
        uow.wallets.post((outcome.facts.wallet,), outcome.events, (outcome.facts.hold,))
        uow.put(outcome.facts.happened)
        return outcome.result

    def release(self, hold: HoldId, *, idempotency_key: str | None = None) -> Released:
        """Free what is held (PTS-9); what expired while it was held is gone now.

        Raises:
            NotFound: if there is no such hold, or a member acts who does not hold its account.
            IllegalTransition: if it was captured, released, or its deadline has passed; each with its own code.
        """
        return self._runner.run(RELEASE, Release(hold=hold), idempotency_key, self.release_step)

    def release_step(self, uow: LedgerWork, actor: Actor, wanted: Release) -> Released:
        """Releasing, inside a unit of work."""
        facts = self._resolving_facts(uow, actor, wanted.hold, None)
        outcome = holding.release(facts, actor, uow.now, self._runner.new_id)
        uow.wallets.post((outcome.facts.wallet,), outcome.events, (outcome.facts.hold,))
        uow.put(outcome.facts.happened)
        return outcome.result

    def find_hold(self, hold: HoldId) -> Hold:
        """A hold and what became of it by now. Raises ``NotFound``, also for a member who does not hold its account."""
        return self._runner.ask(FIND_HOLD, OfHold(hold=hold), self.find_hold_step)

    def find_hold_step(self, uow: LedgerWork, actor: Actor, wanted: OfHold) -> Hold:
        """Looking a hold up, inside a unit of work."""
        stored = uow.wallets.hold(wanted.hold)
        (wallet,) = self._viewed(uow, (Move(stored.wallet),))
        return holding.seen(stored, wallet, actor, uow.now)

    def balance(self, account: AccountId, *, unit: Unit = POINTS, as_of: datetime | None = None) -> Balance:
        """What a wallet holds now, or held at a past instant: what it said then (PTS-16).

        Raises:
            InvalidInput: for an ``as_of`` that is naive or after now.
            NotFound: if there is no such account, also for a member who does not hold it.
        """
        return self._runner.ask(BALANCE, OfWallet(account=account, unit=unit, as_of=as_of), self.balance_step)

    def balance_step(self, uow: LedgerWork, actor: Actor, wanted: OfWallet) -> Balance:
        """Reading a balance, inside a unit of work."""
        recalling.must_have_passed(wanted.as_of, uow.now)
        (wallet,) = uow.wallets.viewing((wanted.wallet,))
        acting.asking(None, actor, wallet)
        then = counting.recalled(uow, wallet, wanted.as_of) if wanted.as_of else wallet
        (settled,) = self._view(uow, (then,), self._runner.new_id, wanted.as_of).facts
        return reading.balance(settled, wanted.as_of or uow.now)

    def expiring(self, account: AccountId, *, unit: Unit = POINTS) -> ExpiringPoints:
        """All upcoming expiries of a wallet as things stand now, by day (PTS-16). Raises ``NotFound``, also for a
        member who does not hold the account.
        """
        return self._runner.ask(EXPIRING, OfExpiring(account=account, unit=unit), self.expiring_step)

    def expiring_step(self, uow: LedgerWork, actor: Actor, wanted: OfExpiring) -> ExpiringPoints:
        """Looking ahead, inside a unit of work."""
        (wallet,) = self._viewed(uow, (Move(wanted.wallet),))
        acting.asking(None, actor, wallet)
        return reading.expiring(wallet, uow.now)

    def statement(self, account: AccountId, *, since: date, until: date, unit: Unit = POINTS) -> Statement:
        """A period of an account (PTS-16): the business days ``[since, until)`` in the club's zone.

        Raises:
            InvalidInput: for what is no date, or an ``until`` that is not after ``since``.
            NotFound: if there is no such account, also for a member who does not hold it.
        """
        wanted = OfPeriod(account=account, since=since, until=until, unit=unit)
        return self._runner.ask(STATEMENT, wanted, self.statement_step)

    def statement_step(self, uow: LedgerWork, actor: Actor, wanted: OfPeriod) -> Statement:
        """Stating, inside a unit of work."""
        (wallet,) = uow.wallets.viewing((wanted.wallet,))
        acting.asking(None, actor, wallet)
        span = wanted.span(wallet.terms)
        by = min(span.last, uow.now)
        settled = self._view(uow, (wallet,), self._runner.new_id)
        facts = StatementFacts(
            wanted=wanted,
            by=by,
            wallet=settled.facts[0],
            before=uow.statements.before(wallet.id, span.start, by),
            written=tuple(paging.up_to(partial(self._page, uow, wallet.id), span.start, span.end)),
            unwritten=settled.events,
            said=self._view(uow, (counting.recalled(uow, wallet, by),), self._runner.new_id, by).events,
        )
        return stating.statement(facts, uow.now)

    def entries(self, account: AccountId, *, unit: Unit = POINTS, page: int = 500) -> Iterator[Entry]:
        """Every entry of a wallet that was written, in order of (effective_at, id), read lazily a page at a time.

        Raises:
            InvalidInput: for a page that is not from 1 to 1000.
            NotFound: if there is no such account, also for a member who does not hold it.
        """
        return paging.lazily(
            lambda after: (
                self._runner.ask(
                    ENTRIES, PageOfEntries(account=account, unit=unit, after=after, size=page), self.entries_step
                ).entries
            )
        )

    def entries_step(self, uow: LedgerWork, actor: Actor, wanted: PageOfEntries) -> EntriesPage:
        """One page of entries, inside a unit of work."""
        (wallet,) = uow.wallets.viewing((wanted.wallet,))
        acting.asking(None, actor, wallet)
        return EntriesPage(tuple(uow.wallets.entries(wallet.id, after=wanted.after, limit=wanted.size)))

    def outstanding(self, club: ClubId, *, unit: Unit = POINTS, as_of: datetime | None = None) -> Outstanding:
        """What a club owes its members in points now, by kind of entry, and what of it will expire; or what that was at
        a past instant, as it was known then (PTS-16, PTS-17).

        Raises:
            InvalidInput: for an ``as_of`` that is naive or after now.
            NotFound: if there is no such club or unit.
        """
        return self._runner.ask(OUTSTANDING, OfClubsUnit(club=club, unit=unit, as_of=as_of), self.outstanding_step)

    def outstanding_step(self, uow: LedgerWork, _: Actor, wanted: OfClubsUnit) -> Outstanding:
        """Counting a club, inside a unit of work."""
        facts = counting.counted(uow, wanted, self._runner.new_id)
        return outstanding.outstanding(facts, wanted.as_of or uow.now)

    def movements(self, club: ClubId, since: date, until: date, *, unit: Unit = POINTS) -> Movements:
        """Month by month what a club issued, what was redeemed, what expired and what was left (PTS-17), over the
        business days ``[since, until)``.

        Raises:
            InvalidInput: for what is no date, an ``until`` that is not after ``since``, or more than a century.
            NotFound: if there is no such club, or it does not have the unit.
        """
        wanted = MovementsOf(club=club, since=since, until=until, unit=unit)
        return self._runner.ask(MOVEMENTS, wanted, self.movements_step)

    def movements_step(self, uow: LedgerWork, _: Actor, wanted: MovementsOf) -> Movements:
        """Counting months, inside a unit of work."""
        facts = MovementsFacts(
            wanted=wanted,
            present=counting.counted(uow, wanted.of_unit, self._runner.new_id),
            days=uow.statements.daily(wanted.club, wanted.unit, wanted.until),
        )
        return movements(facts, uow.now)

    def settle(
        self, wallets: Sequence[WalletId], *, as_of: datetime | None = None, idempotency_key: str | None = None
    ) -> Settled:
        """Write down what fell due in these wallets and nobody touched (PTS-12): the entries that any later command
        would write first; with ``as_of``, only what fell due by then (inclusive). Done twice, or by two at once, it
        writes nothing more. Raises ``NotFound``.
        """
        wanted = Settle(wallets=wallets, as_of=as_of)
        return self._runner.run(SETTLE, wanted, idempotency_key, self.settle_step)

    def settle_step(self, uow: LedgerWork, _: Actor, wanted: Settle) -> Settled:
        """Settling, inside a unit of work."""
        outcome = self._settle(uow, wanted.moves, self._runner.new_id, wanted.until(uow.now))
        return Settled(wallets=len(outcome.result.wallets), entries=len(outcome.events))

    def _transfer_facts(
        self, uow: LedgerWork, actor: Actor, wanted: Transfer, source: Wallet, target: Wallet
    ) -> TransferFacts:
        return TransferFacts(
            wanted=wanted,
            source=source,
            target=target,
            asking=acting.asking(wanted.holder, actor, source),
            sent=uow.wallets.sent(source.id, EntryKind.TRANSFER_OUT, transferring.limited_days(source, uow.now)),
            unverified_may_spend=self._runner.organization.unverified_may_spend,
        )

    def _resolving_facts(self, uow: LedgerWork, actor: Actor, hold: HoldId, points: int | None) -> ResolvingFacts:
        """The hold's wallet, locked and settled, and the hold as it is after that."""
        (wallet,) = self._settled(uow, (Move(uow.wallets.of_hold(hold)),))
        return ResolvingFacts(
            hold=holding.seen(uow.wallets.hold(hold), wallet, actor, uow.now),
            points=points,
            spending=wallet,
            asking=actor.member_id,
            unverified_may_spend=self._runner.organization.unverified_may_spend,
        )

    def _viewed(self, uow: LedgerWork, moves: Sequence[Move]) -> Sequence[Wallet]:
        """Load and settle in memory."""
        wallets = uow.wallets.viewing([move.wallet for move in moves])
        return self._view(uow, wallets, self._runner.new_id).facts
