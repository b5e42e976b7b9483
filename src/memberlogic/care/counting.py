"""CARE-18: how the figures of a flow are gathered: zone by zone, as days are those of each run's studio. Nothing is
written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from memberlogic.calendar import local_day, start_of_day
from memberlogic.care import listening, reporting
from memberlogic.care.gathering import CareDesk
from memberlogic.care.model import Run
from memberlogic.care.ports import CareWork
from memberlogic.care.reporting import FiguresOf, FlowFigures, RunsAmong, Tally, tally_of
from memberlogic.ids import CareRunId

__all__ = ["count"]

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 1, 1, tzinfo=UTC)
_PAGE = 1_000


def count(desk: CareDesk, uow: CareWork, wanted: FiguresOf) -> FlowFigures:
    """The figures of a flow now.

    Raises:
        NotFound: if there is no such flow or studio.
    """
    flow = uow.care_flows.get(wanted.flow)
    slices = [(zone, _among(wanted, codes, zone)) for zone, codes in _zones(uow, wanted).items()]
    tally, lapsed = Tally(), _lapsed(desk, uow.now)
    for zone, among in slices:
        tally.count_runs(uow.care_reports.runs(among, uow.now), lapsed=lapsed)
        tally.count_steps(uow.care_reports.steps(among, local_day(uow.now, zone)))
        _count_times(uow, among, tally)
    seen: set[CareRunId] = set()
    for _, among in slices:
        _settle(desk, uow, _due(uow, among), seen, tally)
    _settle(desk, uow, _unheard(uow, [among for _, among in slices]), seen, tally)
    return reporting.figures(wanted, uow.care_flows.versions(flow.id), tally, uow.now)


def _zones(uow: CareWork, wanted: FiguresOf) -> Mapping[ZoneInfo, Sequence[str]]:
    """The studios that are asked for, by their zones."""
    found: dict[ZoneInfo, list[str]] = {}
    for studio in uow.studios.all() if wanted.studio is None else [uow.studios.get(wanted.studio)]:
        found.setdefault(studio.zone, []).append(studio.code)
    return found


def _among(wanted: FiguresOf, studios: Sequence[str], zone: ZoneInfo) -> RunsAmong:
    return RunsAmong(
        flow=wanted.flow,
        studios=tuple(studios),
        since=_start(wanted.since, zone, _FIRST),
        until=_start(wanted.until, zone, _LAST),
    )


def _start(day: date | None, zone: ZoneInfo, otherwise: datetime) -> datetime:
    return otherwise if day is None else min(max(start_of_day(day, zone), _FIRST), _LAST)


def _lapsed(desk: CareDesk, now: datetime) -> bool:
    lapses = desk.organization.tier_lapses
    return any(each.since <= now and (each.until is None or now < each.until) for each in lapses)


def _count_times(uow: CareWork, among: RunsAmong, tally: Tally) -> None:
    after: CareRunId | None = None
    while page := uow.care_reports.done(among, after=after, limit=_PAGE):
        tally.count_times(page)
        after = page[-1].run


def _due(uow: CareWork, among: RunsAmong) -> Iterator[Run]:
    """Runs in which something is stored to have come about by now."""
    after: CareRunId | None = None
    while page := uow.care_reports.due(among, uow.now, after=after, limit=_PAGE):
        yield from page
        after = page[-1].id


def _unheard(uow: CareWork, among: Sequence[RunsAmong]) -> Iterator[Run]:
    """Runs that wait for something that happened since the jobs last looked; as far back as they would look again."""
    heard_to = uow.care_runs.heard_to()
    if heard_to is None:
        return
    after = listening.since(listening.Listen(), heard_to)
    while events := uow.history.events(after=after, limit=_PAGE):
        happened = listening.kinds_by_member(events)
        kinds = {kind for each in happened.values() for kind in each}
        waiting = set(uow.care_runs.waiting(sorted(happened), kinds)) if happened else set()
        runs = uow.care_runs.active(sorted(happened)) if waiting else {}
        yield from (run for run in runs.values() if run.id in waiting and any(run in each for each in among))
        after = events[-1].id


def _settle(desk: CareDesk, uow: CareWork, runs: Iterator[Run], seen: set[CareRunId], tally: Tally) -> None:
    """Count runs as they are now, in the place of what is stored of them."""
    for run in runs:
        if run.id in seen:
            continue
        seen.add(run.id)
        (stored,) = desk.lapsing([run])
        tally.put(tally_of([desk.settled(uow, stored).run], uow.now), tally_of([stored], uow.now))
