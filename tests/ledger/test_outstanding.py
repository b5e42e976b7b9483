"""PTS-16: what a club owes in points, through the public service, on every store."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest

from memberlogic import After, Term, TransferPolicy
from memberlogic.errors import NotFound, PermissionDenied
from memberlogic.ids import ClubId, new_id
from memberlogic.ledger.model import EntryKind
from memberlogic.ledger.outstanding import KindTotal
from memberlogic.ledger.stating import Expiring

pytestmark = pytest.mark.rule("PTS-16")


def test_what_is_outstanding_is_the_sum_of_all_kinds(make_world):
    world = make_world(expiry=After(Term.of_days(90)), transfer=TransferPolicy(factor=Fraction(1, 2)))
    one, two = world.account(credits=[100, 50]), world.account(credits=[10])
    world.org.ledger.transfer(source=one, target=two, points=40)
    world.org.ledger.capture(world.org.ledger.hold(one, 5, until=world.clock.now() + timedelta(days=1)).hold)
    world.org.ledger.hold(two, 8, until=world.clock.now() + timedelta(days=200))
    counted = world.org.ledger.outstanding(world.club.id)
    assert (counted.outstanding, counted.available, counted.held, counted.debt) == (135, 127, 8, 0)
    assert counted.kinds == (
        KindTotal(EntryKind.CREDIT, 3, 160),
        KindTotal(EntryKind.TRANSFER_OUT, 1, -40),
        KindTotal(EntryKind.TRANSFER_IN, 1, 20),
        KindTotal(EntryKind.CAPTURE, 1, -5),
    )
    assert (counted.issued, counted.redeemed, counted.transferred, counted.expired) == (160, 5, 40, 0)
    assert counted.explain().text().splitlines()[:2] == [
        "135 points are outstanding; 127 of them available, 8 held.",
        "  - kind.credit (PTS-16): entries 3, points 160",
    ]


@pytest.mark.rule("COM-8")
def test_what_has_expired_counts_as_expired_whoever_writes_it_down(world):
    account = world.account(credits=[3])
    now = world.clock.now()
    world.org.ledger.credit(account, 10, reason="welcome", expires_at=now + timedelta(days=1))
    world.org.ledger.hold(account, 6, until=now + timedelta(days=2))
    said = []
    for days in (1, 1):
        world.wait(days=days)
        said.append(world.org.ledger.outstanding(world.club.id))
    assert [(each.outstanding, each.available, each.held, each.expired) for each in said] == [
        (9, 3, 6, 4),
        (3, 3, 0, 10),
    ]
    world.ml.run_jobs()
    after = world.org.ledger.outstanding(world.club.id)
    assert (after.outstanding, after.available, after.held, after.expired) == (3, 3, 0, 10)


@pytest.mark.rule("COM-3")
def test_what_expires_comes_by_day_and_by_month(make_world):
    world = make_world(expiry=After(Term.of_days(20)))  # 15 January + 20 days = 4 February
    world.account(credits=[10])
    world.account(credits=[5])
    world.wait(days=1)
    world.account(credits=[7])
    world.wait(days=30)
    other = world.account(credits=[2])
    world.org.ledger.credit(other, 1, reason="welcome", expires_at=world.clock.now() + timedelta(days=400))
    world.clock.set(world.clock.now() - timedelta(days=30))
    counted = world.org.ledger.outstanding(world.club.id)
    assert counted.expiring == (
        Expiring(date(2026, 2, 4), 15),
        Expiring(date(2026, 2, 5), 7),
        Expiring(date(2026, 3, 7), 2),
        Expiring(date(2027, 3, 22), 1),
    )
    assert [(each.day, each.points) for each in counted.expiring_by_month] == [
        (date(2026, 2, 1), 22),
        (date(2026, 3, 1), 2),
        (date(2027, 3, 1), 1),
    ]
    assert (counted.expiring_in(date(2026, 2, 17)), counted.expiring_in(date(2026, 4, 1))) == (22, 0)


def test_points_that_never_expire_are_in_no_month(world):
    world.account(credits=[10])
    counted = world.org.ledger.outstanding(world.club.id)
    assert (counted.outstanding, counted.expiring) == (10, ())


def test_each_club_is_counted_alone(world):
    world.account(credits=[10])
    other = world.another_club()
    world.account(club=other, credits=[3])
    assert world.org.ledger.outstanding(world.club.id).outstanding == 10
    assert world.org.ledger.outstanding(other.id).outstanding == 3


@pytest.mark.rule("COM-1", "COM-13")
def test_a_club_of_another_organization_is_not_found_and_a_report_is_permitted(make_world):
    world, other = make_world(), make_world()
    for club in (other.club.id, ClubId(new_id())):
        with pytest.raises(NotFound):
            world.org.ledger.outstanding(club)
    with pytest.raises(NotFound):
        world.org.ledger.outstanding(world.club.id, unit="stamps")
    with pytest.raises(PermissionDenied) as caught:
        world.staff("members.points:read").ledger.outstanding(world.club.id)
    assert caught.value.details["permission"] == "reports.points:read"
