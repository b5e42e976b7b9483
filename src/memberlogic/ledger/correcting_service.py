"""What a host calls to correct the ledger (PTS-14). :class:`~memberlogic.ledger.service.LedgerService` is one of these.
None of it edits an entry, and no member may.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from memberlogic.actors import Actor
from memberlogic.amounts import POINTS, Unit
from memberlogic.ids import AccountId, AdjustmentId, ClubId, EntryId, LotId
from memberlogic.ledger import adjusting, paging, reinstating, reversing, settling, writing_off
from memberlogic.ledger.adjusted import AdjustmentsReport, OfDays, PageOfWaiting, WaitingPage
from memberlogic.ledger.adjusting import Adjust, Adjusted, AdjustingFacts, OfAdjustment, ResolvingFacts
from memberlogic.ledger.model import Adjustment, Entry, Move, Wallet, WalletId
from memberlogic.ledger.paging import Position
from memberlogic.ledger.ports import LedgerWork
from memberlogic.ledger.reinstating import Reinstate, Reinstated, ReinstatingFacts
from memberlogic.ledger.reversing import Reverse, Reversed, ReversingFacts
from memberlogic.ledger.settling import SettleMoving, SettleViewing
from memberlogic.ledger.writing_off import WriteOff, WrittenOff
from memberlogic.organizations.model import Feature
from memberlogic.running import Asks, Runner

__all__ = ["CorrectingService"]

ADJUST = Asks("ledger.adjust", "members.adjustments:create", Adjusted, Feature.LOYALTY)
APPROVE_ADJUSTMENT = Asks("ledger.approve_adjustment", "members.adjustments:update", Adjusted, Feature.LOYALTY)
REJECT_ADJUSTMENT = Asks("ledger.reject_adjustment", "members.adjustments:update", Adjustment, Feature.LOYALTY)
FIND_ADJUSTMENT = Asks("ledger.find_adjustment", "members.adjustments:read", Adjustment, Feature.LOYALTY)
WAITING_ADJUSTMENTS = Asks("ledger.waiting_adjustments", "members.adjustments:read", WaitingPage, Feature.LOYALTY)
ADJUSTMENTS = Asks("ledger.adjustments", "reports.adjustments:read", AdjustmentsReport, Feature.LOYALTY)
WRITE_OFF = Asks("ledger.write_off", "members.points:delete", WrittenOff, Feature.LOYALTY)

REINSTATE = Asks("ledger.reinstate", "members.reinstatements:create", Reinstated, Feature.LOYALTY)
REVERSE = Asks("ledger.reverse", "members.reversals:create", Reversed, Feature.LOYALTY)

_INSTANT = timedelta(microseconds=1)


class CorrectingService:
    """Corrections: adjust, reinstate, write off, reverse."""

    def __init__(
        self,
        runner: Runner[LedgerWork],
        settle: SettleMoving = settling.settle_moving,
        view: SettleViewing = settling.settle_viewing,
    ) -> None:
        self._runner = runner
        self._settle = settle
        self._view = view

    def adjust(
        self,
        account: AccountId,
        points: int,
        *,
        reason: str,
        unit: Unit = POINTS,
        expires_at: datetime | None = None,
        reference: str | None = None,
        idempotency_key: str | None = None,
    ) -> Adjusted:
        """Add points, or take some (below zero), for a reason code (PTS-14). What is added lives by the club's policy
        or until ``expires_at`` (exclusive). Beyond the limit of a member of staff for the business day it has no
        effect yet: the answer's state is WAITING, and another one approves it.

        Raises:
            InvalidInput: for 0 points, or an expiry that is naive, not after now, or named where points are taken.
            NotFound: if there is no such account.
            RuleViolation: if the account does not move, the same waits already, or too little is available.
        """
        wanted = Adjust(
            account=account, points=points, unit=unit, reason=reason, reference=reference, expires_at=expires_at
        )
        return self._runner.run(ADJUST, wanted, idempotency_key, self.adjust_step)

    def adjust_step(self, uow: LedgerWork, actor: Actor, wanted: Adjust) -> Adjusted:
        """Adjusting, inside a unit of work."""
        (wallet,) = self._settled(uow, wanted.moves)
        day = adjusting.limited_day(wallet, actor, uow.now)
        facts = AdjustingFacts(
            wanted=wanted,
            wallet=wallet,
            waiting=uow.adjustments.waiting_for(wallet.id),
            alone=uow.adjustments.alone(wallet.club, wallet.id.unit, actor.label, day),
            actor=actor,
        )
        outcome = adjusting.adjust(facts, uow.now, self._runner.new_id)
        uow.wallets.post((outcome.facts.wallet,), outcome.events)
        uow.adjustments.put(outcome.facts.adjustment)
        uow.put(outcome.facts.happened)
        return outcome.result

    def approve_adjustment(self, adjustment: AdjustmentId, *, idempotency_key: str | None = None) -> Adjusted:
        """Post an adjustment that waits (PTS-14), as of now.

        Raises:
            NotFound: if there is no such adjustment.
            IllegalTransition: if it was posted or rejected; each with its own code.
            RuleViolation: if who asked for it approves it, nobody does, or it cannot be done any more.
        """
        wanted = OfAdjustment(adjustment=adjustment)
        return self._runner.run(APPROVE_ADJUSTMENT, wanted, idempotency_key, self.approve_adjustment_step)

    def approve_adjustment_step(self, uow: LedgerWork, actor: Actor, wanted: OfAdjustment) -> Adjusted:
        """Approving, inside a unit of work."""
        outcome = adjusting.approve(self._resolving(uow, actor, wanted), self._runner.new_id)
        uow.wallets.post((outcome.facts.wallet,), outcome.events)
        uow.adjustments.put(outcome.facts.adjustment)
        uow.put(outcome.facts.happened)
        return outcome.result

    def reject_adjustment(self, adjustment: AdjustmentId, *, idempotency_key: str | None = None) -> Adjustment:
        """Say no to an adjustment that waits, or take one's own back (PTS-14): nothing moves.

        Raises:
            NotFound: if there is no such adjustment.
            IllegalTransition: if it was posted or rejected; each with its own code.
        """
        wanted = OfAdjustment(adjustment=adjustment)
        return self._runner.run(REJECT_ADJUSTMENT, wanted, idempotency_key, self.reject_adjustment_step)

    def reject_adjustment_step(self, uow: LedgerWork, actor: Actor, wanted: OfAdjustment) -> Adjustment:
        """Rejecting, inside a unit of work."""
        facts = self._resolving(uow, actor, wanted)
        outcome = adjusting.reject(facts)
        uow.wallets.post((facts.wallet,), ())
        uow.adjustments.put(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def find_adjustment(self, adjustment: AdjustmentId) -> Adjustment:
        """An adjustment and what became of it. Raises ``NotFound``."""
        return self._runner.ask(FIND_ADJUSTMENT, OfAdjustment(adjustment=adjustment), self.find_adjustment_step)

    def find_adjustment_step(self, uow: LedgerWork, _: Actor, wanted: OfAdjustment) -> Adjustment:
        """Looking an adjustment up, inside a unit of work."""
        return uow.adjustments.get(wanted.adjustment)

    def waiting_adjustments(self, club: ClubId, *, unit: Unit = POINTS, page: int = 500) -> Iterator[Adjustment]:
        """Every adjustment that waits for a second person in a club, the longest waiting first, read lazily.

        Raises:
            InvalidInput: for a page that is not from 1 to 1000.
            NotFound: if there is no such club.
        """
        return paging.one_by_one(
            lambda last: (
                self._runner.ask(
                    WAITING_ADJUSTMENTS,
                    PageOfWaiting(club=club, unit=unit, after=last, size=page),
                    self.waiting_adjustments_step,
                ).adjustments
            )
        )

    def waiting_adjustments_step(self, uow: LedgerWork, _: Actor, wanted: PageOfWaiting) -> WaitingPage:
        """One page of what waits, inside a unit of work."""
        uow.statements.terms(wanted.club, wanted.unit)
        return WaitingPage(tuple(uow.adjustments.waiting(wanted.club, wanted.unit, wanted.after, wanted.size)))

    def adjustments(self, club: ClubId, *, since: date, until: date, unit: Unit = POINTS) -> AdjustmentsReport:
        """What was adjusted in a club on the business days ``[since, until)``, by member of staff (PTS-14).

        Raises:
            InvalidInput: for what is no date, or an ``until`` that is not after ``since``.
            NotFound: if there is no such club.
        """
        wanted = OfDays(club=club, since=since, until=until, unit=unit)
        return self._runner.ask(ADJUSTMENTS, wanted, self.adjustments_step)

    def adjustments_step(self, uow: LedgerWork, _: Actor, wanted: OfDays) -> AdjustmentsReport:
        """Reporting adjustments, inside a unit of work."""
        uow.statements.terms(wanted.club, wanted.unit)
        staff = tuple(uow.adjustments.by_staff(wanted.club, wanted.unit, wanted.days))
        return AdjustmentsReport(club=wanted.club, unit=wanted.unit, days=wanted.days, staff=staff)

    def write_off(
        self,
        account: AccountId,
        *,
        reason: str,
        unit: Unit = POINTS,
        reference: str | None = None,
        idempotency_key: str | None = None,
    ) -> WrittenOff:
        """Empty an account by name (PTS-14): its points are gone and its debt is forgiven; then it can be closed.

        Raises:
            InvalidInput: for a reason that is no code.
            NotFound: if there is no such account.
            RuleViolation: if the account is not open, anything is held, or there is nothing to write off.
        """
        wanted = WriteOff(account=account, unit=unit, reason=reason, reference=reference)
        return self._runner.run(WRITE_OFF, wanted, idempotency_key, self.write_off_step)

    def write_off_step(self, uow: LedgerWork, actor: Actor, wanted: WriteOff) -> WrittenOff:
        """Writing off, inside a unit of work."""
        (wallet,) = self._settled(uow, wanted.moves)
        outcome = writing_off.write_off(wallet, wanted, actor, uow.now, self._runner.new_id)
        uow.wallets.post((outcome.facts,), outcome.events)
        return outcome.result

    def reinstate(
        self,
        account: AccountId,
        *,
        reason: str,
        lots: Sequence[LotId] | None = None,
        unit: Unit = POINTS,
        reference: str | None = None,
        idempotency_key: str | None = None,
    ) -> Reinstated:
        """Revive what expired within the club's window, or only of these lots (PTS-14): it lives for the grace term
        from today.

        Raises:
            InvalidInput: for a reason that is no code, or what is no id.
            NotFound: if there is no such account, or a lot did not expire within the window.
            RuleViolation: if the club does not, the account does not receive, or it was revived before.
        """
        wanted = Reinstate(account=account, lots=lots, unit=unit, reason=reason, reference=reference)
        return self._runner.run(REINSTATE, wanted, idempotency_key, self.reinstate_step)

    def reinstate_step(self, uow: LedgerWork, actor: Actor, wanted: Reinstate) -> Reinstated:
        """Reinstating, inside a unit of work."""
        settled = self._settle(uow, wanted.moves, self._runner.new_id)
        (wallet,) = settled.facts
        since, until = reinstating.expired_since(wallet, uow.now), uow.now + _INSTANT
        written = tuple(paging.up_to(partial(self._page, uow, wallet.id), since, until))
        expired = reinstating.expired_within(wallet, (*written, *settled.events), uow.now)
        lots = uow.wallets.lots(reversing.roots(uow.wallets.lots(reversing.lots_of(expired))))
        touched = uow.wallets.touching([lot.id for lot in lots])
        facts = ReinstatingFacts(
            wanted=wanted,
            wallet=wallet,
            expired=expired,
            corrections=uow.wallets.corrections([each.id for each in (*expired, *touched)]),
            lots={lot.id: lot for lot in lots},
            touched=touched,
            counted=uow.wallets.counted_expired(wallet.id.account, reinstating.earned(touched)),
        )
        outcome = reinstating.reinstate(facts, actor, uow.now, self._runner.new_id)
        uow.wallets.post((outcome.facts,), outcome.events)
        return outcome.result

    def reverse(
        self, entry: EntryId, *, reason: str, reference: str | None = None, idempotency_key: str | None = None
    ) -> Reversed:
        """Undo an entry that was a mistake, once (PTS-14): what came in is taken back, what went out is given back, of
        a transfer both; but only what returns, expiry and earlier corrections have not. What is not there any more is
        owed, or let go, as the club says.

        Raises:
            InvalidInput: for a reason that is no code.
            NotFound: if there is no such entry.
            RuleViolation: if it is of a kind that is not reversed, was reversed before, has nothing left to reverse,
                or an account does not move.
        """
        wanted = Reverse(entry=entry, reason=reason, reference=reference)
        return self._runner.run(REVERSE, wanted, idempotency_key, self.reverse_step)

    def reverse_step(self, uow: LedgerWork, actor: Actor, wanted: Reverse) -> Reversed:
        """Reversing, inside a unit of work."""
        entry = uow.wallets.entry(wanted.entry)
        settled = self._settle(uow, reversing.moves(entry), self._runner.new_id)
        sides = reversing.sides(entry, self._beside(uow, entry))
        lots = uow.wallets.lots(reversing.roots(uow.wallets.lots(reversing.lots_of(sides))))
        touched = (*uow.wallets.touching([lot.id for lot in lots]), *settled.events)
        facts = ReversingFacts(
            wanted=wanted,
            entry=entry,
            sides=sides,
            wallets={wallet.id: wallet for wallet in settled.facts},
            corrections=uow.wallets.corrections([each.id for each in (*sides, *touched)]),
            lots=lots,
            touched=touched,
        )
        outcome = reversing.reverse(facts, actor, uow.now, self._runner.new_id)
        uow.wallets.post(outcome.facts, outcome.events)
        return outcome.result

    def _beside(self, uow: LedgerWork, entry: Entry) -> Sequence[Entry]:
        """What happened at the instant of an entry in the wallet of a transfer's other side."""
        at = entry.effective_at
        return [
            each
            for wallet in reversing.beside(entry)
            for each in paging.up_to(partial(self._page, uow, wallet), at, at + _INSTANT)
        ]

    def _page(self, uow: LedgerWork, wallet: WalletId, after: Position | None) -> Sequence[Entry]:
        return uow.wallets.entries(wallet, after=after)

    def _resolving(self, uow: LedgerWork, actor: Actor, wanted: OfAdjustment) -> ResolvingFacts:
        """An adjustment's wallet, locked and settled, and the adjustment as it is after that."""
        known = uow.adjustments.get(wanted.adjustment)
        (wallet,) = self._settled(uow, (Move(known.wallet, takes=max(0, -known.points)),))
        return ResolvingFacts(
            adjustment=uow.adjustments.get(wanted.adjustment), wallet=wallet, actor=actor, now=uow.now
        )

    def _settled(self, uow: LedgerWork, moves: Sequence[Move]) -> Sequence[Wallet]:
        """Load, lock and settle: what fell due is queued with the command's own entries."""
        return self._settle(uow, moves, self._runner.new_id).facts
