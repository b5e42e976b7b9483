"""Member Care at the desk: the work list, one action with what can be done of it, and a member's run as a timeline."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from attrs import frozen
from examples.front_desk.asking import Asked, Problems
from examples.front_desk.telling import care
from examples.front_desk.telling import course as in_words
from examples.front_desk.words import name_of
from starlette.responses import Response

from memberlogic.care.courses import Course, CourseDay
from memberlogic.care.flows import Surface
from memberlogic.care.telling import MilestoneTold, RunTold
from memberlogic.care.work_list import OpenAction
from memberlogic.errors import NotFound
from memberlogic.ids import CareRunId, CareStepId, MemberId
from memberlogic.members.looking_back import TimelineItem

__all__ = ["action", "drawing", "shown", "work", "work_list"]

OUTCOMES = ("reached", "talked", "not_reached", "appointment_made", "not_interested")
SKIPPED = ("member_asked", "not_needed", "not_possible")
DONE = {
    "done": "The action is done.",
    "skip": "The action is skipped.",
    "postpone": "The action is postponed.",
    "give": "The action was given on.",
    "take": "The action is yours.",
}
_MOST = 200
_SIZE = re.compile(r'width="(\d+)" height="(\d+)"')
_SVG = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}


@frozen(kw_only=True)
class CareShown:
    """What runs for a member, or why nothing does."""

    run: RunTold | None
    sentences: tuple[str, ...]
    days: tuple[CourseDay, ...] = ()
    width: int = 0
    height: int = 0


def shown(asked: Asked, member: MemberId) -> CareShown:
    """For a member's page. The drawing is a picture of its own; its size is said here, so that nothing jumps."""
    told = asked.org.care.explain(member, studio=asked.desk.studio.code)
    if told.run is None:
        return CareShown(run=None, sentences=care(told.answers))
    course = asked.org.care.course(told.run.id)
    size = _SIZE.search(_drawn(course))
    assert size is not None, "a drawing has a size"
    return CareShown(
        run=told.run,
        sentences=in_words(course.waits, _employees(asked), asked.desk.studio.zone),
        days=course.days,
        width=int(size[1]),
        height=int(size[2]),
    )


def _drawn(course: Course) -> str:
    """Without words: they stand beside it, in those of the desk."""
    return course.as_svg([])


def drawing(asked: Asked) -> Response:
    """A run as a timeline, drawn by the library."""
    run = asked.org.care.run(CareRunId(asked.id("run")))
    if run.member != asked.id("member"):
        raise NotFound(kind="run", id="of this member")
    return Response(_drawn(asked.org.care.course(run.id)), media_type="image/svg+xml", headers=_SVG)


def names(asked: Asked, happened: Iterable[TimelineItem]) -> Mapping[str, str]:
    """What the runs in some events are called, their flows and their milestones, by their ids."""
    found: dict[str, str] = {}
    for id in dict.fromkeys(getattr(each.event, "run", None) for each in happened):
        run = None if id is None else asked.attempt(partial(asked.org.care.run, CareRunId(id)), {}, Problems())
        if run is not None:
            found |= {str(run.id): run.flow_name, str(run.flow): run.flow_name}
            found |= {str(each.milestone): each.name for each in run.milestones}
    return found


@frozen(kw_only=True)
class ActionShown:
    """An open action with the name of its member."""

    action: OpenAction
    name: str


def work_list(asked: Asked) -> Response:
    """What is to be done: of everybody, or of the clerk."""
    mine = asked.text("whose") == "mine"
    page = asked.org.care.work_list(surface=None, assignee=asked.clerk.id if mine else None, size=_MOST)
    people: dict[MemberId, str] = {}
    for each in page.actions:
        if each.member not in people:
            people[each.member] = name_of(asked.org.members.person(each.member))
    return asked.page(
        "care.html",
        actions=[ActionShown(action=each, name=people[each.member]) for each in page.actions],
        employees=_employees(asked),
        more=page.last is not None,
        mine=mine,
        done=DONE.get(asked.just_said() or ""),
    )


def action(asked: Asked) -> Response:
    """One action and the forms for it."""
    return _shown(asked, Problems())


def work(asked: Asked) -> Response:
    """Something was done with an action."""
    what, problems = str(asked.request.path_params["what"]), Problems()
    if what not in DONE:
        raise NotFound(kind="form", id="of this name")
    step = CareStepId(asked.id("step"))
    to = asked.day("to", problems) if what == "postpone" else None
    if what == "postpone" and to is None:
        problems.setdefault("to", "Say to which day.")
    for name, offered in (("outcome", OUTCOMES), ("reason", SKIPPED), ("employee", ("", *_employees(asked)))):
        if name in _FIELDS[what]:
            asked.chosen(name, offered, problems)
    if not problems:
        service, key = asked.org.care, asked.text("key")
        doing: Mapping[str, Callable[[], object]] = {
            "done": lambda: service.complete(
                step, outcome=asked.text("outcome"), note=asked.text("note") or None, idempotency_key=key
            ),
            "skip": lambda: service.skip(step, reason=asked.text("reason"), idempotency_key=key),
            "postpone": lambda: service.postpone(step, to=to or asked.desk.today, idempotency_key=key),
            "give": lambda: service.reassign(step, employee=asked.text("employee") or None, idempotency_key=key),
            "take": lambda: service.take(step, idempotency_key=key),
        }
        asked.attempt(doing[what], _FIELDS[what], problems)
    return _shown(asked, problems) if problems else asked.go_saying("/care", what)


_FIELDS: Mapping[str, Mapping[str, str]] = {
    "done": {"outcome": "outcome", "note": "note"},
    "skip": {"reason": "reason"},
    "postpone": {"to": "to", "care.postponed_to_the_past": "to"},
    "give": {"employee": "employee"},
    "take": {},
}


def _employees(asked: Asked) -> Mapping[str, str]:
    return {each.code: each.name or each.code for each in asked.org.care.available_employees()}


def _shown(asked: Asked, problems: Problems) -> Response:
    run = asked.org.care.run(CareRunId(asked.id("run")))
    milestone = _milestone(asked, run)
    notes = {each.step: each.text for each in asked.org.care.action_notes(run.id).notes}
    return asked.page(
        "action.html",
        status=422 if problems else 200,
        run=run,
        milestone=milestone,
        open=milestone in run.open,
        before=[(each, notes.get(each.step)) for each in run.milestones if each.done_at is not None and each.step],
        name=name_of(asked.org.members.person(run.member)),
        employees=_employees(asked),
        everybody={"": "Everybody", **_employees(asked)},
        outcomes=OUTCOMES,
        skipped=SKIPPED,
        may_work=asked.may("members.care:update"),
        surfaces=Surface,
        problems=problems,
    )


def _milestone(asked: Asked, run: RunTold) -> MilestoneTold:
    step = asked.id("step")
    found = next((each for each in run.milestones if each.step == step), None)
    if found is None:
        raise NotFound(kind="action", id="of this run")
    return found
