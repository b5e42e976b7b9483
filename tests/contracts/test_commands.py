"""Every status, every command, on the day before, the day itself and the day after each boundary: what the table of
commands says is what happens, and what is refused changes nothing.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from tests.contracts.dated import FEE

from memberlogic import Money, Term
from memberlogic.calendar import local_day
from memberlogic.contracts.lifecycle import COMMANDS
from memberlogic.contracts.rates import EndsWithTerm, FreezePolicy, SwitchPath
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import boundaries, spans, status
from memberlogic.errors import IllegalTransition, MemberLogicError
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("CON-2", "CON-3", "CON-5", "CON-7", "CON-10", "CON-11", "CON-12", "COM-11")

SIGNED = date(2026, 3, 2)
BATCHED = {"give_days", "take_days_back"}
"""They come in batches, which answer a line where one contract does not take them: tests/contracts/test_batching.py."""

EVERY = sorted({command for taken in COMMANDS.values() for command in taken} - BATCHED)


def noon(day):
    return datetime.combine(day, time(12), UTC)


def forward(world, day):
    """Noon of a day, if it is not past."""
    if noon(day) > world.clock.now():
        world.clock.forward(noon(day) - world.clock.now())


def lived(kind):
    """A contract of 40 days: paid, frozen and expiring; never paid; or cancelled before its end."""
    world = World(MemoryStorage(), at=noon(SIGNED))
    world.studio("south")
    other = world.rate()
    rate = world.rate(
        initial_fee=FEE,
        term=Term.of_days(40),
        minimum_term=Term.of_days(1),
        renewal=EndsWithTerm(),
        most_covered=2,
        cooling_off_days=14,
        freezes=FreezePolicy(allowed=True, extends=False, days_back=30),
        switch_paths=(SwitchPath(to=other),),
    )
    beside = world.member()
    contract = world.contract(rate=rate, start_on=SIGNED + timedelta(days=10), covered=[beside])
    forward(world, SIGNED + timedelta(days=3))
    payment = world.org.contracts.pay(contract, Money(100, "EUR") if kind == "unpaid" else FEE).payment
    freeze = None
    if kind != "unpaid":
        since = SIGNED + timedelta(days=20)
        freeze = world.org.contracts.freeze(
            contract, since=since, until=since + timedelta(days=8), reason="illness"
        ).freeze
    if kind == "cancelled":
        world.org.contracts.cancel(
            contract,
            received_on=SIGNED + timedelta(days=3),
            reason="other",
            extraordinary=True,
            to=SIGNED + timedelta(days=35),
        )
    return world, contract, {"payment": payment, "freeze": freeze, "beside": beside, "other": other}


def today(world):
    return local_day(world.clock.now(), world.organization.zone)


CALLS = {
    "pay": lambda w, c, f: w.org.contracts.pay(c, Money(100, "EUR")),
    "reverse_payment": lambda w, c, f: w.org.contracts.reverse_payment(c, f["payment"]),
    "freeze": lambda w, c, f: w.org.contracts.freeze(
        c, since=today(w), until=today(w) + timedelta(2), reason="illness"
    ),
    "end_freeze": lambda w, c, f: w.org.contracts.end_freeze(c, f["freeze"]),
    "withdraw_freeze": lambda w, c, f: w.org.contracts.withdraw_freeze(c, f["freeze"]),
    "cancel": lambda w, c, f: w.org.contracts.cancel(c, received_on=today(w), reason="other"),
    "withdraw_cancellation": lambda w, c, f: w.org.contracts.withdraw_cancellation(c),
    "withdraw_from": lambda w, c, f: w.org.contracts.withdraw_from(c, received_on=today(w)),
    "cover": lambda w, c, f: w.org.contracts.cover(c, w.member()),
    "uncover": lambda w, c, f: w.org.contracts.uncover(c, f["beside"]),
    "change_holder": lambda w, c, f: w.org.contracts.change_holder(c, to=f["beside"]),
    "switch": lambda w, c, f: w.org.contracts.switch(c, rate=f["other"]),
    "withdraw_switch": lambda w, c, f: w.org.contracts.withdraw_switch(c),
    "transfer": lambda w, c, f: w.org.contracts.transfer(c, studio="south"),
    "withdraw_transfer": lambda w, c, f: w.org.contracts.withdraw_transfer(c),
    "redraft": lambda w, c, f: w.org.contracts.redraft(c),
}


def days_of(kind):
    """Every boundary of such a contract, the day before and the day after, from the day on which all was filed."""
    world, contract, _ = lived(kind)
    found = boundaries(Course.of(world.stored_contract(contract)))
    around = {day + timedelta(days=by) for day in found for by in (-1, 0, 1)}
    return sorted(day for day in around if day >= SIGNED + timedelta(days=3))


def test_every_command_of_the_table_is_tried():
    assert set(CALLS) == set(EVERY)


@pytest.mark.parametrize("kind", ["paid", "unpaid", "cancelled"])
@pytest.mark.parametrize("command", EVERY)
def test_a_status_takes_the_commands_of_its_row_and_no_others(command, kind):
    needs = {"end_freeze": "freeze", "withdraw_freeze": "freeze"}.get(command)
    seen = set()
    for day in days_of(kind):
        world, contract, facts = lived(kind)
        if needs is not None and facts[needs] is None:
            pytest.skip("nothing was frozen")
        forward(world, day)
        before, events = world.stored_contract(contract), world.events()
        now = status(before, today(world))
        seen.add(now)
        taken = command in COMMANDS[now]
        try:
            CALLS[command](world, contract, facts)
        except MemberLogicError as refusal:
            not_taken = isinstance(refusal, IllegalTransition) and refusal.details["machine"] == "contract"
            assert not_taken is not taken, (day, now, refusal)
            assert world.stored_contract(contract) == before
            assert [each for each in world.events() if each.event.type.startswith("contract.")] == [
                each for each in events if each.event.type.startswith("contract.")
            ]
        else:
            assert taken, (day, now)
            after = world.stored_contract(contract)
            assert after.version > before.version or command == "redraft"
            told = spans(Course.of(after))
            assert all(status(after, each.since) is each.status for each in told)
    assert len(seen) >= 2
