"""What a store promises of returns: they come back as they went in, the till's id is taken once, the purchase counts
less, and what became of lots is told by kind of entry.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from attrs import evolve

from memberlogic.calendar import Days, Term
from memberlogic.certification.base import Certification, conserved
from memberlogic.errors import ConcurrencyConflict
from memberlogic.ids import AccountId, ExternalId, PurchaseId, ReturnId, new_id
from memberlogic.ledger.model import After, EntryKind, Move, WalletId
from memberlogic.loyalty.model import Club
from memberlogic.loyalty.programme import Earning, EarningRule, Rate, Redeeming
from memberlogic.loyalty.progression import DayTotals, Metric
from memberlogic.loyalty.purchases import PurchaseLine
from memberlogic.loyalty.returning import ReturnRecorded
from memberlogic.loyalty.returns import Return, ReturnLine
from memberlogic.storing import Command
from memberlogic.testing.worlds import World

__all__ = ["ReturnsPromises"]

_LINES = (PurchaseLine("apple", 300, quantity=2, discount=40), PurchaseLine("gift", 1000), PurchaseLine("bag", 0))


def _command(world: World) -> Command:
    return Command(organization=world.organization.id, name="test", actor="system")


def _club(world: World) -> Club:
    return world.another_club(
        earning=Earning(rules=[EarningRule(key="base", gives=Rate(1, 10))]),
        redeeming=Redeeming(points=1, value=1),
        expiry=After(Term.of_days(9)),
    )


def _buy(world: World, account: AccountId, value: str, redeem: int = 0) -> None:
    world.org.loyalty.record_purchase(
        account=account, purchase=ExternalId("till", value), lines=_LINES, currency="EUR", redeem=redeem
    )


def _back(world: World, purchase: str, receipt: str, *lines: ReturnLine, amount: int | None = None) -> ReturnRecorded:
    return world.org.loyalty.return_purchase(
        purchase=ExternalId("till", purchase), receipt=ExternalId("till", receipt), lines=lines or None, amount=amount
    )


def _stored(world: World, purchase: str) -> list[Return]:
    found = world.org.loyalty.find_purchase("till", purchase).purchase.id
    with world.storage.reading(world.organization.id, world.clock) as uow:
        return list(uow.returns.of(found))


class ReturnsPromises(Certification):
    """The ports ``Returns`` and ``Measures``, and what ``Wallets`` says of lots by kind."""

    def test_returns_come_back_as_they_went_in(self, world: World) -> None:
        """In order, with their lines, figures, entries and reasons; found by the till's id."""
        account = world.account(club=_club(world), credits=[100])
        _buy(world, account, "1", redeem=100)
        first = _back(world, "1", "R 1/ä", ReturnLine(position=1, amount=400), ReturnLine(position=0, quantity=1))
        world.wait(hours=1)
        second = _back(world, "1", "2")
        stored = _stored(world, "1")
        assert [each.id for each in stored] == [first.returned, second.returned]
        assert [(each.lines, each.because) for each in stored] == [
            (tuple(sorted(first.lines, key=lambda line: line.position)), first.because),
            (second.lines, second.because),
        ]
        restored, returned = world.entries(account)[-2:]
        assert (stored[1].restore_entry, stored[1].return_entry) == (restored.id, returned.id)
        assert (stored[1].restored, stored[1].taken, stored[1].whole) == (restored.amount, -returned.amount, True)
        assert (stored[0].at, stored[0].business_day) == (first.at, date(2026, 1, 15))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.returns.known(ExternalId("till", "R 1/ä")) == stored[0]
            assert uow.returns.known(ExternalId("other", "2")) is None
            assert not uow.returns.of(PurchaseId(new_id()))
        conserved(world, account)

    def test_a_tills_id_is_taken_once(self, world: World) -> None:
        """COM-9: whoever looked before another one wrote is told."""
        account = world.account(club=_club(world))
        _buy(world, account, "1")
        _back(world, "1", "R1", amount=10)
        (known,) = _stored(world, "1")
        wallet = world.wallet(account)
        again = evolve(known, id=ReturnId(new_id()), restore_entry=None, return_entry=None)
        with pytest.raises(ConcurrencyConflict), world.storage.work(_command(world), world.clock) as uow:
            uow.wallets.moving([Move(WalletId(account))])
            uow.wallets.post([wallet], [])
            uow.returns.add([again])
            uow.finish(None)
        assert _stored(world, "1") == [known]

    def test_a_purchase_counts_less(self, world: World) -> None:
        """SCH-2: in its own day's totals; a visit stays one."""
        club = _club(world)
        one, two = world.account(club=club), world.account(club=club)
        for number, account in enumerate((one, one, two)):
            _buy(world, account, str(number))
        world.wait(days=2)
        _back(world, "0", "R0", ReturnLine(position=0))
        _back(world, "0", "R1")
        _back(world, "1", "R2", amount=160)
        day = date(2026, 1, 15)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.measures.daily([one, two], day) == {
                one: [DayTotals(day, 2, 1100, 110, 1)],
                two: [DayTotals(day, 1, 1260, 126, 0)],
            }
            window, scheme = Days(day, day + timedelta(days=1)), {"standard"}
            for metric, first in ((Metric.MONEY_SPENT, two), (Metric.POINTS_EARNED, two)):
                assert uow.measures.leading(club.id, metric, window, scheme, 1) == [first]
            assert uow.measures.leading(club.id, Metric.PURCHASES, window, scheme, 2) == sorted([one, two])
        purchase = world.org.loyalty.find_purchase("till", "0").purchase
        assert (purchase.unspent, purchase.unearned, purchase.returned) == (1260, 126, True)

    def test_what_became_of_lots_is_told_by_kind(self, world: World) -> None:
        """PTS-10: opened, taken, expired."""
        account = world.account(club=_club(world))
        _buy(world, account, "1")
        (lot,) = world.wallet(account).lots
        _back(world, "1", "R1", amount=630)
        world.wait(days=10)
        world.ml.run_jobs()
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.wallets.moved([lot.id]) == {EntryKind.EARN: 126, EntryKind.RETURN: -63, EntryKind.EXPIRE: -63}
            assert uow.wallets.moved([]) == {}

    def test_what_returns_counted_as_expired_is_told_by_entry(self, world: World) -> None:
        """PTS-10: neither what they took, nor what they let go, nor what did not come back."""
        account = world.account(club=_club(world))
        for number in ("1", "2"):
            _buy(world, account, number)
        gave = [each.id for each in world.entries(account) if each.kind is EntryKind.EARN]
        _back(world, "1", "R1", amount=630)
        world.wait(days=10)
        world.ml.run_jobs()
        _back(world, "1", "R2", amount=315)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert {k: v for k, v in uow.wallets.counted_expired(account, gave).items() if v} == {gave[0]: 31}
            assert not uow.wallets.counted_expired(account, gave[1:])
            assert not uow.wallets.counted_expired(account, [])
            assert not uow.wallets.counted_expired(AccountId(new_id()), gave)

    def test_a_club_is_found_in_a_version(self, world: World) -> None:
        """As it was when the purchase was recorded."""
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.clubs.at(world.club.id, 1) == world.club
