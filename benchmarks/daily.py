"""P7: what a daily run of the jobs costs with the same number due among few members and among many.

``python -m benchmarks.daily --database URL [--members N] [--times T] [--due K] [--rounds R] [--save FILE]``

Two databases are laid, with ``bench`` in their names: one of N members with a contract each, one of T times as many. In
both, K contracts come to the end of a term today. Each turn announces them on a fresh copy; making it is not timed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import ground, masses
from benchmarks.masses import Laid, Loader, numbered
from benchmarks.measuring import LEAST_ROUNDS, Row, in_turn, save
from memberlogic import Actor, MemberLogic
from memberlogic.calendar import Term, local_day
from memberlogic.contracts.covering import membership
from memberlogic.contracts.model import Contract, Coverage
from memberlogic.contracts.rates import Extends, RateTerms
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import next_change_of, spans
from memberlogic.ids import ContractId, CoverageId, MemberId
from memberlogic_sqlalchemy import SqlAlchemyStorage, tables, upgrade
from memberlogic_sqlalchemy.values import LAST, NEVER
from sqlalchemy import make_url

__all__ = ["lay", "measure"]

_REACH = 1 / 1.3
"""At most 1.3 times the time."""

_YEAR = Term.of_months(12)
_MEMBER = MemberId(numbered(1, 0))
_ORG = {"organization_id": ground.ORGANIZATION}


def lay(url: str, members: int, due: int) -> Laid:
    """A club of so many members with a contract each; some of them renew today, all others later."""
    laid = Laid(url)
    ground.empty(laid.kept)
    laying = ground.engine(laid.kept, durable=False)
    upgrade(laying)
    library = MemberLogic(SqlAlchemyStorage(laying))
    library.open_organization(name="Bench", zone=masses.ZONE, id=ground.ORGANIZATION)
    org = library.organization(ground.ORGANIZATION, Actor.system())
    studio = org.settings.open_studio(code="north", name="North", zone=masses.ZONE)
    rate = org.contracts.open_rate(code="year", terms=RateTerms(name="Year", term=_YEAR, renewal=Extends(_YEAR)))
    laying.dispose()
    now = datetime.now(UTC)
    today = local_day(now, masses.ZONE)
    since = {True: _YEAR.before(today), False: today - timedelta(days=30)}
    patterns = {
        renews: Contract(
            id=ContractId(numbered(7, 0)),
            rates=(rate.current,),
            studio=studio,
            signed_on=day,
            start_on=day,
            coverage=(Coverage(id=CoverageId(numbered(8, 0)), member=_MEMBER, holder=True, since=day),),
            announced_to=today - timedelta(days=1),
            effective_at=now - timedelta(days=1),
        )
        for renews, day in since.items()
    }
    # Those that are due lie all over the club.
    every = max(1, members // due)
    loader = Loader(laid.kept)
    kinds = [patterns[number % every == 0 and number // every <= due] for number in range(1, members + 1)]
    _load(loader, kinds)
    loader.close()
    return laid


def _load(loader: Loader, kinds: Sequence[Contract]) -> None:
    """A member and a contract of each kind in turn, as commands leave them."""
    people = {"member_type": "standard", "state": "active", "version": 1}
    loader.load(tables.members, ({**_ORG, "id": numbered(1, number), **people} for number, _ in _counted(kinds)))
    rows = {id(kind): _contract_row(kind) for kind in kinds}
    loader.load(
        tables.contracts, ({**_ORG, "id": numbered(7, number), **rows[id(kind)]} for number, kind in _counted(kinds))
    )
    loader.load(
        tables.contract_members,
        (
            {
                **_ORG,
                "id": numbered(8, number),
                "contract_id": numbered(7, number),
                "member_id": numbered(1, number),
                "holder": 1,
                "since": kind.signed_on,
            }
            for number, kind in _counted(kinds)
        ),
    )
    told = {id(kind): spans(Course.of(kind)) for kind in kinds}
    loader.load(
        tables.contract_spans,
        (
            {
                **_ORG,
                "contract_id": numbered(7, number),
                "since": span.since,
                "until": span.until or LAST,
                "status": span.status.value,
            }
            for number, kind in _counted(kinds)
            for span in told[id(kind)]
        ),
    )
    are = {id(kind): membership(_MEMBER, [kind]) for kind in kinds}
    loader.load(
        tables.member_spans,
        (
            {
                **_ORG,
                "member_id": numbered(1, number),
                "since": span.since,
                "until": span.until or NEVER,
                "status": span.status.value,
                "detail": span.detail.value if span.detail else None,
            }
            for number, kind in _counted(kinds)
            for span in are[id(kind)]
        ),
    )


def _counted(kinds: Sequence[Contract]) -> Iterator[tuple[int, Contract]]:
    return enumerate(kinds, start=1)


def _contract_row(kind: Contract) -> dict[str, Any]:
    return {
        "rate_id": kind.rate.rate,
        "rate_version": kind.rate.version,
        "rates_later": "[]",
        "studio": kind.studio.code,
        "signed_on": kind.signed_on,
        "start_on": kind.start_on,
        "announced_to": kind.announced_to,
        "next_change": next_change_of(kind),
        "effective_at": kind.effective_at,
        "version": 0,
    }


def turn(laid: Laid, due: int) -> float:
    """One daily run; how many runs a second."""
    laid.anew()
    engine = ground.engine(laid.url)
    library = MemberLogic(SqlAlchemyStorage(engine))
    start = time.perf_counter()
    run = library.run_jobs()
    elapsed = time.perf_counter() - start
    engine.dispose()
    assert run.announcements == due, run
    return 1 / elapsed


def measure(url: str, members: int, times: int, due: int, rounds: int, results: dict[str, Row]) -> None:
    """Many members and few in turn."""
    named = make_url(url)
    few = lay(url, members, due)
    larger = named.set(database=f"{named.database}_many").render_as_string(hide_password=False)
    many = lay(larger, members * times, due)
    place = "SQLite" if masses.on_sqlite(url) else "PostgreSQL"
    in_turn(
        "P7",
        f"a daily run with {due} due among {members * times} contracts on {place}",
        partial(turn, many, due),
        {f"the same among {members}": (partial(turn, few, due), _REACH)},
        rounds=rounds,
        results=results,
    )
    few.drop()
    many.drop()


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", required=True)
    parser.add_argument("--members", type=int, default=2_000)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--due", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--save", type=Path)
    asked = parser.parse_args()
    results: dict[str, Row] = {}
    measure(asked.database, asked.members, asked.times, asked.due, asked.rounds, results)
    if asked.save:
        save(asked.save, results)


if __name__ == "__main__":
    main()
