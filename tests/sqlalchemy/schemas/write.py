"""Write down what the library as it stands puts into a database, and what it answers about it: the file that later
versions are tried on. Run once for each schema version, before it is released (CONTRIBUTING.md).

    python -m tests.sqlalchemy.schemas.write
"""

from __future__ import annotations

import base64
import json
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from memberlogic import converting
from memberlogic.calendar import Term
from memberlogic.ids import AccountId, ExternalId
from memberlogic.ledger.model import After
from memberlogic.loyalty.model import Scheme
from memberlogic.loyalty.programme import Earning, EarningRule, Fixed, Rate, Redeeming
from memberlogic.loyalty.progression import Downgrade, Metric, Monthly, Progression, Upgrade
from memberlogic.loyalty.purchases import PurchaseLine
from memberlogic.testing import World
from memberlogic_sqlalchemy import SqlAlchemyStorage, tables, upgrade
from sqlalchemy import Engine, create_engine, select


def live(engine: Engine) -> tuple[World, dict[str, AccountId], Any]:
    """Three accounts of one club, and what they went through; the result of a command with a key."""
    world = World(
        SqlAlchemyStorage(engine),
        currency="EUR",
        schemes=[Scheme(code="base", name="Base", threshold=0), Scheme(code="gold", name="Gold", threshold=10_000)],
        expiry=After(Term.of_days(90)),
        earning=Earning(
            rules=[
                EarningRule(key="base", gives=Rate(1, 100)),
                EarningRule(key="welcome", gives=Fixed(10), minimum=5_000),
            ],
            excluded_categories=frozenset({"fuel"}),
        ),
        redeeming=Redeeming(points=50, value=500, minimum=50, minimum_total=500),
        progression=Progression(
            metric=Metric.MONEY_SPENT,
            window=Term.of_days(60),
            upgrade=Upgrade.AT_ONCE,
            downgrade=Downgrade.TO_REACHED,
            review=Monthly(1),
        ),
    )
    org = world.org
    one = org.loyalty.open_account(
        club=world.club.id, member=world.member(), external_ids=[ExternalId("card", "one")]
    ).id
    two, joint = world.account(), world.account()
    org.loyalty.join_account(joint, world.member())
    buy(world, one, "r-1", 4_000, 2_500, 1_000)
    world.wait(days=2)
    buy(world, one, "r-2", 3_000, 700)
    world.wait(days=1)
    buy(world, one, "r-3", 2_000, 999, redeem=50)
    world.wait(days=1)
    buy(world, joint, "r-4", 12_345)
    transferred = org.ledger.transfer(source=joint, target=two, points=30, idempotency_key="transfer-1")
    org.ledger.credit(two, 25, reason="welcome", idempotency_key="credit-1")
    world.wait(days=1)
    until = world.clock.now() + timedelta(days=3)
    org.ledger.hold(two, 20, until=until, reason="order")
    org.ledger.capture(org.ledger.hold(two, 5, until=until, reason="order").hold, points=4)
    org.loyalty.block_account(joint, reason="fraud")
    world.wait(days=70)
    world.ml.run_jobs()
    world.wait(days=10)
    buy(world, one, "r-5", 2_600)
    world.wait(days=3)
    return world, {"one": one, "two": two, "joint": joint}, transferred


def buy(world: World, account: AccountId, number: str, *amounts: int, redeem: int = 0) -> None:
    """A purchase whose third line is fuel."""
    world.org.loyalty.record_purchase(
        account=account,
        purchase=ExternalId("till", number),
        lines=[
            PurchaseLine(item=f"item-{at}", amount=amount, quantity=1, categories=("fuel",) if at == 2 else ())
            for at, amount in enumerate(amounts)
        ],
        currency="EUR",
        redeem=redeem,
    )


def plain(value: Any) -> Any:
    """A value of a column as JSON says it."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, datetime | date) else value


def written(engine: Engine) -> dict[str, Any]:
    """The rows of every table, and the answers."""
    world, accounts, transferred = live(engine)
    org, span = world.org, {"since": date(2026, 1, 1), "until": date(2026, 4, 16)}
    with engine.connect() as connection:
        rows = {
            table.name: {
                "columns": [column.name for column in table.columns],
                "rows": [[plain(each) for each in row] for row in connection.execute(select(table))],
            }
            for table in tables.metadata.sorted_tables
        }
    return {
        "organization": world.organization.id.hex,
        "club": world.club.id.hex,
        "now": world.clock.now().isoformat(),
        "accounts": {name: account.hex for name, account in accounts.items()},
        "answers": {
            "balances": {name: converting.to_json(org.ledger.balance(each)) for name, each in accounts.items()},
            "statements": {
                name: org.ledger.statement(each, **span).text(explained=True) for name, each in accounts.items()
            },
            "schemes": {name: org.loyalty.account(each).scheme for name, each in accounts.items()},
            "transfer": converting.to_json(transferred),
            "purchase": converting.to_json(org.loyalty.find_purchase("till", "r-1")),
        },
        "tables": {name: content for name, content in rows.items() if content["rows"]},
    }


def main() -> None:
    """Write the file of the present schema version."""
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/club.db")
        version = upgrade(engine)
        said = written(engine)
        engine.dispose()
    file = Path(__file__).with_name(f"{version}.json")
    file.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    print(f"{file.name} written")


if __name__ == "__main__":
    main()
