"""CARE-15: the runs that are closed, found: one, or those whose time stands still."""

from __future__ import annotations

from collections.abc import Sequence

from memberlogic.care.advancing import Advanced
from memberlogic.care.closing import CloseFormer, Idle
from memberlogic.care.gathering import CareDesk
from memberlogic.care.model import Run
from memberlogic.care.ports import CareWork
from memberlogic.care.settling import with_lapses
from memberlogic.ids import CareRunId, MemberId

__all__ = ["held", "idle"]


def held(desk: CareDesk, uow: CareWork, id: CareRunId) -> tuple[Run, Advanced]:
    """A run, locked, as it is stored and as it is now.

    Raises:
        NotFound: if there is no such run.
    """
    active = desk.held(uow, uow.care_runs.get(id).member)
    # What was read before the lock may be over by now: it is read again.
    run = active if active is not None and active.id == id else with_lapses(uow.care_runs.get(id), desk.organization)
    return run, desk.settled(uow, run)


def idle(desk: CareDesk, uow: CareWork, wanted: CloseFormer) -> tuple[Sequence[Idle], MemberId | None]:
    """The next runs that stand still, locked, with what their members are; and after whom to go on."""
    found = uow.care_runs.standing_still(uow.now, after=wanted.after, limit=wanted.size)
    runs = desk.lapsing([*uow.care_runs.held(found).values()])
    members = [each.member for each in runs]
    spans, contracts = uow.memberships.several(members), uow.contracts.of(members).values()
    told = [
        Idle(
            stored=each,
            advanced=desk.settled(uow, each),
            spans=spans[each.member],
            contracts=[contract for contract in contracts if each.member in contract.members],
        )
        for each in runs
    ]
    return told, found[-1] if len(found) == wanted.size else None
