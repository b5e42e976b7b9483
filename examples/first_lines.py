"""The first lines of a host: open a store, an organization and a club; give points, pass some on, be refused.

Run it anywhere: ``python examples/first_lines.py``. It keeps a SQLite file in the folder it is started from.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from memberlogic import Actor, After, MemberLogic, MemberLogicError, Term
from memberlogic_sqlalchemy import SqlAlchemyStorage, upgrade
from sqlalchemy import create_engine

# Another database is another URL: postgresql+psycopg://…, mariadb+pymysql://…
engine = create_engine("sqlite:///first_lines.db")


def main() -> None:
    """Everything a first program needs."""
    upgrade(engine)  # nothing migrates by itself; call this when you deploy, from as many processes as you like
    ml = MemberLogic(SqlAlchemyStorage(engine))

    # A tenant, and a handle on it for whoever acts: staff with permissions, a member, or the system.
    tenant = ml.open_organization(name="Northside", zone=ZoneInfo("Europe/Berlin"))
    setup = ml.organization(tenant.id, Actor.system())

    # A loyalty programme whose points live for 90 days.
    club = setup.loyalty.open_club(
        name="Regulars", zone=tenant.zone, member_types=["customer"], expiry=After(Term.of_days(90))
    )
    ana = setup.members.register(member_type="customer", given_name="Ana", email="ana@example.org", verified=True)
    ben = setup.members.register(member_type="customer", given_name="Ben", email="ben@example.org", verified=True)
    anas = setup.loyalty.open_account(club=club.id, member=ana.id).id
    bens = setup.loyalty.open_account(club=club.id, member=ben.id).id

    # The key makes a repeat harmless: the same key with the same command answers the first result.
    for _ in range(2):
        setup.ledger.credit(anas, 100, reason="welcome", idempotency_key=f"welcome-{ana.id}")

    # Ana acts for herself, and reaches her own account only.
    as_ana = ml.organization(tenant.id, Actor.member(ana.id))
    print(as_ana.ledger.transfer(source=anas, target=bens, points=30).explain())

    # A refusal is a class with a code, details and a sentence; nothing of the command remains.
    try:
        as_ana.ledger.transfer(source=anas, target=bens, points=500)
    except MemberLogicError as refusal:
        print(f"{refusal.code}: {refusal}")

    print("Ana has", as_ana.ledger.balance(anas).available)
    print("Ben has", setup.ledger.balance(bens).available)
    engine.dispose()


if __name__ == "__main__":
    main()
