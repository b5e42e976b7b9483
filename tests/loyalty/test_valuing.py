"""PTS-17: the liability of a club, now and as of any past instant, through the public service, on every store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import After, Redeeming, Term
from memberlogic.errors import InvalidInput, NotFound, PermissionDenied
from memberlogic.ids import ClubId, new_id
from memberlogic.loyalty.valuing import MonthsExpiry, Valued
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-17")


def test_the_liability_of_a_club(make_world):
    """3 points are worth 2 cents. 100 arrive on 15 January for 90 days; 10 more expired after a day; 20 are held."""
    world = make_world(expiry=After(Term.of_days(90)), redeeming=Redeeming(points=3, value=2))
    account, now = world.account(credits=[100]), world.clock.now()
    world.org.ledger.credit(account, 10, reason="welcome", expires_at=now + timedelta(days=1))
    world.wait(days=2)
    world.org.ledger.hold(account, 20, until=now + timedelta(days=30))
    said = world.org.loyalty.liability(world.club.id)
    assert said.outstanding == Valued(100, 67)
    assert (said.available, said.held, said.debt, said.issued, said.currency) == (80, 20, 0, 110, "EUR")
    assert said.expiring == (MonthsExpiry(date(2026, 4, 1), 80, 54),)
    assert said.never == Valued(0, 0)
    assert (said.breakage, said.breakage_share) == (Valued(10, 7), Fraction(1, 11))
    assert said.explain().text().splitlines() == [
        "100 points are outstanding, worth 67.",
        "  - liability.outstanding (PTS-17): available 80, held 20, debt 0",
        "  - liability.value (PTS-17): points 3, value 2, rounding ceil",
    ]
    first = world.org.loyalty.liability(world.club.id, as_of=now)
    assert (first.outstanding, first.breakage, first.at) == (Valued(110, 74), Valued(0, 0), now)


def test_where_points_do_not_pay_they_have_no_value(world):
    world.account(credits=[7])
    said = world.org.loyalty.liability(world.club.id)
    assert (said.outstanding, said.never, said.expiring) == (Valued(7, None), Valued(7, None), ())
    assert said.because[-1].code == "liability.not_valued"
    nothing = world.org.loyalty.liability(world.another_club().id)
    assert (nothing.outstanding.points, nothing.breakage_share) == (0, 0)


@pytest.mark.rule("COM-8", "PTS-16")
def test_what_was_said_is_said_again_whoever_wrote_it_down(make_world):
    world = make_world(expiry=After(Term.of_days(3)), redeeming=Redeeming(points=1, value=1))
    one, two, said = world.account(credits=[100]), world.account(), []
    for act in (
        lambda: world.org.ledger.transfer(source=one, target=two, points=30),
        lambda: world.org.ledger.hold(one, 20, until=world.clock.now() + timedelta(days=5)),
        lambda: world.org.ledger.credit(two, 5, reason="welcome"),
        lambda: world.wait(days=3),
        lambda: world.wait(days=1),
        world.ml.run_jobs,
        lambda: world.wait(days=2),
        world.ml.run_jobs,
    ):
        world.wait(hours=1)
        act()
        said.append(world.org.loyalty.liability(world.club.id))
    world.wait(days=9)
    assert [world.org.loyalty.liability(world.club.id, as_of=each.at) for each in said] == said
    assert said[-1].outstanding.points == 0


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["credit", "expiring", "hold", "capture", "release", "transfer", "jobs", "nothing"]),
            st.integers(1, 20),
            st.integers(0, 90),
        ),
        min_size=1,
        max_size=15,
    )
)
def test_every_liability_ever_said_is_said_again(steps):
    """And it is the sum of the balances of all accounts."""
    world = World(MemoryStorage(), expiry=After(Term.of_days(6)), redeeming=Redeeming(points=7, value=3))
    account, target, said, holds = world.account(), world.account(), [], []
    for step, number, hours in steps:
        now = world.clock.now()
        if step == "credit":
            world.org.ledger.credit(account, number, reason="welcome")
        elif step == "expiring":
            world.org.ledger.credit(account, number, reason="welcome", expires_at=now + timedelta(hours=3 * number))
        elif step == "hold" and world.available(account) >= number:
            holds.append(world.org.ledger.hold(account, number, until=now + timedelta(hours=5 * number)).hold)
        elif step in ("capture", "release") and holds:
            hold = holds.pop(number % len(holds))
            if world.org.ledger.find_hold(hold).state.value == "open":
                getattr(world.org.ledger, step)(hold)
        elif step == "transfer" and world.available(account) >= number:
            world.org.ledger.transfer(source=account, target=target, points=number)
        elif step == "jobs":
            world.ml.run_jobs()
        said.append((world.org.loyalty.liability(world.club.id), world.org.ledger.outstanding(world.club.id)))
        balances = [world.org.ledger.balance(each) for each in (account, target)]
        valued, counted = said[-1]
        assert valued.outstanding.points == sum(each.available + each.held - each.debt for each in balances)
        assert valued.available == valued.never.points + sum(each.points for each in valued.expiring)
        world.wait(hours=hours, seconds=1)
        for valued, counted in said:
            assert world.org.loyalty.liability(world.club.id, as_of=valued.at) == valued
            again = world.org.ledger.outstanding(world.club.id, as_of=counted.at)
            assert evolve(again, kinds=()) == evolve(counted, kinds=())


@pytest.mark.rule("COM-2", "COM-11", "COM-13", "COM-1")
def test_who_may_ask_for_which_instant(world):
    for as_of in (datetime(2026, 1, 1), datetime(2036, 1, 1, tzinfo=UTC)):
        with pytest.raises(InvalidInput) as caught:
            world.org.loyalty.liability(world.club.id, as_of=as_of)
        assert caught.value.path == "as_of"
    with pytest.raises(NotFound):
        world.org.loyalty.liability(ClubId(new_id()))
    with pytest.raises(NotFound):
        world.org.loyalty.liability(World(world.storage).club.id, as_of=world.clock.now())
    with pytest.raises(PermissionDenied):
        world.staff("members.points:read").loyalty.liability(world.club.id)
