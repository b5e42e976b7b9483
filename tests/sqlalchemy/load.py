"""A mixed load of the ledger, driven by `test_processes` in processes of their own; run as a program.

`python load.py URL ORGANIZATION SEED COUNT ACCOUNT...` sends COUNT commands with keys `SEED-n`, each until it is
acknowledged, and prints the number of each that was. Started again with the same seed it repeats the same commands with
the same keys: what was done before is answered, not done.
"""

from __future__ import annotations

import random
import sys
from uuid import UUID

from memberlogic import Actor, MemberLogic, MemberLogicError
from memberlogic.errors import ConcurrencyConflict, StorageUnavailable
from memberlogic.ledger.refusals import InsufficientPoints
from memberlogic_sqlalchemy import SqlAlchemyStorage
from sqlalchemy import create_engine


def main(url: str, organization: str, seed: str, count: str, *accounts: str) -> int:
    """Send the load."""
    engine = create_engine(url, pool_size=1)
    org = MemberLogic(SqlAlchemyStorage(engine)).organization(UUID(organization), Actor.system())
    ids = [UUID(account) for account in accounts]
    chance = random.Random(seed)
    for number in range(int(count)):
        key = f"{seed}-{number}"
        act, points, (source, target) = chance.random(), chance.randint(1, 30), chance.sample(ids, 2)
        try:
            if act < 0.2:
                org.ledger.credit(source, points, reason="load", reference=key, idempotency_key=key)
            else:
                org.ledger.transfer(source=source, target=target, points=points, reference=key, idempotency_key=key)
            print(f"done {number}", flush=True)
        except InsufficientPoints:
            print(f"refused {number}", flush=True)
        except (ConcurrencyConflict, StorageUnavailable) as failure:
            print(f"failed {number} {failure}", flush=True)
        except MemberLogicError as error:
            print(f"wrong {number} {error.code}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
