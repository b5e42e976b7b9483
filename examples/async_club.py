"""A club behind an async web service: the same services, each run to its end by one ``await``.

Run it anywhere: ``python examples/async_club.py`` (needs ``memberlogic-sqlalchemy[async]``). It keeps a SQLite file in
the folder it is started from.
"""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from memberlogic import Actor, AsyncMemberLogic, Handle, MemberLogic, MemberLogicError
from memberlogic.ids import AccountId, ClubId
from memberlogic_sqlalchemy import AsyncSqlAlchemyStorage, SqlAlchemyStorage, upgrade
from sqlalchemy import create_engine


def join(org: Handle, club: ClubId, name: str) -> AccountId:
    """Several commands in a row are an ordinary function of a handle."""
    email = f"{name.lower()}@example.org"
    member = org.members.register(member_type="customer", given_name=name, email=email, verified=True)
    return org.loyalty.open_account(club=club, member=member.id).id


async def main() -> None:
    """Own transactions by ``ml.run``, the host's by ``AsyncSession.run_sync``."""
    deploy = create_engine("sqlite:///async_club.db")
    upgrade(deploy)  # when you deploy, with the ordinary driver
    deploy.dispose()

    engine = create_async_engine("sqlite+aiosqlite:///async_club.db")
    ml = AsyncMemberLogic(AsyncSqlAlchemyStorage(engine))
    system = Actor.system()
    tenant = await ml.administer(lambda ml: ml.open_organization(name="Club", zone=ZoneInfo("Asia/Tokyo")))
    club = await ml.run(
        tenant.id,
        system,
        lambda org: org.loyalty.open_club(name="Regulars", zone=tenant.zone, member_types=["customer"]),
    )
    ana = await ml.run(tenant.id, system, lambda org: join(org, club.id, "Ana"))
    ben = await ml.run(tenant.id, system, lambda org: join(org, club.id, "Ben"))

    # Many at once: they wait for one another without blocking the event loop.
    await asyncio.gather(
        *(ml.run(tenant.id, system, lambda org: org.ledger.credit(ana, 10, reason="visit")) for _ in range(5))
    )

    try:
        await ml.run(tenant.id, system, lambda org: org.ledger.transfer(source=ana, target=ben, points=51))
    except MemberLogicError as refusal:
        print(refusal)

    # In the transaction of an AsyncSession of yours: run_sync lends its synchronous face.
    async with AsyncSession(engine) as session, session.begin():

        def give(sync: Session) -> int:
            org = MemberLogic(SqlAlchemyStorage.joined(sync)).organization(tenant.id, system)
            return org.ledger.transfer(source=ana, target=ben, points=20).available

        print("Ana has", await session.run_sync(give))

    balance = await ml.run(tenant.id, system, lambda org: org.ledger.balance(ben))
    print("Ben has", balance.available)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
