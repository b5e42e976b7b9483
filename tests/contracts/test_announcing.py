"""CON-16: every change is announced once, in order, with its day, whoever asks and however seldom."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.dated import FEE

from memberlogic import Term
from memberlogic.contracts.rates import Extends, SwitchesTo
from memberlogic.errors import IllegalTransition, InvalidInput
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("CON-16", "COM-18")

TODAY = date(2026, 1, 15)
MONTH = Term.of_months(1)


def said(world):
    return [
        (each.event.type, each.event.day, each.actor, each.effective_at)
        for each in world.events()
        if each.event.type.startswith("contract.") and hasattr(each.event, "day")
    ]


def test_renewals_and_an_end_are_announced_with_their_days(world):
    year = world.rate(term=Term.of_months(1))
    contract = world.contract(rate=world.rate(term=MONTH, renewal=SwitchesTo(year)), start_on=date(2026, 1, 31))
    world.wait(days=100)
    assert world.org.contracts.settle([contract]).announcements == 3
    assert [(kind, day) for kind, day, _, _ in said(world)] == [
        ("contract.awaits_start", TODAY),
        ("contract.activated", date(2026, 1, 31)),
        ("contract.renewed", date(2026, 2, 28)),
        ("contract.expired", date(2026, 3, 28)),
    ]
    renewed = next(each.event for each in world.events() if each.event.type == "contract.renewed")
    assert renewed.rate == year
    assert world.ml.run_jobs().failures == ()
    assert world.org.contracts.settle([contract]).announcements == 0
    assert len(said(world)) == 4


def live(steps, every):
    """A club's half year, with the jobs every so many days, or never but at the end."""
    world = World(MemoryStorage())
    rates = [
        world.rate(term=Term.of_days(20)),
        world.rate(term=MONTH, renewal=Extends(MONTH)),
        world.rate(initial_fee=FEE, renewal=Extends(Term.of_days(11)), term=Term.of_days(30)),
    ]
    made, unpaid = [], []
    for day in range(180):
        for kind in steps.get(day, ()):
            if kind == 3 and unpaid:
                world.org.contracts.pay(unpaid.pop(), FEE)
            elif kind < 3:
                made.append(world.contract(rate=rates[kind], start_on=TODAY + timedelta(days=day + 5)))
                unpaid += made[-1:] if kind == 2 else []
        if every and day % every == 0:
            world.ml.run_jobs()
        world.wait(days=1)
    world.ml.run_jobs()
    names = {id: number for number, id in enumerate(made)}
    return sorted(
        (names[each.event.contract], each.effective_at, each.event.type)
        for each in world.events()
        if each.event.type.startswith("contract.")
    )


@pytest.mark.rule("COM-8")
@settings(max_examples=12)
@given(st.dictionaries(st.integers(0, 179), st.lists(st.integers(0, 3), max_size=2), max_size=12), st.integers(1, 40))
def test_jobs_every_day_every_so_often_or_once_announce_the_same(steps, every):
    assert live(steps, 1) == live(steps, every) == live(steps, 0)


def test_a_job_for_a_past_instant_announces_what_was_due_by_then(world):
    world.contract(rate=world.rate(term=MONTH, renewal=Extends(MONTH)))
    world.wait(days=70)
    world.ml.run_jobs(as_of=world.clock.now() - timedelta(days=35))
    assert [day for _, day, _, _ in said(world)] == [TODAY, date(2026, 2, 15)]
    world.ml.run_jobs()
    assert [day for _, day, _, _ in said(world)] == [TODAY, date(2026, 2, 15), date(2026, 3, 15)]


def test_a_command_announces_first_what_came_about_before_it(world):
    contract = world.contract(rate=world.rate(initial_fee=FEE))
    payment = world.org.contracts.pay(contract, FEE).payment
    world.wait(days=400)
    with pytest.raises(IllegalTransition, match="expired"):
        world.org.contracts.reverse_payment(contract, payment)
    assert [kind for kind, _, _, _ in said(world)] == ["contract.activated"]
    assert world.org.contracts.settle([contract]).announcements == 1


@pytest.mark.rule("COM-18")
def test_nothing_is_announced_before_it_comes_about(world):
    contract = world.contract(rate=world.rate(term=MONTH))
    with pytest.raises(InvalidInput) as caught:
        world.org.contracts.settle([contract], as_of=world.clock.now() + timedelta(days=40))
    assert caught.value.path == "as_of"
    assert [kind for kind, _, _, _ in said(world)] == ["contract.activated"]
