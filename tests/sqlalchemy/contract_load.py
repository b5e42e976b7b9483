"""A mixed load on contracts, driven by `test_contract_processes` in processes of their own; run as a program.

`python contract_load.py URL ORGANIZATION SEED COUNT DAY STUDIO CONTRACT...` sends COUNT commands with keys
`SEED-n` on the day and prints what became of each. Every process pays, freezes, cancels and checks in on the same ones.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from memberlogic import Actor, FixedClock, MemberLogic, MemberLogicError, Money
from memberlogic.errors import ConcurrencyConflict, IllegalTransition, RuleViolation, StorageUnavailable
from memberlogic_sqlalchemy import SqlAlchemyStorage
from sqlalchemy import create_engine


def main(url: str, organization: str, seed: str, count: str, day: str, studio: str, *contracts: str) -> int:
    """Send the load."""
    today = date.fromisoformat(day)
    clock = FixedClock(datetime.combine(today, time(12), UTC))
    engine = create_engine(url, pool_size=1)
    org = MemberLogic(SqlAlchemyStorage(engine), clock=clock).organization(UUID(organization), Actor.system())
    ids, chance = [UUID(each) for each in contracts], random.Random(seed)
    members = {each: org.contracts.get(each).covered[0].member for each in ids}
    for number in range(int(count)):
        key, contract = f"{seed}-{number}", chance.choice(ids)
        act, gap, many = chance.random(), chance.randint(0, 60), chance.randint(1, 9)
        command = _command(org, contract, members[contract], studio, today, key, act, gap, many)
        try:
            what, id = command()
            print(f"done {number} {what} {contract} {id}", flush=True)
        except (RuleViolation, IllegalTransition) as refusal:
            print(f"refused {number} {refusal.code}", flush=True)
        except (ConcurrencyConflict, StorageUnavailable) as failure:
            print(f"failed {number} {failure}", flush=True)
        except MemberLogicError as error:
            print(f"wrong {number} {error.code}", flush=True)
    return 0


def _command(org, contract, member, studio, today, key, act, gap, many) -> Callable[[], tuple[str, object]]:  # type: ignore[no-untyped-def]
    of = org.contracts

    def pay() -> tuple[str, object]:
        told = of.pay(contract, Money(100 * many, "EUR"), reference=key, idempotency_key=key)
        return "pay", told.payment

    def freeze() -> tuple[str, object]:
        since = today + timedelta(days=gap)
        told = of.freeze(contract, since=since, until=since + timedelta(days=many), reason="load", idempotency_key=key)
        return "freeze", told.freeze

    def cancel() -> tuple[str, object]:
        to = today + timedelta(days=90 + gap)
        of.cancel(contract, received_on=today, to=to, extraordinary=True, reason="other", idempotency_key=key)
        return "cancel", to

    def check_in() -> tuple[str, object]:
        return "visit", of.check_in(member, studio=studio, idempotency_key=key).visit

    if act < 0.35:
        return pay
    if act < 0.6:
        return freeze
    return cancel if act < 0.7 else check_in


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
