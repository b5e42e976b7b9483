"""PTS-16, PTS-18: the statement, through the public service, on every store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import After, Term
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
        ({"account": "no-id"}, "account"),
        ({"unit": "Points!"}, "unit"),
    ],
)
def test_bad_input_names_the_field(said, field):
    world = World(MemoryStorage())
    with pytest.raises(InvalidInput) as caught:
        world.org.ledger.statement(**({"account": world.account()} | JANUARY | said))
    assert caught.value.path == field
