"""What a host calls to take purchases back: the part of :class:`~memberlogic.loyalty.service.LoyaltyService` for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TypeAlias

from memberlogic.actors import Actor
from memberlogic.ids import ExternalId
from memberlogic.ledger.acting import asking
from memberlogic.ledger.model import Entry, Wallet
from memberlogic.ledger.settling import FellDue
from memberlogic.loyalty import opening, returning
from memberlogic.loyalty.ports import LoyaltyWork
from memberlogic.loyalty.purchases import Purchase
from memberlogic.loyalty.returning import OfPurchase, Returned, ReturningFacts, ReturnPurchase, ReturnRecorded
from memberlogic.loyalty.returns import PurchaseReturns, ReturnLine
from memberlogic.loyalty.scheme_service import SchemeService
from memberlogic.loyalty.settling import settle_moving
from memberlogic.loyalty.telling import look_again
from memberlogic.organizations.model import Feature
from memberlogic.outcomes import Outcome
from memberlogic.running import Asks

__all__ = ["ReturnService"]

Settled: TypeAlias = Outcome[tuple[Wallet, ...], Entry, FellDue]

RETURN_PURCHASE = Asks("loyalty.return_purchase", "members.purchases:update", ReturnRecorded, Feature.LOYALTY)
RETURNS = Asks("loyalty.returns", "members.purchases:read", PurchaseReturns, Feature.LOYALTY)


class ReturnService(SchemeService):
    """Purchases that come back (PTS-10)."""

    def return_purchase(
        self,
        *,
        purchase: ExternalId,
        receipt: ExternalId,
        lines: Sequence[ReturnLine] | None = None,
        amount: int | None = None,
        at: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> ReturnRecorded:
        """Take a purchase back (PTS-10): some ``lines``, or an ``amount`` (pro rata over all lines), or, with neither,
        all that is left of it. First the points spent on it come back, then those that it earned are taken back.

        Args:
            purchase: the till's own id of the purchase.
            receipt: the till's own id of the return; the same id with the same content answers the first result, for
                ever.
            at: when the goods came back, now if left out. What it does to points takes effect when it is recorded.

        Raises:
            InvalidInput: naming the field, as in ``lines[2].quantity``.
            NotFound: if there is no such purchase, also for a member who does not hold its account.
            ReturnDiffers: if the till's id was used for another content.
            RuleViolation: the first rule that refuses; more than was bought is refused with what is left.
        """
        wanted = ReturnPurchase(purchase=purchase, receipt=receipt, lines=lines, amount=amount, at=at)
        return self._runner.run(RETURN_PURCHASE, wanted, idempotency_key, self.return_purchase_step)

    def return_purchase_step(self, uow: LoyaltyWork, actor: Actor, wanted: ReturnPurchase) -> ReturnRecorded:
        """Taking a purchase back, inside a unit of work."""
        purchase = uow.purchases.find(wanted.purchase)
        settled = settle_moving(uow, returning.moves(purchase), self._runner.new_id)
        asking(None, actor, settled.facts[0])
        decide = partial(self._given_back, uow, actor, wanted, purchase, settled)
        outcome = returning.once(wanted, uow.returns.known(wanted.receipt), decide)
        uow.wallets.post([each.wallet for each in outcome.facts], outcome.events)
        uow.returns.add([each.made for each in outcome.facts])
        look_again(uow, [each.wallet for each in outcome.facts])
        uow.put(returning.happened(outcome.facts))
        return outcome.result

    def _given_back(
        self, uow: LoyaltyWork, actor: Actor, wanted: ReturnPurchase, purchase: Purchase, settled: Settled
    ) -> Outcome[tuple[Returned, ...], Entry, ReturnRecorded]:
        redeemed, earned = [[uow.wallets.entry(id) for id in ids] for ids in returning.entries_of(purchase)]
        own = uow.wallets.lots([lot.id for entry in earned for lot in entry.opened])
        facts = ReturningFacts(
            wanted=wanted,
            wallet=settled.facts[0],
            club=uow.clubs.at(purchase.club, purchase.club_version),
            purchase=purchase,
            lines=uow.purchases.lines(purchase.id),
            before=uow.returns.of(purchase.id),
            spent=next(iter(redeemed), None),
            spent_lots=uow.wallets.lots([part.lot for entry in redeemed for part in entry.slices]),
            own_lots=frozenset(lot.id for lot in own),
            settled=settled.events,
            moved=uow.wallets.moved([lot.id for lot in own]),
            corrections=uow.wallets.corrections([entry.id for entry in (*redeemed, *earned)]),
            at=wanted.at or uow.now,
            now=uow.now,
        )
        return returning.give_back(facts, actor, self._runner.new_id)

    def returns(self, purchase: ExternalId) -> PurchaseReturns:
        """All returns of a purchase in order, and what came back of each line. Raises ``NotFound``."""
        return self._runner.ask(RETURNS, OfPurchase(purchase=purchase), self.returns_step)

    def returns_step(self, uow: LoyaltyWork, actor: Actor, wanted: OfPurchase) -> PurchaseReturns:
        """Looking returns up, inside a unit of work."""
        purchase = uow.purchases.find(wanted.purchase)
        opening.reachable(uow.accounts.get(purchase.account), actor)
        return returning.returns_of(purchase, uow.purchases.lines(purchase.id), uow.returns.of(purchase.id))
