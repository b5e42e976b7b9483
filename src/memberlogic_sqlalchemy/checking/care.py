"""What is stored of runs of Member Care although it is computed, and that each member has one active run at most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve

from memberlogic.care.advancing import VISIT, Advanced, awaited, current_place
from memberlogic.care.flows import Unseen
from memberlogic.care.hearing import hear
from memberlogic.care.model import Pause, Run, Step, united
from memberlogic.care.pausing import pauses_of
from memberlogic.care.settling import with_lapses
from memberlogic.ids import CareRunId
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check, Row, aware
from memberlogic_sqlalchemy.checking.handfuls import id_of, in_handfuls
from memberlogic_sqlalchemy.work import SqlWork
from sqlalchemy import Connection, and_, or_, select

__all__ = ["CHECKS"]

_r, _s = tables.care_runs.c, tables.care_steps.c
_g, _w = tables.care_guard.c, tables.care_awaits.c
_mine = and_(_g.organization_id == _r.organization_id, _g.run_id == _r.id)
_UNGUARDED = (
    select(_r.organization_id, _r.id.label("run"), _g.member_id.label("stored"), _r.member_id.label("counted"))
    .select_from(tables.care_runs.outerjoin(tables.care_guard, _mine))
    .where(
        or_(
            and_(_r.ended_at.is_(None), or_(_g.member_id.is_(None), _g.member_id != _r.member_id)),
            and_(_r.ended_at.is_not(None), _g.member_id.is_not(None)),
        )
    )
)
_RUNS = select(_r.organization_id, _r.id, _r.place, _r.next_change).order_by(_r.organization_id, _r.id)
_STEPS = select(_s.organization_id, _s.run_id.label("id"), _s.id.label("step"), _s.day, _s.surface).order_by(
    _s.organization_id, _s.run_id, _s.id
)
_WAITING = select(_w.run_id, _w.kind)


def _several(uow: SqlWork, rows: Sequence[Row]) -> Mapping[Any, Run]:
    found = uow.care_runs.several([CareRunId(id_of(row["id"])) for row in rows])
    organization = uow.organizations.get(uow.organization)[0]
    return {row["id"]: with_lapses(found[CareRunId(id_of(row["id"]))], organization) for row in rows}


def _each(
    told: Callable[[SqlWork, Run, Row], tuple[Any, Any] | None],
) -> Callable[[Connection, Iterable[Row]], Iterator[Row]]:
    """The runs, or steps of theirs, of which something is told as stored and as counted."""

    def refine(connection: Connection, rows: Iterable[Row]) -> Iterator[Row]:
        for uow, organization, chunk in in_handfuls(connection, rows):
            runs = _several(uow, chunk)
            for row in chunk:
                wrong = told(uow, runs[row["id"]], row)
                if wrong is not None:
                    stored, counted = wrong
                    named = {"run": row["id"]} | ({"step": row["step"]} if "step" in row else {})
                    yield {"organization_id": organization, **named, "stored": stored, "counted": counted}

    return refine


def _place(_: SqlWork, run: Run, row: Row) -> tuple[Any, Any] | None:
    counted = current_place(run)
    return None if row["place"] == counted else (row["place"], counted)


def _next_change(uow: SqlWork, run: Run, row: Row) -> tuple[Any, Any] | None:
    """It may be early, never late. What an event starts that nobody has looked for yet is not its concern."""
    place = current_place(run)
    unseen = place < len(run.milestones) and isinstance(run.milestones[place].schedule, Unseen)
    heard = [each for each in hear(uow, run) if each.kind == VISIT] if unseen and VISIT not in awaited(run) else ()
    counted = Advanced(run, heard=heard).next_change
    stored = None if row["next_change"] is None else aware(row["next_change"])
    late = counted is not None and (stored is None or stored > counted)
    return (stored, counted) if late else None


def _awaited(uow: SqlWork, run: Run, _: Row) -> tuple[Any, Any] | None:
    stored, counted = sorted(uow.care_runs.awaiting(run.id)), sorted(awaited(run))
    return None if stored == counted else (", ".join(stored), ", ".join(counted))


def _pauses(uow: SqlWork, run: Run, _: Row) -> tuple[Any, Any] | None:
    """What is known since it was last written: what stood still before stands, whatever was learnt since."""
    if not run.active:
        return None
    spans = uow.memberships.of(run.member)
    told = pauses_of(spans, run.assigned_at, while_frozen=run.flow.terms.pauses_while_frozen)
    stored, counted = _since(run.pauses, run), _since(told, run)
    return None if stored == counted else (_said(stored), _said(counted))


def _since(pauses: Iterable[Pause], run: Run) -> tuple[Pause, ...]:
    return united(evolve(each, since=max(each.since, run.effective_at)) for each in pauses if _ends_later(each, run))


def _ends_later(pause: Pause, run: Run) -> bool:
    return pause.until is None or pause.until > run.effective_at


def _said(pauses: Iterable[Pause]) -> str:
    ends = ((each.since.isoformat(), "-" if each.until is None else each.until.isoformat()) for each in pauses)
    return "; ".join(" to ".join(each) for each in ends)


def _step(run: Run, row: Row) -> Step:
    return next(each for each in run.steps if each.id == id_of(row["step"]))


def _day(_: SqlWork, run: Run, row: Row) -> tuple[Any, Any] | None:
    counted = run.day_of(_step(run, row))
    return None if row["day"] == counted else (row["day"], counted)


def _surface(_: SqlWork, run: Run, row: Row) -> tuple[Any, Any] | None:
    action = run.milestones[_step(run, row).place].action
    counted = None if action is None else action.surface.value
    return None if row["surface"] == counted else (row["surface"], counted)


def _of_steps(code: str, rule: str, says: str, told: Callable[[SqlWork, Run, Row], tuple[Any, Any] | None]) -> Check:
    return Check(code=code, rule=rule, says=says, statement=_STEPS, whose=_s.organization_id, refine=_each(told))


def _of_runs(code: str, rule: str, says: str, told: Callable[[SqlWork, Run, Row], tuple[Any, Any] | None]) -> Check:
    return Check(code=code, rule=rule, says=says, statement=_RUNS, whose=_r.organization_id, refine=_each(told))


CHECKS: Sequence[Check] = (
    Check(
        code="care.guard",
        rule="CARE-10",
        says="The active run of a member is the one that guards them, and no run that is over does.",
        statement=_UNGUARDED,
        whose=_r.organization_id,
    ),
    _of_runs("care.place", "CARE-18", "A run stands at the first milestone that is not done.", _place),
    _of_runs("care.next_change", "CARE-16", "A run is looked at when something of it comes about next.", _next_change),
    _of_runs("care.awaits", "CARE-2", "A run is woken by the events that it waits for.", _awaited),
    _of_runs("care.pauses", "CARE-3", "Time stands still for a run while its member is not one.", _pauses),
    _of_steps("care.day", "CARE-13", "A step is to be done on its day where the studio is, or as postponed.", _day),
    _of_steps("care.surface", "CARE-12", "A step is shown where its milestone says.", _surface),
)
