"""What a store promises of adjustments by staff (PTS-14)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from memberlogic.actors import Actor
from memberlogic.calendar import Days
from memberlogic.certification.base import Certification
from memberlogic.certification.concurrency import at_once
from memberlogic.errors import ConcurrencyConflict, MemberLogicError, NotFound
from memberlogic.ids import AdjustmentId, new_id
from memberlogic.ledger.adjusted import Alone, StaffTotal
from memberlogic.ledger.adjusting import Adjusted
from memberlogic.ledger.model import AdjustingPolicy, Adjustment, AdjustmentState, Move, WalletId
from memberlogic.ledger.service import LedgerService
from memberlogic.storing import Capability, Command, Storage
from memberlogic.testing.worlds import World

__all__ = ["AdjustmentsPromises"]

_DAY = date(2026, 1, 15)
_MAY = ("members.adjustments:create", "members.adjustments:update")


def _staff(world: World, name: str = "sam") -> LedgerService:
    return world.acting_as(Actor.staff(name, _MAY)).ledger


class AdjustmentsPromises(Certification):
    """The port ``Adjustments``."""

    @pytest.fixture
    def world(self, storage: Storage) -> World:  # type: ignore[type-arg]
        """A club in which nobody adjusts more than 100 points a day alone."""
        return World(storage, adjusting=AdjustingPolicy(limit=100))

    def test_it_comes_back_as_it_was(self, world: World) -> None:
        """All of it, posted, waiting, approved and rejected; one that is not there is not found."""
        account, until = world.account(), world.clock.now() + timedelta(days=9, microseconds=1)
        sam, kim = _staff(world), _staff(world, "kim")
        asked = [
            sam.adjust(account, points, reason="goodwill", reference="Ä 7", expires_at=until).adjustment
            for points in (50, 101, 102)
        ]
        world.wait(hours=3)
        kim.approve_adjustment(asked[1])
        kim.reject_adjustment(asked[2])
        with world.storage.reading(world.organization.id, world.clock) as uow:
            found = [uow.adjustments.get(id) for id in asked]
            with pytest.raises(NotFound):
                uow.adjustments.get(AdjustmentId(new_id()))
        assert [(each.id, each.points, each.turn) for each in found] == [
            (asked[0], 50, 1),
            (asked[1], 101, None),
            (asked[2], 102, None),
        ]
        states = [AdjustmentState.POSTED, AdjustmentState.POSTED, AdjustmentState.REJECTED]
        assert [each.state for each in found] == states
        assert [each.resolved_by for each in found] == [None, "staff:kim", "staff:kim"]
        assert [each.resolved_at for each in found] == [None, world.clock.now(), world.clock.now()]
        for each in found:
            said = (each.wallet, each.club, each.reason, each.reference, each.expires_at, each.asked_by)
            assert said == (WalletId(account), world.club.id, "goodwill", "Ä 7", until, "staff:sam")
        assert [each.entry for each in found] == [*(entry.id for entry in world.entries(account)), None]
        other = World(world.storage)
        with world.storage.reading(other.organization.id, world.clock) as uow, pytest.raises(NotFound):
            uow.adjustments.get(asked[0])

    def test_what_waits_is_there_until_it_is_resolved(self, world: World) -> None:
        """On its wallet, and in its club in pages, by (asked_at, id)."""
        accounts = [world.account() for _ in range(3)]
        asked = [_staff(world).adjust(account, 101, reason="goodwill").adjustment for account in accounts]
        _staff(world).adjust(accounts[0], 1, reason="goodwill")
        _staff(world).reject_adjustment(asked.pop(1))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            (mine,) = uow.adjustments.waiting_for(WalletId(accounts[0]))
            assert mine.id == asked[0]
            assert list(uow.adjustments.waiting_for(WalletId(accounts[1]))) == []
            listed: list[Adjustment] = []
            while page := uow.adjustments.waiting(world.club.id, "points", listed[-1] if listed else None, 1):
                listed += page
        assert [each.id for each in listed] == asked

    def test_what_somebody_did_alone_is_counted(self, world: World) -> None:
        """By actor and day; what waits, was approved, or was not limited is not."""
        account = world.account()
        _staff(world).adjust(account, 30, reason="goodwill")
        _staff(world).adjust(account, -20, reason="mistake")
        _staff(world, "kim").adjust(account, 7, reason="goodwill")
        _staff(world, "kim").approve_adjustment(_staff(world).adjust(account, 500, reason="goodwill").adjustment)
        world.org.ledger.adjust(account, 9000, reason="migration")
        with world.storage.reading(world.organization.id, world.clock) as uow:
            alone, club = uow.adjustments.alone, world.club.id
            assert alone(club, "points", "staff:sam", _DAY) == Alone(2, 50)
            assert alone(club, "points", "staff:sam", _DAY + timedelta(days=1)) == Alone(0, 0)
            assert alone(club, "points", "staff:sam", None) == Alone(0, 0)
            assert alone(club, "points", "system", _DAY) == Alone(0, 0)
            totals = uow.adjustments.by_staff(club, "points", Days(_DAY, _DAY + timedelta(days=1)))
            assert list(totals) == [
                StaffTotal(actor="staff:kim", adjustments=1, up=7, down=0),
                StaffTotal(actor="staff:sam", adjustments=3, up=530, down=20),
                StaffTotal(actor="system", adjustments=1, up=9000, down=0),
            ]
            none = uow.adjustments.by_staff(club, "points", Days(_DAY - timedelta(days=9), _DAY))
            assert list(none) == []

    def test_a_turn_is_taken_once(self, world: World) -> None:
        """COM-16: what was decided on a count that has changed is not written."""
        accounts = [world.account(), world.account()]
        first = _staff(world).adjust(accounts[0], 60, reason="goodwill").adjustment
        with world.storage.reading(world.organization.id, world.clock) as uow:
            taken = uow.adjustments.get(first)
        again = Adjustment(
            id=AdjustmentId(new_id()),
            wallet=WalletId(accounts[1]),
            club=taken.club,
            points=60,
            reason="goodwill",
            state=AdjustmentState.POSTED,
            asked_by=taken.asked_by,
            asked_at=taken.asked_at,
            business_day=taken.business_day,
            turn=taken.turn,
        )
        command = Command(organization=world.organization.id, name="test", actor="system")
        with pytest.raises(ConcurrencyConflict), world.storage.work(command, world.clock) as uow:
            uow.wallets.moving([Move(again.wallet)])
            uow.adjustments.put(again)
            uow.finish(None)

    def test_a_limit_holds_for_one_who_adjusts_many_accounts_at_once(self, world: World, storage: object) -> None:
        """COM-16: each account has its own lock; the limit is shared."""
        if Capability.CONCURRENT not in getattr(storage, "capabilities", ()):
            pytest.skip("the store does not declare CONCURRENT")
        accounts = [world.account() for _ in range(4)]
        answers = at_once(4, lambda index: _staff(world).adjust(accounts[index], 40, reason="goodwill"))
        done = [each for each in answers if isinstance(each, Adjusted)]
        assert len(done) == 4, [each for each in answers if isinstance(each, MemberLogicError)]
        assert sorted(each.state.value for each in done) == ["posted", "posted", "waiting", "waiting"]
        assert sum(world.available(account) for account in accounts) == 80
