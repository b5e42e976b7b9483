"""CON-17: reports and lists over contracts, against a count over each contract as it is told."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from attrs import evolve
from tests.contracts.dated import FEE, freeze
from tests.contracts.test_spanning import cancelled

from memberlogic import Term
from memberlogic.actors import Actor
from memberlogic.contracts.model import FINAL, CancellationKind, ContractStatus
from memberlogic.contracts.parts import ContractParts
from memberlogic.contracts.posting import Changed, keep
from memberlogic.contracts.rates import EndsWithTerm, FreezePolicy, SwitchPath
from memberlogic.contracts.reporting import PageOfAbsent, PageOfEndings
from memberlogic.errors import InvalidInput, NotFound
from memberlogic.outcomes import Outcome
from memberlogic.storing import Command

pytestmark = pytest.mark.rule("CON-17")

TODAY = date(2026, 1, 15)
ACTIVE = ContractStatus.ACTIVE


def filed(world, id, *parts, **facts):
    """What was filed of a contract, as its commands leave it."""
    before = world.stored_contract(id)
    after = evolve(before, freezes=(*before.freezes, *parts), version=before.version + 1, **facts)
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        uow.contracts.held(id)
        keep(uow, Actor.system(), ContractParts(), Outcome((Changed(contract=after, new=parts),), (), None))
        uow.finish(None)
    return id


@pytest.fixture
def club(world):
    """A club of two studios: contracts that expire, are frozen, cancelled, on hold, for two people."""
    world.studio("north"), world.studio("south")
    short = world.rate(term=Term.of_days(30), freezes=FreezePolicy(allowed=True))
    family = world.rate(most_covered=1)
    ids = [
        world.contract(rate=short, studio="north"),
        world.contract(rate=short, studio="north", start_on=TODAY + timedelta(days=10)),
        world.contract(rate=family, studio="south", covered=[world.member()]),
        world.contract(rate=world.rate(initial_fee=FEE), studio="south"),
    ]
    frozen = world.contract(rate=short, studio="south")
    since = TODAY + timedelta(days=5)
    ids.append(filed(world, frozen, freeze(since, since + timedelta(days=7))))
    left = world.contract(rate=family, studio="north")
    ids.append(filed(world, left, cancellation=cancelled(TODAY + timedelta(days=20))))
    world.ids = ids
    return world


@pytest.mark.parametrize("offset", [-1, 0, 5, 10, 12, 20, 29, 30, 37, 40, 400])
def test_what_stands_on_a_day_is_what_each_contract_is_on_it(club, offset):
    on = TODAY + timedelta(days=offset)
    told = [club.org.contracts.get(id, on=on) for id in club.ids]
    expected = Counter((each.studio, each.status) for each in told if each.status is not None)
    standing = club.org.contracts.standing(on=on)
    assert {(row.studio, row.status): row.contracts for row in standing.rows} == expected
    people = Counter()
    for each in told:
        people[each.studio, each.status] += len(each.covered)
    assert all(row.members == people[row.studio, row.status] for row in standing.rows)
    assert list(standing.rows) == sorted(standing.rows, key=lambda row: (row.studio, row.status.value))
    north = club.org.contracts.standing(on=on, studio="north")
    assert north.rows == tuple(row for row in standing.rows if row.studio == "north")
    assert standing.contracts(ACTIVE) == sum(each.status is ACTIVE for each in told)


def test_what_moved_in_a_period_is_counted_in_it_and_in_no_other(club):
    until = TODAY + timedelta(days=500)
    whole = club.org.contracts.moved(since=TODAY, until=until)
    assert {each.studio: (each.signed, each.started, each.frozen, each.expired) for each in whole.studios} == {
        "north": (3, 3, 0, 2),
        "south": (3, 2, 1, 3),
    }
    assert [(each.studio, each.reason, each.contracts) for each in whole.cancelled] == [("north", "moved", 1)]
    parts = Counter()
    for start in range(0, 500, 10):
        days = {"since": TODAY + timedelta(days=start), "until": TODAY + timedelta(days=start + 10)}
        part = club.org.contracts.moved(**days)
        for each in part.studios:
            for figure in ("signed", "started", "frozen", "expired"):
                parts[each.studio, figure] += getattr(each, figure)
        parts["cancelled"] += sum(each.contracts for each in part.cancelled)
    assert parts["north", "started"] == 3
    assert parts["south", "expired"] == 3
    assert parts["cancelled"] == 1
    assert club.org.contracts.moved(since=TODAY, until=until, studio="south").studios == whole.studios[1:]


def moved(world, first=0, last=60):
    """What became of contracts of all studios, in the days from today on."""
    said = {"since": TODAY + timedelta(days=first), "until": TODAY + timedelta(days=last)}
    told = world.org.contracts.moved(**said)
    figures = Counter()
    for each in told.studios:
        figures.update(signed=each.signed, started=each.started, frozen=each.frozen, expired=each.expired)
    ended = Counter()
    for each in told.cancelled:
        ended[each.kind] += each.contracts
    return +figures, +ended


@pytest.mark.rule("CON-12")
@pytest.mark.parametrize("on", [3, 10, 15])
def test_a_sale_that_is_transferred_starts_once(world, on):
    """Before its first day, on it, and after it."""
    world.studio("north"), world.studio("south")
    contract = world.contract(studio="north", start_on=TODAY + timedelta(days=10))
    next_ = world.org.contracts.transfer(contract, studio="south", on=TODAY + timedelta(days=on)).successor
    assert moved(world)[0] == {"signed": 1, "started": 1}
    assert moved(world, 10, 11)[0] == {"started": 1}
    told = world.org.contracts.moved(since=TODAY + timedelta(days=10), until=TODAY + timedelta(days=11))
    assert [each.studio for each in told.studios] == ["south" if on <= 10 else "north"]
    world.wait(days=on)
    world.org.contracts.transfer(next_, studio="north", on=TODAY + timedelta(days=on + 10))
    assert moved(world)[0]["started"] == 1


@pytest.mark.rule("CON-12")
@pytest.mark.parametrize("on", [0, 3, 15])
def test_a_sale_that_is_switched_is_signed_and_started_once(world, on):
    """On the day of signing, and later; also where the switch is taken back."""
    better = world.rate(name="Better")
    rate = world.rate(switch_paths=[SwitchPath(to=better)])
    taken_back = world.contract(rate=rate)
    world.org.contracts.switch(taken_back, rate=better, on=TODAY + timedelta(days=20))
    world.org.contracts.withdraw_switch(taken_back)
    contract = world.contract(rate=rate)
    world.wait(days=on)
    world.org.contracts.switch(contract, rate=better, on=TODAY + timedelta(days=on + 1))
    assert moved(world)[0] == {"signed": 2, "started": 2}


@pytest.mark.rule("CON-12")
def test_a_freeze_over_the_day_of_a_transfer_is_one(world):
    world.studio("north"), world.studio("south")
    rate = world.rate(freezes=FreezePolicy(allowed=True))
    over, after = (world.contract(studio="north", rate=rate) for _ in range(2))
    day = TODAY + timedelta(days=5)
    for contract, since in ((over, TODAY + timedelta(days=2)), (after, day)):
        world.org.contracts.freeze(contract, since=since, until=TODAY + timedelta(days=20), reason="ill")
        world.org.contracts.transfer(contract, studio="south", on=day)
    assert moved(world)[0]["frozen"] == 2
    assert moved(world, 2, 3)[0]["frozen"] == 1
    assert moved(world, 5, 6)[0]["frozen"] == 1


@pytest.mark.rule("CON-12")
def test_what_would_have_followed_and_was_taken_back_did_not_end(world):
    world.studio("north"), world.studio("south")
    other = world.rate()
    rate = world.rate(switch_paths=[SwitchPath(to=other)], cooling_off_days=14)
    transferred, switched = world.contract(rate=rate), world.contract(rate=rate)
    world.org.contracts.transfer(transferred, studio="south", on=TODAY + timedelta(days=5))
    world.org.contracts.switch(switched, rate=other, on=TODAY + timedelta(days=5))
    world.org.contracts.withdraw_transfer(transferred)
    world.org.contracts.withdraw_switch(switched)
    assert moved(world)[1] == {}
    assert [*world.org.contracts.ending(since=TODAY, until=TODAY + timedelta(days=90))] == []
    assert world.org.contracts.standing().contracts(ContractStatus.CANCELLED) == 0
    world.org.contracts.transfer(transferred, studio="south", on=TODAY + timedelta(days=5))
    world.org.contracts.withdraw_from(transferred, received_on=TODAY)
    assert moved(world)[1] == {CancellationKind.WITHDRAWN: 1}, "one sale"


def test_who_was_active_and_still_is(club):
    kept = club.org.contracts.retention(first=TODAY, second=TODAY + timedelta(days=25))
    assert (kept.active, kept.kept) == (5, 4)
    north = club.org.contracts.retention(first=TODAY, second=TODAY + timedelta(days=25), studio="north")
    assert (north.active, north.kept) == (2, 1)
    with pytest.raises(InvalidInput):
        club.org.contracts.retention(first=TODAY, second=TODAY)


@pytest.mark.rule("CON-12")
def test_what_ends_says_how_and_who_goes_on(world):
    world.studio("south")
    other = world.rate()
    rate = world.rate(term=Term.of_days(9), renewal=EndsWithTerm(), switch_paths=[SwitchPath(to=other)])
    expires, moves, switches, leaves = (world.contract(rate=rate) for _ in range(4))
    day = TODAY + timedelta(days=5)
    goes_on = [
        world.org.contracts.transfer(moves, studio="south", on=day).successor,
        world.org.contracts.switch(switches, rate=other, on=day).successor,
    ]
    world.org.contracts.cancel(leaves, received_on=TODAY, to=day, extraordinary=True, reason="moved")
    found = {each.contract: each for each in world.org.contracts.ending(since=TODAY, until=TODAY + timedelta(days=30))}
    kinds = {id: (each.kind and each.kind.value, each.reason, each.successor) for id, each in found.items()}
    assert kinds == {
        expires: (None, None, None),
        moves: ("transferred", "transferred", goes_on[0]),
        switches: ("switched", "switched", goes_on[1]),
        leaves: ("extraordinary", "moved", None),
        goes_on[0]: (None, None, None),
    }


@pytest.mark.rule("COM-20")
def test_what_ends_is_listed_the_soonest_first(club):
    days = {"since": TODAY, "until": TODAY + timedelta(days=40)}
    told = [club.org.contracts.get(id) for id in club.ids]
    ends = {each.contract: each.spans[-1] for each in told}
    expected = sorted(
        (last.since, id) for id, last in ends.items() if last.status in FINAL and last.since < days["until"]
    )
    found = list(club.org.contracts.ending(**days))
    assert [(each.on, each.contract) for each in found] == expected
    assert [each.status for each in found] == [ends[each.contract].status for each in found]
    with club.storage.reading(club.organization.id, club.clock) as uow:
        after = expected[0]
        page = uow.contract_reports.ending(PageOfEndings(**days, after=after, size=2))
    assert [(each.on, each.contract) for each in page] == expected[1:3]


@pytest.mark.rule("COM-20")
def test_who_does_not_come_is_listed_with_their_last_visit(world):
    north = world.studio("north")
    often, once, never, gone = (world.member() for _ in range(4))
    for member in (often, once, never):
        world.contract(member=member)
    world.contract(member=gone, rate=world.rate(term=Term.of_days(5)))
    check_in = world.org.contracts.check_in
    check_in(once, studio=north)
    check_in(gone, studio=north)
    mistaken = check_in(never, studio=north)
    world.org.contracts.undo_check_in(mistaken.visit, reason="mistake")
    world.wait(days=6)
    check_in(often, studio=north)

    def absent(days, **said):
        return {each.member: each.last_visit for each in world.org.contracts.absent(days=days, **said)}

    assert absent(6) == {once: TODAY, never: None}
    assert absent(7) == {never: None}, "whoever came on the first of the days is not among them"
    assert absent(1) == {once: TODAY, never: None}
    assert absent(1, studio=world.studio("south")) == {}
    told = list(world.org.contracts.absent(days=1))
    assert [each.member for each in told] == sorted((once, never))
    with world.storage.reading(world.organization.id, world.clock) as uow:
        page = uow.contract_reports.absent(TODAY + timedelta(days=6), PageOfAbsent(days=1, after=told[0].member))
    assert list(page) == told[1:]
    with pytest.raises(InvalidInput):
        absent(0)


def test_a_studio_that_there_is_not_has_no_report(club):
    days = {"since": TODAY, "until": TODAY + timedelta(days=30)}
    contracts = club.org.contracts
    for ask in (
        lambda: contracts.standing(studio="nowhere"),
        lambda: contracts.moved(**days, studio="nowhere"),
        lambda: contracts.retention(first=TODAY, second=TODAY + timedelta(days=1), studio="nowhere"),
        lambda: contracts.ending(**days, studio="nowhere"),
        lambda: contracts.deadlines(within=30, studio="nowhere"),
        lambda: contracts.absent(days=30, studio="nowhere"),
    ):
        with pytest.raises(NotFound):
            ask()


def test_an_empty_club_has_nothing_to_report(world):
    assert world.org.contracts.standing().rows == ()
    assert list(world.org.contracts.ending(since=TODAY, until=TODAY + timedelta(days=9))) == []
    moved = world.org.contracts.moved(since=TODAY, until=TODAY + timedelta(days=9))
    assert (moved.studios, moved.cancelled) == ((), ())
    kept = world.org.contracts.retention(first=TODAY, second=TODAY + timedelta(days=9))
    assert (kept.active, kept.kept) == (0, 0)
