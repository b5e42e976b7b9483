"""PTS-17: a club month by month, equal to what its entries say, whoever writes down what fell due."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from memberlogic import After, Term
from memberlogic.errors import InvalidInput
from memberlogic.ledger.model import EntryKind

YEAR = (date(2025, 12, 1), date(2026, 7, 1))


@pytest.fixture
def world(make_world):
    return make_world(expiry=After(Term.of_days(45)), at=datetime(2026, 1, 30, 12, tzinfo=UTC))


def lived(world):
    """Half a year: credits, a transfer, a capture, expiry that nobody wrote down."""
    one, two = world.account(credits=[100, 20]), world.account(credits=[50])
    world.wait(days=3)
    world.org.ledger.transfer(source=one, target=two, points=30)
    hold = world.org.ledger.hold(one, 25, until=world.clock.now() + timedelta(days=5)).hold
    world.org.ledger.capture(hold)
    world.wait(days=30)
    world.org.ledger.credit(two, 7, reason="welcome")
    world.wait(days=60)
    return one, two


@pytest.mark.rule("PTS-17", "COM-3")
def test_each_month_says_what_moved_in_it(world):
    """Credited in January, spent in February, expired in March and April; every month is there, the empty ones too."""
    lived(world)
    said = world.org.ledger.movements(world.club.id, *YEAR)
    assert said.opening == 0
    assert [
        (each.month.isoformat()[:7], each.issued, each.redeemed, each.expired, each.other, each.outstanding)
        for each in said.months
    ] == [
        ("2025-12", 0, 0, 0, 0, 0),
        ("2026-01", 170, 0, 0, 0, 170),
        ("2026-02", 0, 25, 0, 0, 145),
        ("2026-03", 7, 0, 145, 0, 7),
        ("2026-04", 0, 0, 7, 0, 0),
        ("2026-05", 0, 0, 0, 0, 0),
        ("2026-06", 0, 0, 0, 0, 0),
    ]


@pytest.mark.rule("PTS-17", "COM-8")
def test_the_jobs_change_no_month(world):
    """What expired counts in the month in which it did, written down or not; only then it has entries."""
    lived(world)
    before = world.org.ledger.movements(world.club.id, *YEAR)
    world.ml.run_jobs()
    after = world.org.ledger.movements(world.club.id, *YEAR)
    figures = [[(each.kind, each.points) for each in month.kinds] for month in before.months]
    assert figures == [[(each.kind, each.points) for each in month.kinds] for month in after.months]
    counts = [[each.entries for month in said.months for each in month.kinds] for said in (before, after)]
    assert sum(counts[0]) < sum(counts[1])


@pytest.mark.rule("PTS-17", "PTS-9", "COM-8")
def test_what_a_hold_kept_beyond_its_expiry_counts_when_the_hold_ran_out(world):
    """40 points of 30 January would be gone on 16 March; 15 of them are held until April, 5 until February."""
    account = world.account(credits=[40])
    for points, until in ((15, datetime(2026, 4, 2, tzinfo=UTC)), (5, datetime(2026, 2, 2, tzinfo=UTC))):
        world.org.ledger.hold(account, points, until=until)
    world.wait(days=93)
    for _ in range(2):
        said = world.org.ledger.movements(world.club.id, *YEAR)
        expired = {f"{each.month:%b}": (each.expired, each.outstanding) for each in said.months if each.expired}
        assert expired == {"Mar": (25, 15), "Apr": (15, 0)}
        world.ml.run_jobs()


@pytest.mark.rule("PTS-17")
def test_the_months_add_up_to_the_entries_and_to_what_is_outstanding(world):
    """By kind over all of them, and from any day on: the opening is what was there before."""
    one, two = lived(world)
    world.ml.run_jobs()
    world.org.ledger.credit(one, 11, reason="welcome")
    entries = [*world.entries(one), *world.entries(two)]
    said = world.org.ledger.movements(world.club.id, *YEAR)
    found = Counter()
    for each in (each for month in said.months for each in month.kinds):
        found[each.kind] += each.points
    assert found == Counter({kind: sum(e.amount for e in entries if e.kind is kind) for kind in found})
    assert said.months[-1].outstanding == world.org.ledger.outstanding(world.club.id).outstanding == 11
    for since in (date(2026, 1, 31), date(2026, 2, 20), date(2026, 3, 17)):
        later = world.org.ledger.movements(world.club.id, since, YEAR[1])
        assert later.opening == sum(each.amount for each in entries if each.business_day < since)
        assert later.months[-1].outstanding == 11
    early = world.org.ledger.movements(world.club.id, date(2026, 1, 1), date(2026, 2, 2))
    assert [each.outstanding for each in early.months] == [170, 170]
    assert [each.total(EntryKind.CREDIT) for each in early.months] == [170, 0]


@pytest.mark.rule("PTS-17", "COM-11")
def test_days_that_do_not_follow_are_refused(world):
    for since, until in ((YEAR[0], YEAR[0]), (YEAR[1], YEAR[0]), (date(1900, 1, 1), date(2001, 1, 1))):
        with pytest.raises(InvalidInput, match="until"):
            world.org.ledger.movements(world.club.id, since, until)


@pytest.mark.rule("PTS-17", "COM-5")
def test_the_last_months_there_are_can_be_asked_for(world):
    """The calendar's end is a month like any other."""
    said = world.org.ledger.movements(world.club.id, date(9999, 11, 30), date.max)
    assert [each.month for each in said.months] == [date(9999, 11, 1), date(9999, 12, 1)]
