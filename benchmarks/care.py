"""P7: what the daily jobs cost with the same number of runs of Member Care due among few runs and among many.

``python -m benchmarks.care --database URL [--members N] [--times T] [--due K] [--rounds R] [--save FILE]``

Two databases are laid, with ``bench`` in their names: one of N members with an active run each, one of T times as many.
In both, the first milestone of K runs is due today. Each turn settles them on a fresh copy; making it is not timed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from benchmarks import due, masses
from benchmarks.due import ORG, Measured, empty, lie_due, load_members
from benchmarks.masses import Laid, Loader, numbered
from memberlogic.care.configurations import ConfigurationTerms
from memberlogic.care.flows import Action, ActionKind, After, DelayUnit, FlowTerms, Milestone
from memberlogic_sqlalchemy import tables

__all__ = ["MEASURED", "lay"]


def lay(url: str, members: int, wanted: int) -> Laid:
    """A club of so many members with an active run each; the first milestone of some is due, of all others later."""
    with empty(url) as (laid, org):
        studio = org.settings.open_studio(code="north", name="North", zone=masses.ZONE)
        call = Action(kind=ActionKind.PHONE_CALL)
        steps = [Milestone(name="Call", schedule=After(length=3, unit=DelayUnit.DAYS), action=call) for _ in range(3)]
        flow = org.care.save_flow(FlowTerms(name="Onboarding", milestones=steps)).flow
        configuration = org.care.create_configuration(ConfigurationTerms(name="North", manual=[flow.id]))
    now = datetime.now(UTC)
    assigned = {True: now - timedelta(days=3, hours=2), False: now - timedelta(days=1)}
    kinds = lie_due(members, wanted)
    loader = Loader(laid.kept)
    load_members(loader, members)
    loader.load(
        tables.care_runs,
        (
            {
                **ORG,
                "id": numbered(7, number),
                "member_id": numbered(1, number),
                "flow_id": flow.id,
                "flow_version": flow.current.version,
                "configuration_id": configuration.id,
                "studio": studio.code,
                "assigned_at": assigned[kind],
                "assigned_by": "staff",
                "place": 0,
                "next_change": assigned[kind] + timedelta(days=3),
                "effective_at": assigned[kind],
                "version": 0,
            }
            for number, kind in enumerate(kinds, start=1)
        ),
    )
    loader.load(
        tables.care_guard,
        (
            {**ORG, "member_id": numbered(1, number), "run_id": numbered(7, number), "version": 0}
            for number, _ in enumerate(kinds, start=1)
        ),
    )
    loader.close()
    return laid


MEASURED = Measured(name="P7 care", among="runs of Member Care", lay=lay, done=lambda run: run.milestones)


if __name__ == "__main__":
    due.main(MEASURED, __doc__)
