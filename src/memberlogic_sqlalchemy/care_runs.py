"""Runs of Member Care in tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memberlogic.calendar import Term
from memberlogic.care.advancing import awaited, current_place, listens, milestone_id
from memberlogic.care.keeping import Change, merged
from memberlogic.care.model import AssignedBy, Ended, EndReason, Pause, Run, Step, StepState
from memberlogic.care.work_list import OpenActions
from memberlogic.errors import NotFound
from memberlogic.ids import (
    CareConfigurationId,
    CareFlowId,
    CareRunId,
    CareStepId,
    ContractId,
    MemberId,
    NoteId,
)
from memberlogic.organizations.model import Studio
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.dialects.base import Query
from memberlogic_sqlalchemy.statements import Row, Statement, family, inserting, next_version, one_of, padded
from memberlogic_sqlalchemy.values import Codec
from sqlalchemy import and_, bindparam, delete, literal_column, or_, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlCareRuns"]

_r, _s, _p, _g, _w, _h = (
    tables.care_runs.c,
    tables.care_steps.c,
    tables.care_pauses.c,
    tables.care_guard.c,
    tables.care_awaits.c,
    tables.care_heard.c,
)


def _mine(table: Any) -> Any:
    return table.organization_id == bindparam("organization", type_=table.organization_id.type)


def _but(table: Any, *names: str) -> list[Any]:
    return [column for column in table.columns if column.name not in ("organization_id", *names)]


_RUN_COLUMNS = _but(tables.care_runs, "place", "next_change")
_STEP_COLUMNS = _but(tables.care_steps, "milestone_id", "day", "surface")


@family
def _locking(count: int) -> Statement:
    names, among = one_of(_g.member_id, count)
    core = select(_g.member_id, _g.run_id, _g.version).where(_mine(_g), among)
    return Statement(core.order_by(_g.member_id).with_for_update(key_share=True), "organization", *names)


@family
def _guarded(count: int) -> Statement:
    names, among = one_of(_g.member_id, count)
    return Statement(select(_g.member_id, _g.run_id, _g.version).where(_mine(_g), among), "organization", *names)


@family
def _runs(count: int) -> Statement:
    names, among = one_of(_r.id, count)
    return Statement(select(*_RUN_COLUMNS).where(_mine(_r), among).order_by(_r.id), "organization", *names)


@family
def _steps(count: int) -> Statement:
    names, among = one_of(_s.run_id, count)
    core = select(*_STEP_COLUMNS).where(_mine(_s), among)
    return Statement(core, "organization", *names)


@family
def _pauses(count: int) -> Statement:
    names, among = one_of(_p.run_id, count)
    core = select(_p.run_id, _p.since, _p.until).where(_mine(_p), among).order_by(_p.since)
    return Statement(core, "organization", *names)


@family
def _waiting(count: int) -> Statement:
    names, among = one_of(_w.member_id, count)
    return Statement(select(_w.run_id, _w.kind).where(_mine(_w), among), "organization", *names)


_DUE = (
    select(_r.id)
    .where(
        _mine(_r),
        _r.next_change <= bindparam("before", type_=_r.next_change.type),
        _r.id > bindparam("after", type_=_r.id.type),
    )
    .order_by(_r.id)
    .limit(bindparam("limit"))
)
_DUE_BY = Statement(_DUE, "organization", "before", "after", "limit")
_AT = bindparam("at", type_=_p.since.type)
_STILL = Statement(
    select(_g.member_id)
    .select_from(
        tables.care_guard.join(
            tables.care_pauses, and_(_p.organization_id == _g.organization_id, _p.run_id == _g.run_id)
        )
    )
    .where(_mine(_g), _g.member_id > bindparam("after", type_=_g.member_id.type), _p.since <= _AT, _p.until > _AT)
    .order_by(_g.member_id)
    .limit(bindparam("limit")),
    "organization",
    "after",
    "at",
    "limit",
)
_ASKED = ("assignee", "competence", "surface")


@lru_cache(maxsize=64)
def _open(said: frozenset[str]) -> Statement:
    """Open actions, by what is said of those that are asked for."""
    names = [each for each in (*_ASKED, "studio", "since", "before", "day_after") if each in said]
    table: Any = tables.care_steps
    core = select(_s.run_id, _s.id).where(_mine(_s), _s.state == bindparam("state", type_=_s.state.type), *_only(said))
    if "studio" in said:
        table = table.join(tables.care_runs, and_(_r.organization_id == _s.organization_id, _r.id == _s.run_id))
        core = core.where(_r.studio == bindparam("studio", type_=_r.studio.type))
    if "day_after" in said:
        day, id = bindparam("day_after", type_=_s.day.type), bindparam("id_after", type_=_s.id.type)
        core = core.where(_s.day >= day, or_(_s.day > day, _s.id > id))
        names.append("id_after")
    core = core.select_from(table).order_by(_s.day, _s.id).limit(bindparam("limit"))
    return Statement(core, "organization", "state", *names, "limit")


def _only(said: frozenset[str]) -> list[Any]:
    found = [_s[each] == bindparam(each, type_=_s[each].type) for each in _ASKED if each in said]
    if "competence" in said and "assignee" not in said:
        found.append(_s.assignee.is_(None))
    if "since" in said:
        found.append(_s.day >= bindparam("since", type_=_s.day.type))
    if "before" in said:
        found.append(_s.day < bindparam("before", type_=_s.day.type))
    return found


_OF = Statement(
    select(_r.id).where(_mine(_r), _r.member_id == bindparam("member", type_=_r.member_id.type)),
    "organization",
    "member",
)
_OF_STEP = Statement(
    select(_s.run_id).where(_mine(_s), _s.id == bindparam("id_", type_=_s.id.type)), "organization", "id_"
)
_AWAITING = Statement(
    select(_w.kind).where(_mine(_w), _w.run_id == bindparam("run_", type_=_w.run_id.type)), "organization", "run_"
)
_ADD, _ADD_STEP, _ADD_PAUSE, _ADD_GUARD, _ADD_AWAITED, _ADD_HEARD = (
    inserting(tables.care_runs),
    inserting(tables.care_steps),
    inserting(tables.care_pauses),
    inserting(tables.care_guard),
    inserting(tables.care_awaits),
    inserting(tables.care_heard),
)


_FORGET_PAUSES = Statement(
    delete(tables.care_pauses).where(_mine(_p), _p.run_id == bindparam("run_", type_=_p.run_id.type)),
    "organization",
    "run_",
)
_FORGET_AWAITED = Statement(
    delete(tables.care_awaits).where(_mine(_w), _w.run_id == bindparam("run_", type_=_w.run_id.type)),
    "organization",
    "run_",
)
_OWN = ("place", "ended_at", "end_reason", "end_code", "ended_by", "next_change", "effective_at")
_CHANGE = Statement(
    update(tables.care_runs)
    .values(
        {each: bindparam(f"new_{each}", type_=_r[each].type) for each in _OWN} | {"version": next_version(_r.version)}
    )
    .where(_mine(_r), _r.id == bindparam("id_", type_=_r.id.type)),
    *(f"new_{each}" for each in _OWN),
    "expected",
    "organization",
    "id_",
    apart_by=("id_",),
)
_OF_A_STEP = (
    "state",
    "done_at",
    "outcome",
    "reason",
    "assignee",
    "competence",
    "postponed_to",
    "postponed_at",
    "note_id",
    "day",
)
_CHANGE_STEP = Statement(
    update(tables.care_steps)
    .values({each: bindparam(f"new_{each}", type_=_s[each].type) for each in _OF_A_STEP})
    .where(_mine(_s), _s.id == bindparam("id_", type_=_s.id.type)),
    *(f"new_{each}" for each in _OF_A_STEP),
    "organization",
    "id_",
    apart_by=("id_",),
)
_CHANGE_GUARD = Statement(
    update(tables.care_guard)
    .values(run_id=bindparam("new_run", type_=_g.run_id.type), version=next_version(_g.version))
    .where(_mine(_g), _g.member_id == bindparam("member", type_=_g.member_id.type)),
    "new_run",
    "expected",
    "organization",
    "member",
    apart_by=("member",),
)
_SET_GUARD = Statement(
    # Of members whose records become one: both rows are locked.
    update(tables.care_guard)
    .values(run_id=bindparam("new_run", type_=_g.run_id.type), version=_g.version + literal_column("1"))
    .where(_mine(_g), _g.member_id == bindparam("member", type_=_g.member_id.type)),
    "new_run",
    "organization",
    "member",
)
_RENAME_RUNS, _RENAME_AWAITED = (
    Statement(
        update(table)
        .values(member_id=bindparam("into", type_=table.c.member_id.type))
        .where(_mine(table.c), table.c.member_id == bindparam("gone", type_=table.c.member_id.type)),
        "into",
        "organization",
        "gone",
    )
    for table in (tables.care_runs, tables.care_awaits)
)
_HEARD = Statement(select(_h.event_id).where(_mine(_h)), "organization")
_HEAR = Statement(
    update(tables.care_heard).values(event_id=bindparam("new_event", type_=_h.event_id.type)).where(_mine(_h)),
    "new_event",
    "organization",
)
_WAKE = Statement(
    update(tables.care_runs)
    .values(next_change=bindparam("new_next", type_=_r.next_change.type))
    .where(
        _mine(_r),
        _r.ended_at.is_(None),
        or_(_r.next_change.is_(None), _r.next_change > bindparam("new_next", type_=_r.next_change.type)),
    ),
    "new_next",
    "organization",
)


class SqlCareRuns:
    """The port ``CareRuns``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow
        self._codec = uow.codec
        self._changes: dict[CareRunId, Change] = {}
        self._guards: dict[MemberId, tuple[CareRunId | None, int | None]] = {}
        """What guards the members that were locked: their active run, and the version of the row; None without one."""
        self._studios: dict[str, Studio] = {}
        self._merged: list[tuple[MemberId, MemberId, CareRunId | None]] = []

    def held(self, members: Sequence[MemberId]) -> Mapping[MemberId, Run]:
        """The active runs of some members, locked."""
        wanted = sorted(set(members) - set(self._guards))
        if wanted:
            ids = padded([self._codec.id_in(each) for each in wanted])
            (rows,) = self._uow.lock((_locking(len(ids)), (self._uow.org, *ids)))
            self._guards |= dict.fromkeys(wanted, (None, None))
            self._guards |= {member: (run, version) for member, run, version in self._guards_of(rows)}
        found = self._known({member: self._guards[member][0] for member in sorted(set(members))})
        for run in found.values():
            self._uow.not_before(run.effective_at)
        return found

    def _guards_of(self, rows: Sequence[Row]) -> list[tuple[MemberId, CareRunId | None, int]]:
        codec = self._codec
        return [
            (MemberId(codec.id_out(member)), None if run is None else CareRunId(codec.id_out(run)), version)
            for member, run, version in rows
        ]

    def _known(self, guards: Mapping[MemberId, CareRunId | None]) -> Mapping[MemberId, Run]:
        """The active runs that guards name, or that this unit put in their place."""
        stored = self._read(sorted(id for id in guards.values() if id is not None and id not in self._changes))
        runs = [*stored.values(), *(each.run for each in self._changes.values())]
        found = {run.member: run for run in runs if run.active and run.member in guards}
        return {member: found[member] for member in sorted(found)}

    def settling(self, ids: Sequence[CareRunId]) -> Sequence[Run]:
        """Those of some runs that are active, locked."""
        wanted = sorted(set(ids))
        runs = self._read(wanted)
        missing = next((id for id in wanted if id not in runs), None)
        if missing is not None:
            raise NotFound(kind="care_run", id=missing)
        held = self.held(sorted({each.member for each in runs.values()}))
        return sorted((each for each in held.values() if each.id in runs), key=lambda each: each.id)

    def get(self, id: CareRunId) -> Run:
        """One run."""
        run = self._read([id]).get(id)
        if run is None:
            raise NotFound(kind="care_run", id=id)
        return run

    def several(self, ids: Sequence[CareRunId]) -> Mapping[CareRunId, Run]:
        """Runs by their ids, those that are there."""
        return self._read(ids)

    def awaiting(self, run: CareRunId) -> Collection[str]:
        """The kinds of events that are stored as those that a run waits for."""
        (rows,) = self._uow.ask((_AWAITING, (self._uow.org, self._codec.id_in(run))))
        return {kind for (kind,) in rows}

    def of_step(self, step: CareStepId) -> Run:
        """The run that a step is of."""
        (rows,) = self._uow.ask((_OF_STEP, (self._uow.org, self._codec.id_in(step))))
        for (run,) in rows:
            return self.get(CareRunId(self._codec.id_out(run)))
        raise NotFound(kind="care_step", id=step)

    def active(self, members: Sequence[MemberId]) -> Mapping[MemberId, Run]:
        """The active runs of some members."""
        if not members:
            return {}
        ids = padded([self._codec.id_in(each) for each in sorted(set(members))])
        (rows,) = self._uow.ask((_guarded(len(ids)), (self._uow.org, *ids)))
        guards = dict.fromkeys(members, None) | {member: run for member, run, _ in self._guards_of(rows)}
        return self._known(guards)

    def of(self, member: MemberId) -> Sequence[Run]:
        """Every run of a member."""
        (rows,) = self._uow.ask((_OF, (self._uow.org, self._codec.id_in(member))))
        runs = self._read(sorted(CareRunId(self._codec.id_out(id)) for (id,) in rows))
        return sorted(runs.values(), key=lambda run: (run.assigned_at, run.id), reverse=True)

    def _read(self, ids: Sequence[CareRunId]) -> dict[CareRunId, Run]:
        """Runs by their ids, those that are there."""
        if not ids:
            return {}
        row = (self._uow.org, *(wanted := padded([self._codec.id_in(each) for each in ids])))
        size = len(wanted)
        asked: list[Query] = [(_runs(size), row), (_steps(size), row), (_pauses(size), row)]
        runs, steps, pauses = self._uow.ask(*asked)
        steps_of: dict[Any, list[Step]] = {}
        for each in steps:
            run, *said = each
            steps_of.setdefault(run, []).append(_step(self._codec, said))
        pauses_of: dict[Any, list[Pause]] = {}
        for run, since, until in pauses:
            pause = Pause(since=self._codec.at_out(since), until=self._codec.until_out(until))
            pauses_of.setdefault(run, []).append(pause)
        read = [self._run(each, steps_of.get(each[0], ()), pauses_of.get(each[0], ())) for each in runs]
        return {each.id: each for each in read}

    def _run(self, row: Sequence[Any], steps: Sequence[Step], pauses: Sequence[Pause]) -> Run:
        codec = self._codec
        (
            id,
            member,
            flow,
            flow_version,
            configuration,
            studio,
            contract,
            assigned_at,
            assigned_by,
            automatic_days,
            automatic_months,
            ended_at,
            end_reason,
            end_code,
            ended_by,
            effective_at,
            version,
        ) = row
        by = codec.id_or_none_out(ended_by)
        of = codec.id_or_none_out(contract)
        return Run(
            id=CareRunId(codec.id_out(id)),
            member=MemberId(codec.id_out(member)),
            flow=self._uow.care_flows.version(CareFlowId(codec.id_out(flow)), flow_version),
            configuration=CareConfigurationId(codec.id_out(configuration)),
            studio=self._studio(studio),
            assigned_at=codec.at_out(assigned_at),
            assigned_by=AssignedBy(assigned_by),
            contract=None if of is None else ContractId(of),
            complete_automatically_after=_term(automatic_days, automatic_months),
            pauses=tuple(pauses),
            steps=tuple(sorted(steps, key=lambda step: (step.due_at, step.place, step.turn))),
            ended=None
            if ended_at is None
            else Ended(
                at=codec.at_out(ended_at),
                reason=None if end_reason is None else EndReason(end_reason),
                code=end_code,
                by=None if by is None else CareRunId(by),
            ),
            effective_at=codec.at_out(effective_at),
            version=version,
        )

    def _studio(self, code: str) -> Studio:
        if code not in self._studios:
            self._studios[code] = self._uow.studios.get(code)
        return self._studios[code]

    def keep(self, changes: Sequence[Change]) -> None:
        """Keep what became of runs until the unit ends."""
        for each in changes:
            before = self._changes.get(each.run.id)
            self._changes[each.run.id] = each if before is None else merged(before, each)

    def write(self) -> None:
        """Queue what became of runs: new ones first, so that guards and what was superseded may name them. Rows of one
        statement leave together: what was is forgotten for all runs before what is now is added for any.
        """
        for each in self._changes.values():
            self._forget(each)
        for each in sorted(self._changes.values(), key=lambda each: not each.assigned):
            self._write(each)
        self._begin_to_listen()
        for member in dict.fromkeys(each.run.member for each in self._changes.values()):
            self._guard(member)
        for duplicate, survivor, active in self._merged:
            self._merge(duplicate, survivor, active)
        self._merged.clear()
        self._changes.clear()
        self._guards.clear()

    def merge(self, duplicate: MemberId, survivor: MemberId, active: CareRunId | None) -> None:
        """Keep until the unit ends that the runs of one are the other's."""
        self._merged.append((duplicate, survivor, active))

    def _merge(self, duplicate: MemberId, survivor: MemberId, active: CareRunId | None) -> None:
        org, gone, into = self._uow.org, self._codec.id_in(duplicate), self._codec.id_in(survivor)
        self._uow.queue(_RENAME_RUNS, (into, org, gone))
        self._uow.queue(_RENAME_AWAITED, (into, org, gone))
        self._uow.queue(_SET_GUARD, (None, org, gone))
        if self._guards[survivor][1] is not None:
            self._uow.queue(_SET_GUARD, (self._codec.id_or_none_in(active), org, into))
        elif active is not None:
            self._uow.queue(_ADD_GUARD, (org, into, self._codec.id_in(active), 0))

    def _write(self, change: Change) -> None:
        codec, org, run = self._codec, self._uow.org, change.run
        id, ended = codec.id_in(run.id), run.ended
        over = (
            None if ended is None else codec.at_in(ended.at),
            None if ended is None or ended.reason is None else ended.reason.value,
            None if ended is None else ended.code,
            None if ended is None else codec.id_or_none_in(ended.by),
        )
        next_change = None if change.next_change is None else codec.at_in(change.next_change)
        place, effective_at = current_place(run), codec.at_in(run.effective_at)
        if change.assigned:
            automatic = run.complete_automatically_after
            row = (
                org,
                id,
                codec.id_in(run.member),
                codec.id_in(run.flow.flow),
                run.flow.version,
                codec.id_in(run.configuration),
                run.studio.code,
                codec.id_or_none_in(run.contract),
                codec.at_in(run.assigned_at),
                run.assigned_by.value,
                None if automatic is None else automatic.days,
                None if automatic is None else automatic.months,
                *over,
                place,
                next_change,
                effective_at,
                run.version,
            )
            self._uow.queue(_ADD, row)
        else:
            self._uow.queue(_CHANGE, (place, *over, next_change, effective_at, run.version - 1, org, id))
        for step in change.new:
            self._uow.queue(_ADD_STEP, self._step_row(run, step))
        for step in change.different:
            said = _changing(codec, run, step)
            self._uow.queue(_CHANGE_STEP, (*said, org, codec.id_in(step.id)))
        self._write_pauses(change, id)
        self._write_awaited(change, id)

    def _forget(self, change: Change) -> None:
        """Queue that what is written anew of a run that was there is gone."""
        row = (self._uow.org, self._codec.id_in(change.run.id))
        if change.repaused and not change.assigned:
            self._uow.queue(_FORGET_PAUSES, row)
        if listens(change.run) and not change.assigned:
            self._uow.queue(_FORGET_AWAITED, row)

    def _begin_to_listen(self) -> None:
        """Remember, once for an organization, from where on the jobs look for what runs wait for."""
        new = (each.run for each in self._changes.values() if each.assigned)
        if any(listens(each) for each in new) and self.heard_to() is None:
            self._uow.queue(_ADD_HEARD, (self._uow.org, self._codec.id_in(self._uow.command_id)))

    def _write_pauses(self, change: Change, id: Any) -> None:
        if not change.repaused:
            return
        for each in change.run.pauses:
            row = (self._uow.org, id, self._codec.at_in(each.since), self._codec.until_in(each.until))
            self._uow.queue(_ADD_PAUSE, row)

    def _write_awaited(self, change: Change, id: Any) -> None:
        run = change.run
        if not listens(run):
            return
        member = self._codec.id_in(run.member)
        for kind in sorted(awaited(run)):
            self._uow.queue(_ADD_AWAITED, (self._uow.org, id, kind, member))

    def _guard(self, member: MemberId) -> None:
        """Write which run is the active one; whoever was not locked is a race."""
        runs = [each.run for each in self._changes.values() if each.run.member == member]
        guarded, version = self._guards[member]
        active = next((run.id for run in runs if run.active), None)
        if active is None and guarded not in [run.id for run in runs]:
            return
        if active == guarded:
            return
        id, codec = self._codec.id_in(member), self._codec
        if version is None:
            self._uow.queue(_ADD_GUARD, (self._uow.org, id, codec.id_or_none_in(active), 0))
        else:
            self._uow.queue(_CHANGE_GUARD, (codec.id_or_none_in(active), version, self._uow.org, id))

    def _step_row(self, run: Run, step: Step) -> Row:
        codec, action = self._codec, run.milestones[step.place].action
        return (
            self._uow.org,
            codec.id_in(run.id),
            codec.id_in(step.id),
            codec.id_in(milestone_id(run, step)),
            step.place,
            step.turn,
            codec.at_in(step.due_at),
            codec.id_or_none_in(step.event),
            codec.id_or_none_in(step.message),
            *_changing(codec, run, step),
            None if action is None else action.surface.value,
        )

    def waiting(self, members: Collection[MemberId], kinds: Collection[str]) -> Sequence[CareRunId]:
        """The active runs that wait for such an event."""
        if not members:
            return []
        ids = padded([self._codec.id_in(each) for each in sorted(set(members))])
        (rows,) = self._uow.ask((_waiting(len(ids)), (self._uow.org, *ids)))
        return sorted({CareRunId(self._codec.id_out(run)) for run, kind in rows if kind in kinds})

    def due(self, before: datetime, *, after: CareRunId | None = None, limit: int = 500) -> Sequence[Run]:
        """The active runs in which something comes about by then."""
        codec = self._codec
        row = (self._uow.org, codec.at_in(before), codec.id_in(after or UUID(int=0)), limit)
        (rows,) = self._uow.ask((_DUE_BY, row))
        return [*self._read([CareRunId(codec.id_out(id)) for (id,) in rows]).values()]

    def standing_still(self, at: datetime, *, after: MemberId | None = None, limit: int = 500) -> Sequence[MemberId]:
        """The members whose active run stands still."""
        codec = self._codec
        row = (self._uow.org, codec.id_in(after or UUID(int=0)), codec.at_in(at), limit)
        (rows,) = self._uow.ask((_STILL, row))
        return [MemberId(codec.id_out(member)) for (member,) in rows]

    def open_actions(
        self, wanted: OpenActions, *, after: tuple[date, CareStepId] | None = None, limit: int = 500
    ) -> Sequence[tuple[Run, Step]]:
        """The open actions that are asked for."""
        codec = self._codec
        said: dict[str, Any] = {
            "assignee": wanted.assignee,
            "competence": wanted.competence,
            "surface": None if wanted.surface is None else wanted.surface.value,
            "studio": wanted.studio,
            "since": None if wanted.since is None else codec.day_in(wanted.since),
            "before": None if wanted.before is None else codec.day_in(wanted.before),
            "day_after": None if after is None else codec.day_in(after[0]),
        }
        there = {name: value for name, value in said.items() if value is not None}
        behind = () if after is None else (codec.id_in(after[1]),)
        row = (self._uow.org, StepState.ACTIVE.value, *there.values(), *behind, limit)
        (rows,) = self._uow.ask((_open(frozenset(there)), row))
        keys = [(CareRunId(codec.id_out(run)), CareStepId(codec.id_out(step))) for run, step in rows]
        runs = self._read(sorted({run for run, _ in keys}))
        steps = {step.id: step for run in runs.values() for step in run.steps}
        return [(runs[run], steps[step]) for run, step in keys]

    def heard_to(self) -> UUID | None:
        """Up to which event the jobs have looked."""
        (rows,) = self._uow.ask((_HEARD, (self._uow.org,)))
        for (event,) in rows:
            return self._codec.id_out(event)
        return None

    def hear_to(self, event: UUID) -> None:
        """Queue up to which event they have looked."""
        self._uow.queue(_HEAR, (self._codec.id_in(event), self._uow.org))

    def wake(self, at: datetime) -> None:
        """Queue that every active run is due."""
        self._uow.queue(_WAKE, (self._codec.at_in(at), self._uow.org))


def _changing(codec: Codec, run: Run, step: Step) -> Row:
    """What may change of a step."""
    return (
        step.state.value,
        None if step.done_at is None else codec.at_in(step.done_at),
        step.outcome,
        step.reason,
        step.assignee,
        step.competence,
        None if step.postponed_to is None else codec.day_in(step.postponed_to),
        None if step.postponed_at is None else codec.at_in(step.postponed_at),
        codec.id_or_none_in(step.note),
        codec.day_in(run.day_of(step)),
    )


def _step(codec: Codec, row: Sequence[Any]) -> Step:
    (
        id,
        place,
        turn,
        due_at,
        event,
        message,
        state,
        done_at,
        outcome,
        reason,
        assignee,
        competence,
        postponed_to,
        postponed_at,
        note,
    ) = row
    noted = codec.id_or_none_out(note)
    return Step(
        id=CareStepId(codec.id_out(id)),
        place=place,
        turn=turn,
        state=StepState(state),
        due_at=codec.at_out(due_at),
        event=codec.id_or_none_out(event),
        done_at=None if done_at is None else codec.at_out(done_at),
        outcome=outcome,
        reason=reason,
        assignee=assignee,
        competence=competence,
        postponed_to=None if postponed_to is None else codec.day_out(postponed_to),
        postponed_at=None if postponed_at is None else codec.at_out(postponed_at),
        message=codec.id_or_none_out(message),
        note=None if noted is None else NoteId(noted),
    )


def _term(days: int | None, months: int | None) -> Term | None:
    return None if days is None or months is None else Term(days=days, months=months)
