"""Checking in: the answer in green, amber or red, with everything to read; letting in all the same; and undoing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from uuid import UUID

from attrs import evolve
from examples.front_desk.asking import Asked, Problems
from examples.front_desk.words import Told, Verdict, after, before, name_of, word
from starlette.responses import Response

from memberlogic.contracts.checking_in import OVERRIDING, NoticesTold
from memberlogic.contracts.notices import Notice, Severity
from memberlogic.contracts.services import AllServices
from memberlogic.contracts.visits import Visit, VisitTold
from memberlogic.ids import ContractId, MemberId, VisitId

__all__ = ["answer", "check_in", "checked_in", "latest", "let_in", "undo", "verdict"]

_LATEST, _LOOKED_BACK = 5, timedelta(days=60)
UNDO_REASONS = ("wrong_person", "left_at_once", "other")


def check_in(asked: Asked) -> Response:
    """The button on a member's page."""
    return checked_in(asked, MemberId(asked.id("member")), key=asked.text("key"))


def checked_in(asked: Asked, member: MemberId, *, key: str, note: str | None = None) -> Response:
    """Check in, and lead to the answer: loading that again asks and writes nothing."""
    studio = asked.desk.studio.code
    done = asked.org.contracts.check_in(member, studio=studio, override_note=note, idempotency_key=key)
    where = f"/visits/{done.visit}"
    return asked.go(where, again="yes") if done.same_visit else asked.go(where)


def answer(asked: Asked) -> Response:
    """What a check-in answered."""
    return _shown(asked, _visit(asked), {})


def let_in(asked: Asked) -> Response:
    """Let somebody in all the same, with a note."""
    told, note, problems = _visit(asked), asked.text("note"), Problems()
    if not note:
        problems["note"] = "Say why, so that others know: a few words."
        return _shown(asked, told, problems)
    done = asked.attempt(
        lambda: checked_in(asked, told.visit.member, key=asked.text("key"), note=note),
        {"override_note": "note"},
        problems,
    )
    return _shown(asked, told, problems) if done is None else done


def undo(asked: Asked) -> Response:
    """It was a mistake."""
    told = _visit(asked)
    problems: Problems = {}
    reason = asked.chosen("reason", UNDO_REASONS, problems)
    if not problems:
        asked.attempt(
            lambda: asked.org.contracts.undo_check_in(told.visit.id, reason=reason, idempotency_key=asked.text("key")),
            {},
            problems,
        )
    return _shown(asked, told, problems) if problems else asked.go(f"/visits/{told.visit.id}")


def _visit(asked: Asked) -> VisitTold:
    return asked.org.contracts.visit(VisitId(asked.id("visit")))


# No visit is for it, so that asking about it is no second scan.
_NO_SERVICE = "front_desk.none"


def _told(asked: Asked, member: MemberId, studio: str, service: str | None = None) -> NoticesTold:
    """What would be told now, and of a contract for elsewhere, for where it is."""
    told = asked.org.contracts.notices(member, studio=studio, service=service)
    return evolve(told, notices=tuple(_with_studios(asked, each) for each in told.notices))


def _with_studios(asked: Asked, notice: Notice) -> Notice:
    if notice.code != "checkin.not_included":
        return notice
    contract = asked.org.contracts.get(ContractId(UUID(str(notice.parameters["contract"]))))
    codes = asked.org.contracts.rate(contract.rate).terms.services.studios
    only = ", ".join(asked.studios.get(each, each) for each in codes) or "something else"
    return evolve(notice, parameters={**notice.parameters, "only": only})


def _kept_out(asked: Asked, visit: Visit) -> tuple[Notice, ...]:
    """What would keep somebody out if staff had not let them in, as far as it was told then and is still so."""
    told = _told(asked, visit.member, visit.studio, _NO_SERVICE).notices
    return tuple(each.lowered() for each in told if each.code in visit.told and each.severity is not Severity.INFO)


def verdict(asked: Asked, member: MemberId) -> Verdict:
    """What check-in would answer now, at this studio."""
    studio = asked.desk.studio.code
    told = _told(asked, member, studio)
    shown = Verdict.of_now(told.notices, allowed=told.allowed, against=_against(asked, member, told.notices))
    return evolve(shown, told=(*shown.told, *_usable(asked, member, studio))) if told.allowed else shown


def _usable(asked: Asked, member: MemberId, studio: str) -> Iterator[Told]:
    """What may be used, where a contract does not give everything."""
    contracts = asked.org.contracts.services_on(member).contracts
    given = [each.services for each in contracts if each.includes(None, studio)]
    codes = {code for each in given if not isinstance(each, AllServices) for code in each.codes}
    if codes and not any(isinstance(each, AllServices) for each in given):
        yield Told(text=f"May use today: {', '.join(word(each) for each in sorted(codes))}.", weight="warning")


def _against(asked: Asked, member: MemberId, notices: Iterable[Notice]) -> tuple[Told, ...]:
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
    """When a member came last, the latest first: also when they were not let in."""
    today = asked.desk.today
    visits = asked.org.contracts.visits(member, since=today - _LOOKED_BACK, until=after(today))
    return tuple(sorted(visits, key=lambda each: each.at, reverse=True)[:_LATEST])


def _shown(asked: Asked, told: VisitTold, problems: Problems) -> Response:
    org, desk, visit = asked.org, asked.desk, told.visit
    now = _told(asked, visit.member, visit.studio, visit.service).notices
    if visit.overridden:
        now = (*_kept_out(asked, visit), *now)
    shown = Verdict.of_visit(visit, now)
    of_now = visit.day == desk.today and visit.studio == desk.studio.code
    if of_now and visit.counts and visit.contract is not None:
        shown = evolve(shown, told=(*shown.told, *_usable(asked, visit.member, visit.studio)))
    return asked.page(
        "answer.html",
        status=409 if problems else 200,
        visit=visit,
        note=told.note,
        name=name_of(org.members.person(visit.member)),
        verdict=shown,
        again=asked.text("again") == "yes",
        may_undo=visit.counts and of_now and asked.may("members.visits:update"),
        may_override=not visit.allowed and of_now and asked.may(OVERRIDING),
        reasons=UNDO_REASONS,
        problems=problems,
    )
