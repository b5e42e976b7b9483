"""What a host calls to move and read points."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from memberlogic.actors import Actor
from memberlogic.amounts import POINTS, Unit
from memberlogic.ids import AccountId, MemberId
from memberlogic.ledger import crediting, reading, settling, transferring
from memberlogic.ledger.crediting import Credit, Credited
from memberlogic.ledger.model import EntryKind, Move, Wallet, WalletId
from memberlogic.ledger.ports import LedgerWork
from memberlogic.ledger.reading import Balance, OfWallet
from memberlogic.ledger.settling import Settle, Settled
from memberlogic.ledger.transferring import Transfer, TransferCheck, TransferFacts, Transferred
from memberlogic.organizations.model import Feature
from memberlogic.running import Asks, Runner

__all__ = ["LedgerService"]

CREDIT = Asks("ledger.credit", "members.points:create", Credited, Feature.LOYALTY)
TRANSFER = Asks("ledger.transfer", "members.points:update", Transferred, Feature.LOYALTY)
CHECK_TRANSFER = Asks("ledger.check_transfer", "members.points:read", TransferCheck, Feature.LOYALTY)
SETTLE = Asks("ledger.settle", "members.points:update", Settled, Feature.LOYALTY)
BALANCE = Asks("ledger.balance", "members.points:read", Balance, Feature.LOYALTY)


class LedgerService:
    """Points: credit, transfer, read. Every method settles first, so that no job has to have run."""

    def __init__(self, runner: Runner[LedgerWork]) -> None:
        self._runner = runner

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

    def balance(self, account: AccountId, *, unit: Unit = POINTS) -> Balance:
        """What a wallet holds now. Raises ``NotFound``, also for a member who does not hold the account."""
        return self._runner.ask(BALANCE, OfWallet(account=account, unit=unit), self.balance_step)

    def balance_step(self, uow: LedgerWork, actor: Actor, wanted: OfWallet) -> Balance:
        """Reading a balance, inside a unit of work."""
        (wallet,) = self._viewed(uow, (Move(wanted.wallet),))
        transferring.asking(None, actor, wallet)
        return reading.balance(wallet, uow.now)

    def settle(self, wallets: Sequence[WalletId]) -> Settled:
        """Write down what fell due in these wallets and nobody touched (PTS-12): the entries that any later command
        would write first. Done twice, or by two at once, it writes nothing more. Raises ``NotFound``.
        """
        return self._runner.run(SETTLE, Settle(wallets=wallets), None, self.settle_step)

    def settle_step(self, uow: LedgerWork, _: Actor, wanted: Settle) -> Settled:
        """Settling, inside a unit of work."""
        outcome = settling.settle_all(uow.wallets.moving(wanted.moves), uow.now, self._runner.new_id)
        uow.wallets.post(outcome.result, outcome.events)
        return Settled(wallets=len(outcome.result), entries=len(outcome.events))

    def _transfer_facts(
        self, uow: LedgerWork, actor: Actor, wanted: Transfer, source: Wallet, target: Wallet
    ) -> TransferFacts:
        return TransferFacts(
            wanted=wanted,
            source=source,
            target=target,
            asking=transferring.asking(wanted.holder, actor, source),
            sent=uow.wallets.sent(source.id, EntryKind.TRANSFER_OUT, transferring.limited_days(source, uow.now)),
            unverified_may_spend=self._runner.organization.unverified_may_spend,
        )

    def _settled(self, uow: LedgerWork, moves: Sequence[Move]) -> Sequence[Wallet]:
        """Load, lock and settle: what fell due is queued with the command's own entries."""
        outcome = settling.settle_all(uow.wallets.moving(moves), uow.now, self._runner.new_id)
        uow.wallets.post(outcome.result, outcome.events)
        return outcome.facts

    def _viewed(self, uow: LedgerWork, moves: Sequence[Move]) -> Sequence[Wallet]:
        """Load and settle in memory."""
        wallets = uow.wallets.viewing([move.wallet for move in moves])
        return settling.settle_all(wallets, uow.now, self._runner.new_id).facts
