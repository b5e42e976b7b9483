"""PTS-16, PTS-18: the statement, through the public service, on every store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import After, Earning, EarningRule, ExternalId, PurchaseLine, Rate, Redeeming, Term
from memberlogic.actors import Actor
from memberlogic.certification.wallets import _command, _entry
from memberlogic.errors import InvalidInput, NotFound, PermissionDenied
from memberlogic.ids import EntryId, LotId, new_id
from memberlogic.ledger.model import EntryKind, Lot, Move, WalletId
from memberlogic.ledger.posting import posted
from memberlogic.ledger.stating import Expiring
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-16")

JANUARY = {"since": date(2026, 1, 1), "until": date(2026, 2, 1)}
FEBRUARY = {"since": date(2026, 2, 1), "until": date(2026, 3, 1)}


def points(lines) -> list[tuple[EntryKind, int, int]]:
    """What lines say of points."""
    return [(line.kind, line.points, line.balance) for line in lines]


def test_a_statement_opens_lists_entries_and_closes(world):
    account, target = world.account(credits=[100]), world.account()
    world.wait(days=20)
    world.org.ledger.transfer(source=account, target=target, points=30)
    world.org.ledger.credit(account, 5, reason="welcome")
    january = world.org.ledger.statement(account, **JANUARY)
    assert (january.opening, january.closing) == (0, 100)
    assert points(january.lines) == [(EntryKind.CREDIT, 100, 100)]
    february = world.org.ledger.statement(account, **FEBRUARY)
    assert (february.opening, february.closing, february.available) == (100, 75, 75)
    assert points(february.lines) == [(EntryKind.TRANSFER_OUT, -30, 70), (EntryKind.CREDIT, 5, 75)]
    assert (february.days.start, february.days.last_day) == (date(2026, 2, 1), date(2026, 2, 28))


@pytest.mark.rule("COM-3", "COM-4")
def test_a_period_is_of_business_days_in_the_clubs_zone_half_open(make_world):
    world = make_world(at=datetime(2026, 1, 31, 22, 59, 59, tzinfo=UTC))  # the last second of January in Berlin
    account = world.account(credits=[1])
    world.wait(seconds=1)
    world.org.ledger.credit(account, 10, reason="welcome")
    assert [line.points for line in world.org.ledger.statement(account, **JANUARY).lines] == [1]
    assert [line.points for line in world.org.ledger.statement(account, **FEBRUARY).lines] == [10]


def test_entries_come_by_the_instant_they_took_effect(world):
    """Expiry stands where it belongs, though it was written down later, or not yet."""
    account = world.account()
    expires = world.clock.now() + timedelta(days=2)
    world.org.ledger.credit(account, 10, reason="welcome", expires_at=expires)
    world.wait(days=1)
    world.org.ledger.credit(account, 5, reason="welcome")
    world.wait(days=60)
    unwritten = world.org.ledger.statement(account, **JANUARY)
    kinds = [(EntryKind.CREDIT, 10, 10), (EntryKind.CREDIT, 5, 15), (EntryKind.EXPIRE, -10, 5)]
    assert points(unwritten.lines) == kinds
    assert (unwritten.lines[2].entry, unwritten.lines[2].effective_at, unwritten.later) == (None, expires, ())
    world.ml.run_jobs()
    written = world.org.ledger.statement(account, **JANUARY)
    assert (points(written.lines), written.closing, written.later) == (kinds, 5, ())
    assert written.lines[2].entry == world.entries(account)[-1].id
    assert world.org.ledger.statement(account, **FEBRUARY).opening == 5


def test_what_was_recorded_after_the_end_of_the_period_stands_apart(world):
    account = world.account(credits=[100])
    effective, recorded = datetime(2026, 1, 20, tzinfo=UTC), datetime(2026, 2, 3, tzinfo=UTC)
    before = world.org.ledger.statement(account, **JANUARY)
    world.clock.set(recorded)
    with world.storage.work(_command(world), world.clock) as uow:
        (wallet,) = uow.wallets.moving([Move(WalletId(account))])
        lot = Lot(id=LotId(new_id()), amount=7, remaining=7, earned_at=effective, expires_at=None)
        late = evolve(
            _entry(wallet, EntryKind.CREDIT, 7, opened=(lot,)),
            id=EntryId(new_id()),
            effective_at=effective,
            recorded_at=recorded,
            business_day=date(2026, 1, 20),
        )
        uow.wallets.post([posted(wallet, late)], [late])
        uow.finish(None)
    january = world.org.ledger.statement(account, **JANUARY)
    assert (january.opening, january.lines, january.closing) == (before.opening, before.lines, before.closing)
    assert points(january.later) == [(EntryKind.CREDIT, 7, 107)]
    assert world.org.ledger.statement(account, **FEBRUARY).opening == 107


def bought(world, account, at, amount=100, redeem=0):
    """A purchase of an instant that has passed, which earns a point for each minor unit that points do not pay."""
    line = PurchaseLine("bread", amount)
    return world.org.loyalty.record_purchase(
        account=account,
        purchase=ExternalId("till", new_id().hex),
        lines=[line],
        currency="EUR",
        at=at,
        redeem=redeem,
    )


EARNING = {
    "earning": Earning(rules=(EarningRule(key="base", gives=Rate(1, 1)),)),
    "redeeming": Redeeming(points=1, value=1),
}


def same(statement):
    """What a statement says of its period: all but what nobody had written down when it was first asked for."""
    return (
        statement.opening,
        statement.closing,
        [evolve(line, entry=None, recorded_at=line.effective_at) for line in statement.lines],
    )


def test_points_that_expired_before_they_were_recorded_stand_apart_with_their_expiry(make_world):
    """A statement of January, asked for in February, and again after a purchase of January was recorded."""
    world = make_world(expiry=After(Term.of_days(10)), **EARNING)
    account, at = world.account(), datetime(2026, 1, 16, 9, tzinfo=UTC)
    world.clock.set(datetime(2026, 2, 20, tzinfo=UTC))
    before = world.org.ledger.statement(account, **JANUARY)
    bought(world, account, at)
    for run in (lambda: None, world.ml.run_jobs):
        run()
        january = world.org.ledger.statement(account, **JANUARY)
        assert same(january) == same(before)
        assert (january.opening, january.lines, january.closing) == (0, (), 0)
        assert points(january.later) == [(EntryKind.EARN, 100, 100), (EntryKind.EXPIRE, -100, 0)]
        february = world.org.ledger.statement(account, **FEBRUARY)
        assert (february.opening, february.lines, february.closing) == (0, (), 0)


def test_points_that_were_said_to_expire_stand_though_a_purchase_turns_up_that_they_paid(make_world):
    """100 points expired on 26 January, by what was known at its end; 60 of them had paid on the 20th."""
    world = make_world(expiry=After(Term.of_days(10)), **EARNING)
    account = world.account(credits=[100])
    world.clock.set(datetime(2026, 2, 3, tzinfo=UTC))
    before = world.org.ledger.statement(account, **JANUARY)
    lines = [(EntryKind.CREDIT, 100, 100), (EntryKind.EXPIRE, -100, 0)]
    assert points(before.lines) == lines
    bought(world, account, datetime(2026, 1, 20, 9, tzinfo=UTC), 60, redeem=60)
    for run in (lambda: None, world.ml.run_jobs):
        run()
        january = world.org.ledger.statement(account, **JANUARY)
        assert (points(january.lines), january.closing) == (lines, 0)
        assert same(january) == same(before)
        assert points(january.later) == [(EntryKind.REDEEM, -60, 40), (EntryKind.EXPIRE, 60, 0)]
        assert world.org.ledger.statement(account, **FEBRUARY).opening == 0


@pytest.mark.parametrize("days", [3, 30])
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["credit", "expiring", "hold", "capture", "release", "late", "paying", "jobs"]),
            st.integers(1, 20),
            st.integers(0, 200),
        ),
        max_size=15,
    )
)
def test_a_statement_says_the_same_whenever_it_is_asked_for(days, steps):
    """Opening balance + lines = closing balance = the balance at the period's last instant; nothing is negative."""
    world = World(MemoryStorage(), expiry=After(Term.of_days(6)), **EARNING)
    account, holds, first = world.account(), [], {}
    periods = [(date(2026, 1, 1) + timedelta(days=at), at) for at in range(0, 180, days)]

    def look():
        late = set()
        for since, _ in periods:
            until = since + timedelta(days=days)
            end = datetime(until.year, until.month, until.day, tzinfo=ZoneInfo("Europe/Berlin"))
            if end > world.clock.now():
                break
            statement = world.org.ledger.statement(account, since=since, until=until)
            assert statement.opening + sum(line.points for line in statement.lines) == statement.closing
            assert min([statement.opening, *(line.balance for line in (*statement.lines, *statement.later))]) >= 0
            then = world.org.ledger.balance(account, as_of=end - timedelta(microseconds=1))
            assert statement.closing == then.available + then.held - then.debt
            assert same(first.setdefault(since, statement)) == same(statement)
            if not late:
                start = datetime(since.year, since.month, since.day, tzinfo=ZoneInfo("Europe/Berlin"))
                begun = world.org.ledger.balance(account, as_of=start - timedelta(microseconds=1))
                assert statement.opening == begun.available + begun.held
            late |= {*statement.later}

    for step, number, hours in steps:
        now = world.clock.now()
        if step == "credit":
            world.org.ledger.credit(account, number, reason="welcome")
        elif step == "expiring":
            world.org.ledger.credit(account, number, reason="welcome", expires_at=now + timedelta(hours=3 * number))
        elif step == "hold" and world.available(account) >= number:
            holds.append(world.org.ledger.hold(account, number, until=now + timedelta(hours=15 * number)).hold)
        elif step in ("capture", "release") and holds:
            hold = holds.pop(number % len(holds))
            if world.org.ledger.find_hold(hold).state.value == "open":
                getattr(world.org.ledger, step)(hold)
        elif step in ("late", "paying"):
            moved = max([world.org.loyalty.account(account).effective_at, now - timedelta(hours=10 * number)])
            then = world.org.ledger.balance(account, as_of=moved).available
            most = min(then, world.available(account)) if step == "paying" else 0
            bought(world, account, moved, 20, redeem=min(number, most))
        elif step == "jobs":
            world.ml.run_jobs()
        look()
        world.wait(hours=hours, seconds=1)
        look()


def test_all_upcoming_expiries_come_by_day(make_world):
    world = make_world(expiry=After(Term.of_days(90)))
    account = world.account(credits=[10, 5])
    world.wait(days=1)
    world.org.ledger.credit(account, 7, reason="welcome")
    world.org.ledger.credit(account, 1, reason="welcome", expires_at=world.clock.now() + timedelta(days=400))
    world.org.ledger.hold(account, 4, until=world.clock.now() + timedelta(days=5))
    statement = world.org.ledger.statement(account, **JANUARY)
    assert statement.expiring == (
        Expiring(date(2026, 4, 15), 11),
        Expiring(date(2026, 4, 16), 7),
        Expiring(date(2027, 2, 20), 1),
    )
    assert (statement.available, statement.held) == (19, 4)


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["credit", "expiring", "hold", "capture", "jobs"]), st.integers(1, 20), st.integers(0, 9)
        ),
        max_size=15,
    )
)
def test_the_closing_balance_of_a_period_is_the_opening_balance_of_the_next(steps):
    """And the last one is what is available, held or owed now."""
    world = World(MemoryStorage())
    account, holds = world.account(), []
    for step, number, days in steps:
        now = world.clock.now()
        if step == "credit":
            world.org.ledger.credit(account, number, reason="welcome")
        elif step == "expiring":
            world.org.ledger.credit(account, number, reason="welcome", expires_at=now + timedelta(days=number))
        elif step == "hold" and world.available(account) >= number:
            holds.append(world.org.ledger.hold(account, number, until=now + timedelta(days=15)).hold)
        elif step == "capture" and holds:
            hold = holds.pop()
            if world.org.ledger.find_hold(hold).state.value == "open":
                world.org.ledger.capture(hold)
        elif step == "jobs":
            world.ml.run_jobs()
        world.wait(days=days)
    day, closing = date(2026, 1, 1), 0
    while day <= world.clock.now().date():
        following = day + timedelta(days=10)
        statement = world.org.ledger.statement(account, since=day, until=following)
        assert statement.opening == closing
        assert statement.closing == closing + sum(line.points for line in statement.lines)
        day, closing = following, statement.closing
    assert closing == statement.available + statement.held


@pytest.mark.rule("PTS-18")
def test_each_line_says_club_scheme_day_actor_reason_reference_and_why(make_world):
    world = make_world(at=datetime(2026, 1, 31, 23, 30, tzinfo=UTC))  # 1 February in Berlin
    account = world.account()
    staff = world.staff("members.points:create")
    staff.ledger.credit(account, 10, reason="goodwill", reference="Case 7")
    (line,) = world.org.ledger.statement(account, **FEBRUARY).lines
    assert (line.club, line.scheme, line.business_day) == (world.club.id, "standard", date(2026, 2, 1))
    assert (line.actor, line.reason, line.reference) == ("staff:sam", "goodwill", "Case 7")
    assert line.effective_at == line.recorded_at == world.clock.now()
    assert [each.code for each in line.because] == ["expiry.by_policy"]
    assert line.text() == ("2026-02-01         +10          10  credit (goodwill, Case 7), by staff:sam in standard")
    assert line.explain().splitlines()[1] == "    - expiry.by_policy (PTS-6): expires at never"


@pytest.mark.rule("COM-12")
def test_a_statement_reads_as_text(make_world):
    world = make_world(expiry=After(Term.of_days(90)))
    account = world.account(credits=[10])
    world.org.ledger.hold(account, 4, until=world.clock.now() + timedelta(days=500))
    statement = world.org.ledger.statement(account, **JANUARY)
    assert statement.text().splitlines() == [
        f"Points of the account {account}, 2026-01-01 to 2026-01-31",
        "2026-01-01                       0  opening balance",
        "2026-01-15         +10          10  credit (welcome), by system in standard",
        "2026-01-31                      10  closing balance",
        "Now 6 are available and 4 are held.",
        "6 expire on 2026-04-15.",
    ]
    assert "    - expiry.by_policy (PTS-6)" in statement.text(explained=True)


@pytest.mark.rule("COM-20")
def test_entries_are_read_lazily_in_pages(world):
    account = world.account(credits=[1] * 7)
    written = world.entries(account)
    for page in (1, 3, 7, 500):
        assert list(world.org.ledger.entries(account, page=page)) == written
    reading = world.org.ledger.entries(account, page=3)
    first = [next(reading) for _ in range(3)]
    world.wait(days=1)
    world.org.ledger.credit(account, 9, reason="welcome")  # what comes in between is neither lost nor doubled
    assert [*first, *reading] == [*written, world.entries(account)[-1]]


@pytest.mark.rule("COM-13", "COM-11")
def test_a_statement_is_read_by_who_holds_the_account_or_may(world):
    account = world.account(credits=[10])
    stranger = world.acting_as(Actor.member(world.member())).ledger
    for act in (lambda ledger: ledger.statement(account, **JANUARY), lambda ledger: ledger.entries(account)):
        with pytest.raises(NotFound):
            act(stranger)
        with pytest.raises(PermissionDenied):
            act(world.staff("members.points:create").ledger)
    owner = world.acting_as(Actor.member(world.org.loyalty.account(account).owner)).ledger
    assert owner.statement(account, **JANUARY).closing == len(list(owner.entries(account))) * 10


@pytest.mark.rule("COM-11", "COM-2")
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"since": "2026-01-01"}, "since"),
        ({"until": datetime(2026, 2, 1, tzinfo=UTC)}, "until"),
        ({"until": date(2026, 1, 1)}, "until"),
        ({"since": date.min}, "since"),
        ({"account": "no-id"}, "account"),
        ({"unit": "Points!"}, "unit"),
    ],
)
def test_bad_input_names_the_field(said, field):
    world = World(MemoryStorage())
    with pytest.raises(InvalidInput) as caught:
        world.org.ledger.statement(**({"account": world.account()} | JANUARY | said))
    assert caught.value.path == field
