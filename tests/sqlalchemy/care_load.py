"""A process that assigns flows to the same members as others do; run as a program.

`python care_load.py URL ORGANIZATION SEED ROUNDS STUDIO FLOWS MEMBERS`, flows and members as ids with commas between
them. It says what it did, a line each: `done RUN`, `refused CODE`, `failed ERROR`.
"""

from __future__ import annotations

import random
import sys
from uuid import UUID

from memberlogic import Actor, MemberLogic
from memberlogic.errors import MemberLogicError, RuleViolation
from memberlogic_sqlalchemy import SqlAlchemyStorage
from sqlalchemy import create_engine


def main() -> None:
    """Assign as often as asked."""
    url, organization, seed, rounds, studio, flows, members = sys.argv[1:]
    chance = random.Random(int(seed))
    engine = create_engine(url)
    org = MemberLogic(SqlAlchemyStorage(engine)).organization(UUID(organization), Actor.system())
    for _ in range(int(rounds)):
        member, flow = chance.choice(members.split(",")), chance.choice(flows.split(","))
        try:
            told = org.care.assign(UUID(member), UUID(flow), studio=studio, restart=chance.random() < 0.5)
            print("done", told.run, flush=True)
        except RuleViolation as refused:
            print("refused", refused.code, flush=True)
        except MemberLogicError as error:
            print("failed", error.code, flush=True)
    engine.dispose()


if __name__ == "__main__":
    main()
