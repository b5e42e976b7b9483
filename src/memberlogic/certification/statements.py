"""What a store promises of statements and reports: sums over what is stored, in one look."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from memberlogic.amounts import POINTS
from memberlogic.calendar import Term
from memberlogic.certification.base import Certification
from memberlogic.errors import NotFound
from memberlogic.ids import ClubId, ExternalId, new_id
from memberlogic.ledger.model import EntryKind, HoldState, Inactivity, WalletId
from memberlogic.loyalty.programme import Earning, EarningRule, Rate
from memberlogic.loyalty.purchases import PurchaseLine
from memberlogic.testing.worlds import World

__all__ = ["StatementsPromises"]


class StatementsPromises(Certification):
    """The port ``Statements``."""

    def test_what_took_effect_before_is_summed(self, world: World) -> None:
        """PTS-16: in effect before an instant (exclusive), recorded by another (inclusive), and all."""
        account, start = world.account(), world.clock.now()
        world.org.ledger.credit(account, 5, reason="welcome", expires_at=start + timedelta(hours=2))
        world.wait(hours=1)
        world.org.ledger.credit(account, 7, reason="welcome")
        world.wait(hours=9)
        world.ml.run_jobs()
        with world.storage.reading(world.organization.id, world.clock) as uow:

            def before(hours: int, recorded: int) -> tuple[int, int]:
                by = start + timedelta(hours=hours), start + timedelta(hours=recorded)
                sums = uow.statements.before(WalletId(account), *by)
                return sums.known, sums.all

            assert [before(hours, 20) for hours in range(4)] == [(0, 0), (5, 5), (12, 12), (7, 7)]
            assert [before(3, recorded) for recorded in (-1, 0, 1, 9, 10)] == [(0, 7), (5, 7), (12, 7), (12, 7), (7, 7)]
            nothing = uow.statements.before(WalletId(account, "stamps"), start, start)
        assert (nothing.known, nothing.all) == (0, 0)

    def test_lots_come_as_they_were_recorded(self, world: World) -> None:
        """PTS-16: with what was left of them by what was recorded by an instant (inclusive), holds left aside."""
        start = world.clock.now()
        account, target = world.account(credits=[10, 4]), world.account()
        world.wait(hours=1)
        world.org.ledger.transfer(source=account, target=target, points=11)
        world.org.ledger.hold(account, 2, until=start + timedelta(days=9))
        world.wait(hours=1)
        world.org.ledger.credit(account, 5, reason="welcome", expires_at=start + timedelta(hours=3))
        world.wait(days=1)
        world.ml.run_jobs()
        with world.storage.reading(world.organization.id, world.clock) as uow:
            (left,) = uow.wallets.viewing([WalletId(account)])

            def lots(hours: float) -> list[tuple[int, int, int]]:
                then = uow.statements.lots(WalletId(account), start + timedelta(hours=hours))
                return [(lot.amount, lot.remaining, lot.held) for lot in then]

            assert lots(-1) == []
            assert lots(0) == lots(0.5) == [(10, 10, 0), (4, 4, 0)]
            assert lots(1) == [(4, 3, 0)]
            assert lots(2) == lots(25) == [(5, 5, 0), (4, 3, 0)]
            (last,) = uow.statements.lots(WalletId(account), world.clock.now())
            assert (last.id, last.earned_at, last.expires_at) == (left.lots[0].id, start, None)
            assert last.remaining == 3

    def test_what_waits_and_what_lives_by_activity_come_as_they_were_known(self, world: World) -> None:
        """PTS-5, PTS-6: a wallet's lots, and a club's sums, by what was recorded by an instant (inclusive)."""
        later = EarningRule(key="later", gives=Rate(1, 1), pending=Term.of_days(2))
        earning = Earning(rules=[EarningRule(key="base", gives=Rate(1, 1)), later])
        club = world.another_club(expiry=Inactivity(Term.of_days(10)), earning=earning)
        account, known = world.account(club=club), []
        for cents in (10, 5, 0):
            till = ExternalId("till", str(new_id()))
            lines = [PurchaseLine("item", cents)]
            world.org.loyalty.record_purchase(account=account, purchase=till, lines=lines, currency="EUR")
            world.ml.run_jobs()
            known.append((world.clock.now(), world.wallet(account).lots))
            world.wait(days=1)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            counted = uow.statements
            for at, lots in known:
                assert set(counted.lots(WalletId(account), at)) == set(lots)
                points: Counter[datetime | None] = Counter()
                points.update({lot.expires_at: 0 for lot in lots})
                for lot in lots:
                    points[lot.expires_at] += lot.remaining
                left = {until: (remaining, held) for until, remaining, held in counted.left(club.id, POINTS, at)}
                assert left == {until: (each, 0) for until, each in points.items()}
            assert [counted.waited(club.id, POINTS, at) for at, _ in known] == [10, 15, 5]
            assert counted.waited(world.club.id, POINTS, known[0][0]) == 0

    def test_holds_come_whatever_became_of_them(self, world: World) -> None:
        """PTS-9: those that began by an instant, which is inclusive."""
        account, now = world.account(credits=[10]), world.clock.now()
        first = world.org.ledger.hold(account, 1, until=now + timedelta(hours=9)).hold
        world.wait(hours=1)
        second = world.org.ledger.hold(account, 2, until=now + timedelta(hours=8)).hold
        world.org.ledger.release(first)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            early = uow.statements.holds(WalletId(account), now)
            both = uow.statements.holds(WalletId(account), now + timedelta(hours=1))
        assert [(hold.id, hold.state) for hold in early] == [(first, HoldState.RELEASED)]
        assert {hold.id: hold.points for hold in both} == {first: 1, second: 2}

    def test_a_club_is_counted_by_kind_and_by_expiry(self, world: World) -> None:
        """Over all its accounts, and over no other club's; what a hold that ran out reserved is free."""
        now = world.clock.now()
        one, two = world.account(credits=[3]), world.account(credits=[4])
        world.account(club=world.another_club(), credits=[100])
        for account in (one, two):
            world.org.ledger.credit(account, 10, reason="welcome", expires_at=now + timedelta(days=9))
        world.org.ledger.hold(one, 6, until=now + timedelta(days=1))
        world.org.ledger.hold(two, 5, until=now + timedelta(days=2))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            counted = uow.statements
            (kind,) = counted.kinds(world.club.id, POINTS)
            free = [dict(counted.free(world.club.id, POINTS, now + timedelta(days=days))) for days in (0, 1, 2)]
            debt = counted.debt(world.club.id, POINTS)
        assert (kind.kind, kind.entries, kind.points, debt) == (EntryKind.CREDIT, 4, 27, 0)
        assert [each[None] for each in free] == [7, 7, 7]
        assert [each[now + timedelta(days=9)] for each in free] == [9, 15, 20]

    def test_what_a_hold_kept_beyond_its_expiry_is_gone_when_the_hold_is_over(self, world: World) -> None:
        """PTS-9: whoever writes that down; what a hold kept that ran out before is gone at its own expiry."""
        now = world.clock.now()
        account, day = world.account(credits=[3]), timedelta(days=1)
        world.org.ledger.credit(account, 10, reason="welcome", expires_at=now + 2 * day)
        for points, days in ((4, 1), (5, 3)):
            world.org.ledger.hold(account, points, until=now + days * day)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            free = [dict(uow.statements.free(world.club.id, POINTS, now + days * day)) for days in range(4)]
        before, after = {None: 3, now + 2 * day: 1}, {None: 3, now + 2 * day: 5}
        assert free == [before, after, after, after | {now + 3 * day: 5}]

    def test_wallets_that_owe_and_change_of_themselves_are_named(self, world: World) -> None:
        """PTS-10: by an instant (inclusive), of one club; those in which nothing falls due are not."""
        now = world.clock.now()
        club = world.another_club(earning=Earning(rules=[EarningRule(key="base", gives=Rate(1, 1))]))
        held, bare = (world.account(club=club) for _ in range(2))
        for account in (held, bare):
            till = ExternalId("till", str(account))
            lines = [PurchaseLine("item", 10)]
            world.org.loyalty.record_purchase(account=account, purchase=till, lines=lines, currency="EUR")
            hold = world.org.ledger.hold(account, 10, until=now + timedelta(days=1)).hold
            if account == bare:
                world.org.ledger.capture(hold)
            world.org.loyalty.return_purchase(purchase=till, receipt=till)
        moment = timedelta(microseconds=1)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            owing = uow.statements.owing
            assert list(owing(club.id, POINTS, now + timedelta(days=1) - moment)) == []
            assert list(owing(club.id, POINTS, now + timedelta(days=1))) == [WalletId(held)]
            assert list(owing(world.club.id, POINTS, now + timedelta(days=9))) == []
            assert list(uow.wallets.viewing([])) == []
        world.wait(days=1)
        counted = world.org.ledger.outstanding(club.id)
        assert (counted.available, counted.held, counted.debt, counted.outstanding) == (0, 0, 10, -10)

    def test_a_club_is_counted_by_day_and_kind(self, world: World) -> None:
        """PTS-17: business days in the club's zone, before a day, over all its accounts and no other club's."""
        one, two = world.account(credits=[3]), world.account(credits=[4])
        world.account(club=world.another_club(), credits=[100])
        world.wait(hours=12)
        world.org.ledger.transfer(source=one, target=two, points=2)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            days = uow.statements.daily(world.club.id, POINTS, date(2026, 1, 17))
            first = uow.statements.daily(world.club.id, POINTS, date(2026, 1, 16))
            assert uow.statements.daily(world.club.id, "stamps", date(2026, 1, 17)) == []
        said = {(each.day.day, each.kind): (each.entries, each.points) for each in days}
        credited = {(15, EntryKind.CREDIT): (2, 7)}
        assert said == credited | {(16, EntryKind.TRANSFER_OUT): (1, -2), (16, EntryKind.TRANSFER_IN): (1, 2)}
        assert [each.day for each in days] == sorted(each.day for each in days)
        assert {(each.day.day, each.kind): (each.entries, each.points) for each in first} == credited

    def test_a_club_that_is_not_there_is_not_found(self, world: World) -> None:
        """COM-1; nor is a unit that it does not have."""
        other = World(world.storage)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            for club, unit in ((other.club.id, POINTS), (ClubId(new_id()), POINTS), (world.club.id, "stamps")):
                with pytest.raises(NotFound):
                    uow.statements.terms(club, unit)
