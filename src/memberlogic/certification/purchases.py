"""What a store promises of purchases: they come back as they went in, the till's id is taken once, sums are by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from attrs import evolve

from memberlogic.calendar import Days
from memberlogic.certification.base import Certification, conserved
from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.ids import AccountId, ExternalId, PurchaseId, new_id
from memberlogic.ledger.model import Move, WalletId
from memberlogic.loyalty.programme import Earning, EarningRule, Rate, Redeeming
from memberlogic.loyalty.purchases import Purchase, PurchaseLine
from memberlogic.storing import Command
from memberlogic.testing.worlds import World

__all__ = ["PurchasesPromises"]

_LINES = (
    PurchaseLine("apple", 300, quantity=2, discount=40, categories=("FRUIT", "Obst & Gemüse"), brand="Acme"),
    PurchaseLine("gift card", 1000, stored_value=True),
    PurchaseLine("bag", 0),
)


def _command(world: World) -> Command:
    return Command(organization=world.organization.id, name="test", actor="system")


def _buy(world: World, account: AccountId, value: str, source: str = "till", redeem: int = 0) -> Purchase:
    world.org.loyalty.record_purchase(
        account=account, purchase=ExternalId(source, value), lines=_LINES, currency="EUR", redeem=redeem
    )
    return world.org.loyalty.find_purchase(source, value).purchase


class PurchasesPromises(Certification):
    """The port ``Purchases``."""

    def test_a_purchase_comes_back_as_it_went_in(self, world: World) -> None:
        """With its lines in order, what it redeemed and earned, and why."""
        club = world.another_club(
            earning=Earning(rules=[EarningRule(key="base", gives=Rate(1, 100))]),
            redeeming=Redeeming(points=10, value=5),
        )
        account = world.account(club=club, credits=[100])
        said = world.org.loyalty.record_purchase(
            account=account,
            purchase=ExternalId("till", "R 1/ä"),
            lines=_LINES,
            currency="EUR",
            studio="north",
            redeem=20,
            paid_with_stored_value=7,
        )
        found = world.org.loyalty.find_purchase("till", "R 1/ä")
        assert found.lines == _LINES
        purchase = found.purchase
        assert (purchase.id, purchase.account, purchase.club, purchase.club_version) == (
            said.purchase,
            account,
            club.id,
            1,
        )
        assert (purchase.total, purchase.stored_value, purchase.studio, purchase.counted) == (1260, 7, "north", True)
        assert (purchase.redeemed_points, purchase.redeemed_value) == (20, 10)
        assert (purchase.earned, purchase.available, purchase.because) == (said.earned, said.available, said.because)
        redeemed, earned = world.entries(account)[-2:]
        assert (purchase.redeem_entry, purchase.earn_entry) == (redeemed.id, earned.id)
        conserved(world, account)

    def test_what_is_known_comes_with_the_locked_wallets(self, world: World) -> None:
        """Only what was asked for, whatever tills there are."""
        one, two = world.account(), world.account()
        first, second = _buy(world, one, "1"), _buy(world, two, "1", "other")
        asked = [ExternalId("till", "1"), ExternalId("other", "1"), ExternalId("till", "2")]
        with world.storage.work(_command(world), world.clock) as uow:
            arriving = uow.purchases.arriving([Move(WalletId(two)), Move(WalletId(one))], asked)
            assert [wallet.id.account for wallet in arriving.wallets] == [two, one]
            assert arriving.known == {asked[0]: first, asked[1]: second}
            uow.finish(None)

    def test_nothing_arrives_without_a_move(self, world: World) -> None:
        """A chunk of bad rows only."""
        with world.storage.work(_command(world), world.clock) as uow:
            arriving = uow.purchases.arriving([], [])
            assert (list(arriving.wallets), dict(arriving.known)) == ([], {})
            uow.finish(None)

    def test_a_tills_id_is_taken_once(self, world: World) -> None:
        """COM-9: whoever looked before another one wrote is told."""
        account = world.account()
        known = _buy(world, account, "1")
        wallet = world.wallet(account)
        again = _again(known)
        with pytest.raises(ConcurrencyConflict), world.storage.work(_command(world), world.clock) as uow:
            uow.wallets.moving([Move(wallet.id)])
            uow.wallets.post([wallet], [])
            uow.purchases.add([(again, _LINES)])
            uow.finish(None)
        assert world.org.loyalty.find_purchase("till", "1").purchase == known

    def test_what_was_earned_is_summed_by_business_day(self, world: World) -> None:
        """PTS-2: the days are half-open, the accounts apart."""
        club = world.another_club(earning=Earning(rules=[EarningRule(key="base", gives=Rate(1, 1))]))
        one, two = world.account(club=club), world.account(club=club)
        for number, account in enumerate((one, one, two, one)):
            _buy(world, account, str(number))
            world.wait(hours=12)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            days = Days(date(2026, 1, 15), date(2026, 1, 17))
            assert uow.purchases.earned([one, two], days) == {
                one: {date(2026, 1, 15): 260, date(2026, 1, 16): 260},
                two: {date(2026, 1, 16): 260},
            }
            before = Days(date(2026, 1, 15), date(2026, 1, 16))
            assert uow.purchases.earned([one, two], before) == {one: {date(2026, 1, 15): 260}, two: {}}
            assert uow.purchases.earned([one], None) == {one: {}}

    def test_purchases_of_a_club_come_in_the_order_of_their_recording(self, world: World) -> None:
        """COM-20: page by page, whole with their lines, and no other club's; what comes later is found later."""
        club = world.another_club(earning=Earning(rules=[EarningRule(key="base", gives=Rate(1, 100))]))
        one, two, elsewhere = world.account(club=club), world.account(club=club), world.account()
        for number, account in enumerate((one, two, elsewhere, one, elsewhere)):
            # Ids of tills fall while purchases are recorded: they are not the order.
            _buy(world, account, str(9 - number), ("till", "other")[number % 2])
            world.wait(hours=1)
        found = list(world.org.loyalty.purchases(club.id))
        assert [each.purchase.external_id.value for each in found] == ["9", "8", "6"]
        for each in found:
            id = each.purchase.external_id
            again = world.org.loyalty.find_purchase(id.source, id.value)
            assert (each.purchase, each.lines) == (again.purchase, again.lines)
        for size in (1, 2, 3):
            assert list(world.org.loyalty.purchases(club.id, page=size)) == found
        pages = world.org.loyalty.purchases(club.id, page=1)
        assert next(pages) == found[0]
        _buy(world, two, "1")
        assert [each.purchase.external_id.value for each in pages] == ["8", "6", "1"]
        assert list(world.org.loyalty.purchases(world.another_club().id)) == []
        world.org.loyalty.record_purchase(
            account=one, purchase=ExternalId("till", "none"), lines=(), currency="EUR", at=None
        )
        assert next(reversed(list(world.org.loyalty.purchases(club.id)))).lines == ()

    def test_many_are_found_at_once(self, world: World) -> None:
        """COM-19: accounts by their own ids, and by the host's."""
        names = [ExternalId("crm", str(number)) for number in range(21)]
        accounts = [
            world.org.loyalty.open_account(club=world.club.id, member=world.member(), external_ids=[name]).id
            for name in names
        ]
        nobody = AccountId(new_id())
        with world.storage.reading(world.organization.id, world.clock) as uow:
            asked = [*names, ExternalId("crm", "nobody"), ExternalId("erp", "1")]
            assert uow.external_ids.known("account", asked) == dict(zip(names, accounts, strict=True))
            assert uow.external_ids.known("member", names) == {}
            assert uow.accounts.known([*accounts, nobody]) == frozenset(accounts)
            assert uow.accounts.known([]) == frozenset()

    def test_another_organization_does_not_see_it(self, world: World) -> None:
        """COM-1: tills' ids are each organization's own."""
        _buy(world, world.account(), "1")
        other = World(world.storage)
        with pytest.raises(NotFound):
            other.org.loyalty.find_purchase("till", "1")
        _buy(other, other.account(), "1")


def _again(purchase: Purchase) -> Purchase:
    """Another purchase with the same till's id."""
    return evolve(purchase, id=PurchaseId(new_id()), at=purchase.at + timedelta(hours=1))
