"""What a store promises of accounts among schemes: the agenda of reviews, changes and their history, totals by day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memberlogic.calendar import Days, Term
from memberlogic.certification import rising
from memberlogic.certification.base import Certification
from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.ids import AccountId, ExternalId, new_id
from memberlogic.ledger.model import Move, WalletId
from memberlogic.loyalty.measuring import measure
from memberlogic.loyalty.model import Scheme
from memberlogic.loyalty.programme import Earning, EarningRule, Rate
from memberlogic.loyalty.progression import (
    Cause,
    Daily,
    DayTotals,
    Downgrade,
    Grace,
    Metric,
    Pin,
    PinKind,
    Pinned,
    Progression,
    SchemeChange,
    Upgrade,
    Yearly,
)
from memberlogic.loyalty.purchases import PurchaseLine
from memberlogic.loyalty.standing import OnlyReviewed, UpForReview
from memberlogic.storing import Command
from memberlogic.testing.worlds import World

__all__ = ["SchemesPromises"]

_LADDER = (Scheme(code="low", name="Low"), Scheme(code="high", name="High", threshold=1_000))
_PROGRESSION = Progression(
    metric=Metric.MONEY_SPENT,
    window=Term.of_days(5),
    upgrade=Upgrade.AT_REVIEW,
    downgrade=Downgrade.TO_REACHED,
    review=Daily(),
)


def _world(world: World) -> World:
    """A world whose club reviews daily."""
    return World(world.storage, schemes=_LADDER, progression=_PROGRESSION)


def _buy(world: World, account: AccountId, *amounts: int) -> None:
    """One purchase an amount, now."""
    for amount in amounts:
        world.org.loyalty.record_purchase(
            account=account,
            purchase=ExternalId("till", str(new_id())),
            lines=(PurchaseLine("item", amount),),
            currency="EUR",
        )


def _changes(world: World, account: AccountId) -> tuple[SchemeChange, ...]:
    """What is stored of an account's history."""
    with world.storage.reading(world.organization.id, world.clock) as uow:
        return tuple(uow.schemes.changes(account))


class SchemesPromises(Certification):
    """The ports ``Schemes`` and ``Measures``."""

    def test_a_review_is_on_the_agenda_until_it_is_held(self, world: World) -> None:
        """COM-18, SCH-6: found over all organizations, the longest due first, bounded."""
        world = _world(world)
        first = world.account()
        world.wait(days=1)
        second = world.account()
        world.wait(days=1)
        mine = world.organization.id

        def due() -> list[AccountId]:
            return [each.account for each in world.storage.due(world.clock.now(), 100_000) if each.organization == mine]

        assert due() == [first, second]
        assert len(world.storage.due(world.clock.now(), 1)) == 1
        world.ml.run_jobs()
        assert due() == []

    def test_a_change_comes_back_as_it_was_written(self, world: World) -> None:
        """SCH-8: scheme, since, next review and history; a wallet that holds nothing is no obstacle."""
        world = _world(world)
        account = world.account()
        assert world.org.loyalty.account(account).counts_from is None
        _buy(world, account, 1_000)
        world.wait(days=1)
        expected = world.org.loyalty.scheme_history(account)
        world.ml.run_jobs()
        stored = world.org.loyalty.account(account)
        assert (stored.scheme, stored.scheme_since, stored.next_review) == (
            expected.scheme,
            expected.since,
            expected.next_review,
        )
        (change,), (told,) = _changes(world, account), expected.changes
        assert (change.from_scheme, change.to_scheme, change.cause) == (told.from_scheme, told.to_scheme, told.cause)
        assert (change.metric, change.measured, change.window) == (told.metric, told.measured, told.window)
        assert dict(change.thresholds) == dict(told.thresholds)
        assert (change.day, change.effective_at, change.actor) == (told.day, told.effective_at, "system")
        assert change.recorded_at == world.clock.now()
        assert stored.counts_from == change.window.end

    def test_pins_and_graces_come_back_as_they_were_written(self, world: World) -> None:
        """SCH-5, SCH-7: of an account that is opened, moved or reviewed, and in the history; none where none is."""
        world = World(world.storage, schemes=_LADDER, progression=evolve(_PROGRESSION, grace=Term.of_days(9)))
        account, other = world.account(), world.account()
        pin = Pin(PinKind.FLOOR, date(2026, 1, 20))
        world.org.loyalty.move_scheme(account, "high", reason="goodwill", pin=pin)
        world.ml.run_jobs()
        stored = world.org.loyalty.account(account)
        assert stored.pin == Pinned(kind=PinKind.FLOOR, scheme="high", until=date(2026, 1, 20))
        (change,) = _changes(world, account)
        assert (change.cause, change.reason, change.pin) == (Cause.MANUAL, "goodwill", pin)
        world.wait(days=6)
        world.ml.run_jobs()
        stored = world.org.loyalty.account(account)
        assert stored.grace == Grace(since=date(2026, 1, 15), until=date(2026, 1, 29))
        assert (stored.scheme, world.org.loyalty.account(other).grace) == ("high", None)
        yearly = evolve(_PROGRESSION, review=Yearly(1, 1))
        named = world.org.loyalty.open_account(
            club=world.another_club(schemes=_LADDER, progression=yearly).id, member=world.member(), scheme="high"
        )
        assert world.org.loyalty.account(named.id) == named
        assert named.pin is not None
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert list(uow.schemes.standing([account])) == [stored]

    def test_a_whole_club_is_seen_in_one_look(self, world: World) -> None:
        """SCH-10: every account that is not closed, in order, and what purchases of the club come to."""
        world = _world(world)
        accounts = sorted(world.account() for _ in range(3))
        world.account(club=world.another_club(schemes=_LADDER, progression=_PROGRESSION))
        world.org.loyalty.block_account(accounts[1], reason="fraud")
        world.org.loyalty.close_account(accounts[2])
        _buy(world, accounts[0], 100, 250)
        world.wait(days=1)
        _buy(world, accounts[0], 7)
        day = date(2026, 1, 15)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            everyone = uow.schemes.everyone(world.club.id)
            assert [each.id for each in everyone] == accounts[:2]
            assert list(everyone) == list(uow.schemes.standing(accounts[:2]))
            totals = uow.measures.of_club(world.club.id, day)
            assert {account: list(days) for account, days in totals.items()} == {
                accounts[0]: [DayTotals(day, 2, 350, 0), DayTotals(day + timedelta(days=1), 1, 7, 0)]
            }
            later = uow.measures.of_club(world.club.id, day + timedelta(days=2))
            assert {account: list(days) for account, days in later.items() if days} == {}

    @settings(
        max_examples=5,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(said=rising.progressions(), happenings=rising.HAPPENINGS, named=st.none() | st.integers(0, 3))
    def test_accounts_rise_and_fall_as_the_plain_model_says(
        self, world: World, said: Progression, happenings: list[rising.Happening], named: int | None
    ) -> None:
        """SCH-2 to SCH-8: every policy with every other, over three years."""
        lived, account = rising.live(world.storage, said, happenings, named)
        model = rising.Model(said, rising.OPENED, named).live(happenings)
        assert rising.changes(lived, account) == model.changes
        stored = lived.org.loyalty.account(account)
        assert stored.scheme == rising.CODES[model.rank]
        assert (stored.grace and (stored.grace.since, stored.grace.until)) == model.grace

    def test_history_comes_in_order_of_its_instants(self, world: World) -> None:
        """Also where several were written down at once."""
        world = _world(world)
        account = world.account()
        for _ in range(3):
            _buy(world, account, 1_000)
            world.wait(days=10)
        world.ml.run_jobs()
        found = [(each.effective_at, each.to_scheme) for each in _changes(world, account)]
        assert found == sorted(found)
        assert [to for _, to in found] == ["high", "low"] * 3

    def test_histories_of_several_accounts_come_at_once(self, world: World) -> None:
        """Each in its order, one without changes with none."""
        world = _world(world)
        one, two, three = (world.account() for _ in range(3))
        for _ in range(2):
            _buy(world, one, 1_000)
            world.wait(days=10)
        _buy(world, three, 1_000)
        world.wait(days=1)
        world.ml.run_jobs()
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.schemes.histories([]) == {}
            found = uow.schemes.histories([one, two, three])
        assert {id: tuple(changes) for id, changes in found.items()} == {
            each: _changes(world, each) for each in (one, two, three)
        }
        assert [len(found[each]) for each in (one, two, three)] == [4, 0, 1]

    def test_when_holders_are_told_comes_back_and_is_on_the_agenda(self, world: World) -> None:
        """SCH-9, COM-18: of an account that is opened, reviewed, looked at, told of and closed; inclusive."""
        told = evolve(_PROGRESSION, warnings=(Term.of_days(2),))
        world = World(world.storage, schemes=_LADDER, progression=told)
        plain, account = world.account(), world.account()
        start = world.clock.now()
        named = world.org.loyalty.open_account(club=world.club.id, member=world.member(), scheme="high")
        mine = {account, named.id}

        def due(at: datetime) -> list[tuple[AccountId, datetime]]:
            found = world.storage.due(at, 100_000)
            return [(each.account, each.at) for each in found if each.account in mine and each.unit is None]

        def times(id: AccountId) -> tuple[datetime | None, datetime | None]:
            stored = world.org.loyalty.account(id)
            return stored.next_warning, stored.warned_at

        assert times(plain) == times(account) == (None, None)
        assert times(named.id) == (start, None)
        command = Command(organization=world.organization.id, name="test", actor="system")
        later, last = start + timedelta(hours=2), start + timedelta(hours=1)
        with world.storage.work(command, world.clock) as uow:
            wallets = uow.wallets.moving([Move(WalletId(id)) for id in sorted(mine)])
            stored = uow.schemes.standing([account, named.id])
            uow.schemes.look([account], start)
            uow.schemes.look([], start)
            uow.schemes.warned([evolve(stored[1], next_warning=later, warned_at=last, scheme="low")])
            uow.wallets.post(wallets, [])
            uow.finish(None)
        assert times(account) == (start, None)
        assert times(named.id) == (later, last)
        assert world.org.loyalty.account(named.id).scheme == "high"
        assert due(start - timedelta(microseconds=1)) == []
        assert due(start) == due(later - timedelta(microseconds=1)) == [(account, start)]
        assert due(later) == [(account, start), (named.id, later)]
        with world.storage.work(evolve(command), world.clock) as uow:
            wallets = uow.wallets.moving([Move(WalletId(account))])
            (found,) = uow.schemes.standing([account])
            uow.schemes.post([], [evolve(found, next_warning=later, warned_at=start)])
            uow.wallets.post(wallets, [])
            uow.finish(None)
        assert times(account) == (later, start)
        world.org.loyalty.close_account(account)
        assert times(account)[0] is None
        assert due(later) == [(named.id, later)]

    def test_what_was_reviewed_on_stale_facts_is_refused(self, world: World) -> None:
        """COM-16: the wallets' version guards the scheme too."""
        world = _world(world)
        account = world.account(credits=[5])
        stale = world.wallet(account)
        world.org.ledger.credit(account, 1, reason="welcome")
        reviewed = world.org.loyalty.account(account)
        command = Command(organization=world.organization.id, name="test", actor="system")
        with pytest.raises(ConcurrencyConflict), world.storage.work(command, world.clock) as uow:
            uow.wallets.moving([Move(WalletId(account))])
            uow.schemes.post([], [evolve(reviewed, next_review=None)])
            uow.wallets.post([stale], [])
            uow.finish(None)
        assert world.org.loyalty.account(account).next_review == reviewed.next_review

    def test_accounts_come_in_the_order_asked_and_the_missing_one_is_named(self, world: World) -> None:
        """One look, whatever order the store has."""
        accounts = [world.account() for _ in range(3)]
        nobody = AccountId(new_id())
        with world.storage.reading(world.organization.id, world.clock) as uow:
            asked = [accounts[2], accounts[0], accounts[1]]
            assert [each.id for each in uow.schemes.standing(asked)] == asked
            assert list(uow.schemes.standing([])) == []
            with pytest.raises(NotFound) as refusal:
                uow.schemes.standing([accounts[0], nobody])
        assert refusal.value.details["id"] == str(nobody)

    def test_due_accounts_of_a_club_come_in_pages(self, world: World) -> None:
        """In order of their ids; other clubs' are not among them."""
        world = _world(world)
        accounts = sorted(world.account() for _ in range(3))
        world.account(club=world.another_club(schemes=_LADDER, progression=_PROGRESSION))
        world.wait(days=1)
        now = world.clock.now()
        with world.storage.reading(world.organization.id, world.clock) as uow:
            first = uow.schemes.due(world.club.id, now, limit=2)
            rest = uow.schemes.due(world.club.id, now, after=first[-1].id, limit=2)
            assert [each.id for each in (*first, *rest)] == accounts
            assert list(uow.schemes.due(world.club.id, now - timedelta(days=1), limit=9)) == []

    def test_totals_come_by_account_and_day(self, world: World) -> None:
        """SCH-2: what counts, since a day (inclusive), for many accounts at once; without any, none."""
        world = _world(world)
        many = [world.account() for _ in range(5)]
        _buy(world, many[0], 100, 250)
        _buy(world, many[1], 1)
        world.wait(days=1)
        _buy(world, many[0], 7)
        world.org.loyalty.block_account(many[1], reason="fraud")
        _buy(world, many[1], 1_000_000)
        day = date(2026, 1, 15)
        later = day + timedelta(days=1)
        assert _totals(world, many, day) == {
            many[0]: [DayTotals(day, 2, 350, 0), DayTotals(later, 1, 7, 0)],
            many[1]: [DayTotals(day, 1, 1, 0)],
        } | {account: [] for account in many[2:]}
        assert _totals(world, many[:2], later) == {many[0]: [DayTotals(later, 1, 7, 0)], many[1]: []}
        assert _totals(world, [], day) == {}

    @pytest.mark.parametrize("metric", Metric)
    def test_a_metric_over_a_window_is_the_sum_of_its_days(self, world: World, metric: Metric) -> None:
        """SCH-2: for many accounts in one look; half-open."""
        earning = Earning(rules=[EarningRule(key="base", gives=Rate(1, per=100))])
        world = World(world.storage, schemes=_LADDER, progression=_PROGRESSION, earning=earning)
        accounts = [world.account() for _ in range(3)]
        start = world.clock.now().date()
        for day in range(4):
            for account, amount in zip(accounts, (500, 1_100), strict=False):
                _buy(world, account, amount + 100 * day)
            world.wait(days=1)
        window = Days(start + timedelta(days=1), start + timedelta(days=3))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            totals = uow.measures.daily(accounts, start)
            found = uow.measures.over(accounts, metric, window)
            assert uow.measures.over([], metric, window) == {}
        expected = {account: measure(metric, window, totals[account]) for account in accounts}
        assert {account: found.get(account, 0) for account in accounts} == expected
        assert expected[accounts[1]] > 0 == expected[accounts[2]]

    def test_accounts_for_which_nothing_but_a_review_is_due_are_found(self, world: World) -> None:
        """SCH-6: in pages, and when they are reviewed next is written with their version."""
        world = _world(world)
        expiring, first, pinned, second = sorted(world.account() for _ in range(4))
        world.org.ledger.credit(expiring, 5, reason="welcome", expires_at=world.clock.now() + timedelta(hours=20))
        pin = Pin(PinKind.FIXED, world.clock.now().date() + timedelta(days=90))
        world.org.loyalty.move_scheme(pinned, "high", reason="kindness", pin=pin)
        alone = World(world.storage, schemes=_LADDER, progression=_PROGRESSION)
        alone.account()
        world.wait(days=1)
        command = Command(organization=world.organization.id, name="test", actor="system")
        told = world.storage.reviews_due(world.clock.now())
        (due,) = (each for each in told if each.club in {world.club.id, alone.club.id})
        assert (due.organization, due.club) == (world.organization.id, world.club.id)
        assert due not in world.storage.reviews_due(world.clock.now(), {world.organization.id})
        assert due not in world.storage.reviews_due(due.at - timedelta(microseconds=1))
        with world.storage.work(command, world.clock) as uow:
            before = uow.schemes.standing([first])[0]
            assert due.at == before.next_review
            wanted = partial(uow.schemes.only_reviewed, world.club.id, due.at, uow.now)
            assert wanted(limit=1) == OnlyReviewed(accounts=(), last=expiring)
            page = wanted(after=expiring, limit=1)
            assert page.last == first
            assert page.accounts == (UpForReview(first, before.scheme, before.state),)
            rest = wanted(after=first, limit=9)
            assert ([each.account for each in rest.accounts], rest.last) == ([second], None)
            assert wanted(after=second, limit=9) == OnlyReviewed(accounts=(), last=None)
            nothing = uow.schemes.only_reviewed(world.club.id, due.at + timedelta(days=1), uow.now, limit=9)
            assert nothing == OnlyReviewed(accounts=(), last=None)
            uow.schemes.reviewed([first], uow.now + timedelta(days=3), uow.now)
            uow.finish(None)
        after = world.org.loyalty.account(first)
        assert (after.next_review, after.effective_at) == (world.clock.now() + timedelta(days=3), world.clock.now())
        assert after.version == before.version + 1
        assert world.org.loyalty.account(second).version == before.version

    @pytest.mark.parametrize("metric", Metric)
    def test_the_accounts_with_the_most_come_first(self, world: World, metric: Metric) -> None:
        """Of any metric, over a half-open window, in some schemes of one club, at most so many, open ones only."""
        world = _world(world)
        most, less, blocked, outside = (world.account() for _ in range(4))
        _buy(world, outside, 9_000, 9_000, 9_000)
        world.wait(days=7)
        _buy(world, most, 500, 300)
        world.wait(days=1)
        _buy(world, most, 500)
        _buy(world, less, 600)
        _buy(world, blocked, 900, 900, 900)
        world.org.loyalty.block_account(blocked, reason="fraud")
        window = Days(date(2026, 1, 16), date(2026, 1, 24))

        def leading(schemes: Iterable[str], limit: int) -> list[AccountId]:
            with world.storage.reading(world.organization.id, world.clock) as uow:
                return list(uow.measures.leading(world.club.id, metric, window, frozenset(schemes), limit))

        ties = sorted([most, less]) if metric is Metric.POINTS_EARNED else [most, less]
        assert leading({"low", "high"}, 9) == ties
        assert leading({"low", "high"}, 1) == ties[:1]
        assert leading(set(), 9) == []

    def test_changes_and_accounts_are_counted(self, world: World) -> None:
        """By business day (half-open) and by scheme; closed accounts and other clubs are not."""
        world = _world(world)
        accounts = [world.account() for _ in range(3)]
        for account in accounts[:2]:
            _buy(world, account, 1_000)
        world.org.loyalty.close_account(accounts[2])
        world.account(club=world.another_club(schemes=_LADDER, progression=_PROGRESSION))
        world.wait(days=1)
        world.ml.run_jobs()
        day = date(2026, 1, 16)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            counted = uow.schemes.counted(world.club.id)
            assert {scheme: accounts for scheme, accounts in counted.items() if accounts} == {"high": 2}
            on = uow.schemes.migrated(world.club.id, Days(day, day + timedelta(days=1)))
            assert list(on) == [(day, "low", "high", 2)]
            assert list(uow.schemes.migrated(world.club.id, Days(day - timedelta(days=9), day))) == []


def _totals(world: World, accounts: list[AccountId], since: date) -> dict[AccountId, list[DayTotals]]:
    with world.storage.reading(world.organization.id, world.clock) as uow:
        return {account: list(days) for account, days in uow.measures.daily(accounts, since).items()}
