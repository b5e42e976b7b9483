"""P7: what a daily run of the jobs costs with the same number due among few members and among many.

``python -m benchmarks.daily --database URL [--members N] [--times T] [--due K] [--rounds R] [--save FILE]``

Two databases are laid, with ``bench`` in their names: one of N members with a contract each, one of T times as many. In
both, K contracts come to the end of a term today. Each turn announces them on a fresh copy; making it is not timed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks import due, masses
from benchmarks.due import ORG, Measured, empty, lie_due, load_members
from benchmarks.masses import Laid, Loader, numbered
from memberlogic.calendar import Term, local_day
from memberlogic.contracts.covering import membership
from memberlogic.contracts.model import Contract, Coverage
from memberlogic.contracts.rates import Extends, RateTerms
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import next_change_of, spans
from memberlogic.ids import ContractId, CoverageId, MemberId
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.values import LAST, NEVER

__all__ = ["MEASURED", "lay"]

_YEAR = Term.of_months(12)
_MEMBER = MemberId(numbered(1, 0))


def lay(url: str, members: int, wanted: int) -> Laid:
    """A club of so many members with a contract each; some of them renew today, all others later."""
    with empty(url) as (laid, org):
        studio = org.settings.open_studio(code="north", name="North", zone=masses.ZONE)
        rate = org.contracts.open_rate(code="year", terms=RateTerms(name="Year", term=_YEAR, renewal=Extends(_YEAR)))
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
    loader = Loader(laid.kept)
    kinds = [patterns[each] for each in lie_due(members, wanted)]
    _load(loader, kinds)
    loader.close()
    return laid


def _load(loader: Loader, kinds: Sequence[Contract]) -> None:
    """A member and a contract of each kind in turn, as commands leave them."""
    load_members(loader, len(kinds))
    rows = {id(kind): _contract_row(kind) for kind in kinds}
    loader.load(
        tables.contracts, ({**ORG, "id": numbered(7, number), **rows[id(kind)]} for number, kind in _counted(kinds))
    )
    loader.load(
        tables.contract_members,
        (
            {
                **ORG,
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
                **ORG,
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
                **ORG,
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


MEASURED = Measured(name="P7", among="contracts", lay=lay, done=lambda run: run.announcements)


if __name__ == "__main__":
    due.main(MEASURED, __doc__)
