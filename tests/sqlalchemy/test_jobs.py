"""COM-18: what is damaged of one contract keeps nobody else waiting."""

from __future__ import annotations

from datetime import timedelta

import pytest

from memberlogic.contracts import settling
from memberlogic.errors import InvalidInput
from memberlogic.jobs import STAYS_DUE, JobFailure
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage
from memberlogic_sqlalchemy import SqlAlchemyStorage, upgrade
from sqlalchemy import text

pytestmark = pytest.mark.rule("COM-18")

DATABASES = ["sqlite", "postgresql", "mariadb"]


@pytest.fixture(params=["memory", *DATABASES])
def storage(databases, request):
    """A store with nothing in it, as the jobs go through all organizations."""
    if request.param == "memory":
        yield MemoryStorage()
        return
    with databases.empty(request.param) as engine:
        upgrade(engine)
        yield SqlAlchemyStorage(engine)


def beginning(world, count):
    """Contracts that begin tomorrow."""
    day = world.clock.now().date() + timedelta(days=1)
    return [world.contract(start_on=day) for _ in range(count)]


def activated(world):
    return {each.event.contract for each in world.events() if each.event.type == "contract.activated"}


def damage(engine, contracts):
    """Contracts that say that everything was announced, and stay on the agenda."""
    with engine.begin() as connection:
        for each in contracts:
            id = each if engine.dialect.name == "postgresql" else each.hex
            connection.execute(text("UPDATE ml_contracts SET announced_to = '2027-01-01' WHERE id = :id"), {"id": id})


@pytest.mark.parametrize("chunk", [1, 3, 500])
@pytest.mark.parametrize("store", DATABASES)
def test_a_contract_that_stays_due_is_set_aside_by_name(databases, store, chunk):
    with databases.empty(store) as engine:
        upgrade(engine)
        storage = SqlAlchemyStorage(engine)
        bad, good = World(storage), World(storage)
        broken, beside, sound = beginning(bad, 2), beginning(bad, 2), beginning(good, 2)
        account = good.account()
        good.org.ledger.credit(account, 5, reason="welcome", expires_at=good.clock.now() + timedelta(days=1))
        damage(engine, broken)
        good.wait(days=2)
        run = good.ml.run_jobs(chunk=chunk)
        assert {(each.organization, each.code, each.contract) for each in run.failures} == {
            (bad.organization.id, STAYS_DUE, each) for each in broken
        }
        assert len(run.failures) == 2
        assert (activated(bad), activated(good)) == (set(beside), set(sound))
        assert run.wallets == 1, "points are settled too"
        assert good.ml.run_jobs().failures == run.failures, "the next run says so again"


def test_a_contract_that_is_refused_is_set_aside_and_the_rest_of_its_chunk_is_settled(storage, monkeypatch):
    world, other = World(storage), World(storage)
    broken, *sound = beginning(world, 4)
    others = beginning(other, 2)
    settle = settling.settle

    def refuse(contract, at):
        if contract.id == broken:
            raise InvalidInput(path="rate", expected="a rate", got="what is damaged")
        return settle(contract, at)

    monkeypatch.setattr(settling, "settle", refuse)
    world.wait(days=2)
    run = world.ml.run_jobs()
    assert run.failures == (JobFailure(world.organization.id, "input.invalid", broken),)
    assert (activated(world), activated(other)) == (set(sound), set(others))
    assert (run.contracts, run.announcements) == (5, 5)
    monkeypatch.undo()
    assert world.ml.run_jobs().failures == (), "once it is mended it is settled"
    assert broken in activated(world)


def test_an_organization_with_too_many_of_them_is_set_aside_itself(storage, monkeypatch):
    monkeypatch.setattr("memberlogic.jobs._MOST_ASIDE", 2)
    bad, good = World(storage), World(storage)
    beginning(bad, 4)
    sound = beginning(good, 1)
    stuck = bad.organization.id
    settle = settling.settle
    monkeypatch.setattr(
        settling, "settle", lambda contract, at: settle(contract, at) if contract.id in sound else (contract, ())
    )
    good.wait(days=2)
    run = good.ml.run_jobs(chunk=3)
    assert JobFailure(stuck, STAYS_DUE) in run.failures
    assert activated(good) == set(sound)
