"""SCH-7: moving an account by hand, and how long it holds."""

from __future__ import annotations

from datetime import date

import pytest
from tests.loyalty.test_staying import a_world, buy, changes, scheme, until

from memberlogic import (
    Actor,
    AnniversaryYear,
    CalendarYear,
    Daily,
    Monthly,
    OnAnniversary,
    Pin,
    PinKind,
    SinceChange,
    Term,
    Upgrade,
    Yearly,
)
from memberlogic.errors import InvalidInput, NotFound, PermissionDenied
from memberlogic.ids import new_id
from memberlogic.loyalty.changing import SchemeChanged
from memberlogic.loyalty.progression import Cause, Metric, Pinned

pytestmark = pytest.mark.rule("SCH-7")


def test_a_move_has_a_reason_and_is_in_the_history_with_what_was_counted(make_world):
    world = a_world(make_world, window=Term.of_months(6))
    account = world.account()
    buy(world, account, 40)
    sam = world.staff("members.schemes:update", "members.accounts:read")
    moved = sam.loyalty.move_scheme(account, "gold", reason="goodwill", pin=Pin(PinKind.FLOOR, date(2016, 8, 1)))
    assert (moved.from_scheme, moved.to_scheme, moved.reason) == ("base", "gold", "goodwill")
    assert moved.pin == Pinned(kind=PinKind.FLOOR, scheme="gold", until=date(2016, 8, 1))
    assert "until 2016-08-01" in moved.explain().text()
    (change,) = world.org.loyalty.scheme_history(account).changes
    assert (change.cause, change.reason, change.actor) == (Cause.MANUAL, "goodwill", "staff:sam")
    assert (change.metric, change.measured, change.window.end) == (Metric.MONEY_SPENT, 40, date(2016, 3, 1))
    assert change.pin == Pin(PinKind.FLOOR, date(2016, 8, 1))
    assert dict(change.thresholds) == {"base": 0, "silver": 100, "gold": 300, "platinum": 900}
    stored = world.org.loyalty.account(account)
    assert (stored.scheme, stored.scheme_since, stored.pin) == ("gold", world.clock.now(), moved.pin)
    (event,) = [each for each in world.events() if isinstance(each.event, SchemeChanged)]
    assert (event.actor, event.event.reason, event.event.cause) == ("staff:sam", "goodwill", Cause.MANUAL)
    world.org.ledger.credit(account, 5, reason="welcome")
    assert world.entries(account)[-1].scheme == "gold"


def test_a_floor_holds_through_the_day_before_its_end_and_lets_it_rise(make_world):
    world = a_world(make_world, window=Term.of_days(30), review=Monthly(1))
    account = world.account()
    world.org.loyalty.move_scheme(account, "silver", reason="goodwill", pin=Pin(PinKind.FLOOR, date(2016, 6, 15)))
    until(world, date(2016, 3, 20))
    buy(world, account, 900)
    until(world, date(2016, 4, 1))
    assert scheme(world, account) == "platinum"
    # Nothing counts before 1 May: it goes down, and lands on the floor.
    until(world, date(2016, 5, 1))
    assert scheme(world, account) == "silver"
    until(world, date(2016, 6, 14), 23)
    assert scheme(world, account) == "silver"
    until(world, date(2016, 6, 15), 0)
    assert scheme(world, account) == "base"
    world.ml.run_jobs()
    assert [(each[0], each[2]) for each in changes(world, account)] == [
        (date(2016, 2, 29), "silver"),
        (date(2016, 4, 1), "platinum"),
        (date(2016, 5, 1), "silver"),
        (date(2016, 6, 15), "base"),
    ]


def test_while_fixed_nothing_automatic_changes_it(make_world):
    world = a_world(make_world, window=Term.of_days(30), review=Daily(), upgrade=Upgrade.AT_ONCE)
    up, down = world.account(), world.account()
    for each, code in ((up, "silver"), (down, "gold")):
        world.org.loyalty.move_scheme(each, code, reason="court", pin=Pin(PinKind.FIXED, date(2016, 3, 10)))
    buy(world, up, 900)
    until(world, date(2016, 3, 9), 23)
    buy(world, up, 900)
    assert [scheme(world, each) for each in (up, down)] == ["silver", "gold"]
    until(world, date(2016, 3, 10), 0)
    assert [scheme(world, each) for each in (up, down)] == ["platinum", "base"]


@pytest.mark.parametrize(
    ("said", "until_"),
    [
        ({"review": Monthly(1)}, None),
        ({"review": Daily()}, None),
        ({"review": Yearly(7, 1)}, date(2016, 7, 1)),
        ({"review": OnAnniversary()}, date(2017, 2, 28)),
        ({"review": Monthly(1), "window": CalendarYear()}, date(2017, 1, 1)),
        ({"review": Monthly(1), "window": AnniversaryYear()}, date(2017, 2, 28)),
        ({"review": Monthly(1), "minimum_stay": Term.of_months(3)}, date(2016, 5, 29)),
        ({"review": Yearly(4, 1), "minimum_stay": Term.of_months(3)}, date(2016, 5, 29)),
        ({"window": SinceChange(), "minimum_stay": Term.of_months(3)}, date(2016, 5, 29)),
    ],
)
def test_without_a_pin_it_holds_as_a_floor_for_what_the_club_has(make_world, said, until_):
    """Opening an account in a scheme named by staff is the same (SCH-1)."""
    world = a_world(make_world, **said)
    moved = world.account()
    answer = world.org.loyalty.move_scheme(moved, "gold", reason="goodwill")
    named = world.org.loyalty.open_account(club=world.club.id, member=world.member(), scheme="gold")
    expected = until_ and Pinned(kind=PinKind.FLOOR, scheme="gold", until=until_)
    assert answer.pin == named.pin == world.org.loyalty.account(moved).pin == expected
    assert answer.next_review == named.next_review
    last = until_ or (date(2016, 3, 1))
    world.clock.set(answer.next_review)
    while world.org.loyalty.account(moved).scheme == "gold":
        world.clock.set(world.org.loyalty.account(moved).next_review)
    assert scheme(world, named.id) == "base"
    world.ml.run_jobs()
    assert changes(world, moved)[-1][0] == changes(world, named.id)[-1][0] == last


def test_a_club_that_counts_nothing_moves_by_hand_only(world):
    of = world.another_club(schemes=a_world().club.schemes)
    account = world.account(club=of)
    moved = world.org.loyalty.move_scheme(account, "silver", reason="goodwill")
    assert (moved.pin, moved.next_review) == (None, None)
    (change,) = world.org.loyalty.scheme_history(account).changes
    assert (change.metric, change.measured, change.window.start) == (None, 0, change.window.end)
    assert "goodwill" in moved.explain().text()
    assert "measured 0" in world.org.loyalty.scheme_history(account).explain().text()


def test_a_blocked_account_may_be_moved_and_a_pin_replaced(make_world):
    world = a_world(make_world)
    account = world.account()
    world.org.loyalty.block_account(account, reason="fraud")
    world.org.loyalty.move_scheme(account, "silver", reason="goodwill", pin=Pin(PinKind.FIXED, date(2017, 1, 1)))
    again = world.org.loyalty.move_scheme(account, "silver", reason="mistake")
    assert again.pin is None
    assert world.org.loyalty.account(account).pin is None
    assert [each[1:4] for each in changes(world, account)] == [
        ("base", "silver", "manual"),
        ("silver", "silver", "manual"),
    ]
    assert [
        each.accounts for each in world.org.loyalty.migration(world.club.id, date(2016, 1, 1), date(2017, 1, 1)).moves
    ] == [1]


def test_moving_is_done_once_for_a_key(make_world):
    world = a_world(make_world)
    account = world.account()
    first = world.org.loyalty.move_scheme(account, "gold", reason="goodwill", idempotency_key="k")
    assert world.org.loyalty.move_scheme(account, "gold", reason="goodwill", idempotency_key="k") == first
    assert len(changes(world, account)) == 1


def test_what_cannot_be_moved_is_refused_and_leaves_nothing(make_world):
    world = a_world(make_world)
    account, closed = world.account(), world.account()
    world.org.loyalty.close_account(closed)
    move = world.org.loyalty.move_scheme
    for code, refused in (
        ("scheme.unknown", lambda: move(account, "diamond", reason="goodwill")),
        ("scheme.pin_over", lambda: move(account, "gold", reason="x", pin=Pin(PinKind.FIXED, date(2016, 2, 29)))),
        ("account.not_open", lambda: move(closed, "gold", reason="goodwill")),
        ("not_found", lambda: move(new_id(), "gold", reason="goodwill")),
    ):
        with pytest.raises(Exception) as refusal:
            refused()
        assert refusal.value.code == code
    for said, path in (
        ({"reason": "Because I say so"}, "reason"),
        ({"reason": "goodwill", "pin": date(2017, 1, 1)}, "pin"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            move(account, "gold", **said)
        assert refusal.value.path == path
    with pytest.raises(InvalidInput):
        Pin(PinKind.FIXED, date.max)
    assert changes(world, account) == []
    owner = world.acting_as(Actor.member(world.org.loyalty.account(account).owner))
    with pytest.raises(PermissionDenied):
        owner.loyalty.move_scheme(account, "gold", reason="goodwill")
    with pytest.raises(NotFound):
        world.acting_as(Actor.member(world.member())).loyalty.scheme_history(account)
