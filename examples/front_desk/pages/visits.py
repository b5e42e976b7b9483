"""Checking in: the answer in green, amber or red, with everything to read; and its undoing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from examples.front_desk.asking import Asked, Problems
from examples.front_desk.words import Told, Verdict, after, before, name_of
from starlette.responses import Response

from memberlogic.contracts.checking_in import OVERRIDING
from memberlogic.contracts.notices import Notice, Severity
from memberlogic.contracts.visits import Visit
from memberlogic.errors import NotFound
from memberlogic.ids import MemberId

__all__ = ["against", "answer", "check_in", "checked_in", "latest", "undo"]

_LATEST, _LOOKED_BACK = 5, timedelta(days=60)
UNDO_REASONS = ("wrong_person", "left_at_once", "other")


def check_in(asked: Asked) -> Response:
    """The button on a member's page, with a note where they are let in all the same."""
    member, note = MemberId(asked.id("member")), asked.text("note")
    if "note" in asked.form:
        problems: Problems = {}
        if not note:
            problems["note"] = "Say why, so that others know: a few words."
        else:
            done = asked.attempt(
                lambda: checked_in(asked, member, key=asked.text("key"), note=note), {"override_note": "note"}, problems
            )
            if done is not None:
                return done
        return _shown(asked, _visit(asked), problems)
    return checked_in(asked, member, key=asked.text("key"))


def checked_in(asked: Asked, member: MemberId, *, key: str, note: str | None = None) -> Response:
    """Check in, and lead to the answer: loading that again asks and writes nothing."""
    studio = asked.desk.studio.code
    done = asked.org.contracts.check_in(member, studio=studio, override_note=note, idempotency_key=key)
    where = f"/members/{done.member}/visits/{done.day.isoformat()}/{done.visit}"
    return asked.go(where, again="yes") if done.same_visit else asked.go(where)


def answer(asked: Asked) -> Response:
    """What a check-in answered."""
    return _shown(asked, _visit(asked), {})


def undo(asked: Asked) -> Response:
    """It was a mistake."""
    visit = _visit(asked)
    problems: Problems = {}
    reason = asked.chosen("reason", UNDO_REASONS, problems)
    if not problems:
        asked.attempt(
            lambda: asked.org.contracts.undo_check_in(visit.id, reason=reason, idempotency_key=asked.text("key")),
            {},
            problems,
        )
    return _shown(asked, visit, problems) if problems else asked.go(str(asked.request.url.path).removesuffix("/undo"))


def _visit(asked: Asked) -> Visit:
    """The visit of the address; of a form that has none, the one that it names."""
    named = asked.request.path_params.get("visit") or asked.text("visit")
    day = _day(asked.request.path_params.get("day") or asked.text("day"))
    visits = asked.org.contracts.visits(MemberId(asked.id("member")), since=day, until=after(day))
    found = next((each for each in visits if str(each.id) == str(named)), None)
    if found is None:
        raise NotFound(kind="visit", id="of this member on this day")
    return found


# No visit is for it, so that asking about it is no second scan.
_NO_SERVICE = "front_desk.none"


def _kept_out(asked: Asked, visit: Visit) -> tuple[Notice, ...]:
    """What would keep somebody out if staff had not let them in, as far as it was told then and is still so."""
    told = asked.org.contracts.notices(visit.member, studio=visit.studio, service=_NO_SERVICE).notices
    return tuple(each.lowered() for each in told if each.code in visit.told and each.severity is not Severity.INFO)


def against(asked: Asked, member: MemberId, notices: Iterable[Notice]) -> tuple[Told, ...]:
    """Of a member who is in because staff let them in: what is against it all the same."""
    if not any(each.code == "checkin.same_visit" for each in notices):
        return ()
    today, studio = asked.desk.today, asked.desk.studio.code
    visits = asked.org.contracts.visits(member, since=before(today), until=after(today))
    counted = [each for each in visits if each.counts and each.studio == studio and each.service is None]
    visit = max(counted, key=lambda each: each.at, default=None)
    if visit is None or not visit.overridden:
        return ()
    shown = {each.code for each in notices}
    return tuple(each for each in Verdict.told_then(visit, _kept_out(asked, visit)) if each.code not in shown)


def latest(asked: Asked, member: MemberId) -> tuple[Visit, ...]:
    """Who came last, the latest first: also who was not let in."""
    today = asked.desk.today
    visits = asked.org.contracts.visits(member, since=today - _LOOKED_BACK, until=after(today))
    return tuple(sorted(visits, key=lambda each: each.at, reverse=True)[:_LATEST])


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.max
    if day.year > 2199:
        raise NotFound(kind="visit", id="of this day")
    return day


def _shown(asked: Asked, visit: Visit, problems: Problems) -> Response:
    org, desk = asked.org, asked.desk
    now = org.contracts.notices(visit.member, studio=visit.studio, service=visit.service).notices
    if visit.overridden:
        now = (*_kept_out(asked, visit), *now)
    return asked.page(
        "answer.html",
        status=409 if problems else 200,
        visit=visit,
        name=name_of(org.members.person(visit.member)),
        verdict=Verdict.of_visit(visit, now),
        again=asked.text("again") == "yes",
        may_undo=visit.counts and visit.day == desk.today and asked.may("members.visits:update"),
        may_override=not visit.allowed and visit.day == desk.today and asked.may(OVERRIDING),
        reasons=UNDO_REASONS,
        problems=problems,
    )
