"""The same code over async drivers: `await ml.run(...)`, and joined to a host's AsyncSession through `run_sync`."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from memberlogic import Actor, After, AsyncMemberLogic, FixedClock, MemberLogic, Term
from memberlogic.ledger.refusals import InsufficientPoints
from memberlogic.testing import World
from memberlogic.testing.worlds import NOON
from memberlogic_sqlalchemy import AsyncSqlAlchemyStorage, SqlAlchemyStorage

pytestmark = pytest.mark.rule("COM-15", "COM-16")


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request, databases):
    """A world made with the sync driver, to be met with the async one."""
    return World(SqlAlchemyStorage(databases.engine(request.param)), expiry=After(Term.of_days(30)))


def async_engine(world, databases):
    url = databases.engine(world.storage._dialect.name).url
    return create_async_engine(url.set(drivername="sqlite+aiosqlite") if url.drivername.startswith("sqlite") else url)


def test_commands_queries_and_refusals_are_awaited(world, databases):
    async def main():
        engine = async_engine(world, databases)
        ml = AsyncMemberLogic(AsyncSqlAlchemyStorage(engine), clock=world.clock)
        tenant, system = world.organization.id, Actor.system()
        done = await ml.run(
            tenant, system, lambda org: org.ledger.transfer(source=source, target=target, points=4, idempotency_key="k")
        )
        again = await ml.run(
            tenant, system, lambda org: org.ledger.transfer(source=source, target=target, points=4, idempotency_key="k")
        )
        assert done == again
        with pytest.raises(InsufficientPoints):
            await ml.run(tenant, system, lambda org: org.ledger.transfer(source=source, target=target, points=7))
        await engine.dispose()

    source, target = world.account(credits=[10]), world.account()
    asyncio.run(main())
    assert (world.available(source), world.available(target)) == (6, 4)


def test_many_at_once_wait_without_blocking_the_loop(world, databases):
    """The event loop goes on while commands wait for one another; nothing is lost."""

    async def main():
        engine = async_engine(world, databases)
        ml = AsyncMemberLogic(AsyncSqlAlchemyStorage(engine), clock=world.clock)
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                await asyncio.sleep(0.001)
                ticks += 1

        async def give():
            for _ in range(10):
                await ml.run(
                    world.organization.id,
                    Actor.system(),
                    lambda org: org.ledger.transfer(source=source, target=target, points=1),
                )

        ticking = asyncio.create_task(tick())
        await asyncio.gather(*(give() for _ in range(4)))
        ticking.cancel()
        await engine.dispose()
        return ticks

    source, target = world.account(credits=[40]), world.account()
    assert asyncio.run(main()) > 10
    assert (world.available(source), world.available(target)) == (0, 40)


def test_a_command_joins_an_async_sessions_transaction(world, databases):
    async def main(*, commit):
        engine = async_engine(world, databases)
        async with AsyncSession(engine) as session:

            def use(sync):
                ml = MemberLogic(SqlAlchemyStorage.joined(sync), clock=world.clock)
                org = ml.organization(world.organization.id, Actor.system())
                return org.ledger.credit(account, 5, reason="welcome")

            await session.run_sync(use)
            await (session.commit() if commit else session.rollback())
        await engine.dispose()

    account = world.account()
    asyncio.run(main(commit=False))
    assert world.available(account) == 0
    asyncio.run(main(commit=True))
    assert world.available(account) == 5


def test_organizations_are_opened_and_jobs_run(world, databases):
    async def main():
        engine = async_engine(world, databases)
        clock = FixedClock(NOON)
        ml = AsyncMemberLogic(AsyncSqlAlchemyStorage(engine), clock=clock)
        opened = await ml.administer(lambda ml: ml.open_organization(name="Async", zone=ZoneInfo("Asia/Tokyo")))
        assert (await ml.run(opened.id, Actor.system(), lambda org: org.organization)).name == "Async"
        clock.forward(timedelta(days=60))
        await ml.administer(lambda ml: ml.run_jobs())
        await engine.dispose()

    account = world.account(credits=[5])
    asyncio.run(main())
    assert [entry.amount for entry in world.entries(account)] == [5, -5]
