"""Freezing a contract: first what it would move, then the button; and ending a freeze, or withdrawing it."""

from __future__ import annotations

from datetime import date

from attrs import frozen
from examples.front_desk.asking import Asked, Problems
from examples.front_desk.pages import contracts, previewing
from examples.front_desk.pages.contracts import ContractShown
from examples.front_desk.words import before
from starlette.responses import Response

from memberlogic.contracts.freeze_checking import FreezeCheck
from memberlogic.contracts.freeze_telling import FreezeTold
from memberlogic.errors import NotFound
from memberlogic.ids import FreezeId

__all__ = ["ask_end", "end", "form", "freeze"]

REASONS = ("illness", "holiday", "work", "pregnancy", "other")
_FIELDS = {"since": "since", "until": "last", "reason": "reason"}
_LAST = {"freeze.too_short", "freeze.too_long", "freeze.open_ended", "freeze.not_whole_units", "freeze.too_many_days"}


@frozen
class Wanted:
    """The days that were typed."""

    since: date | None
    last: date | None

    @classmethod
    def of(cls, asked: Asked, problems: Problems) -> Wanted:
        """The first and the last day are both frozen."""
        since, last = asked.day("since", problems), asked.day("last", problems)
        if asked.sent and since is None:
            problems.setdefault("since", "Say from which day on.")
        return cls(since, last)

    @property
    def until(self) -> date | None:
        """The first day that is not frozen."""
        return previewing.first_after(self.last)


def form(asked: Asked) -> Response:
    """The days, and once they are there what they would move. Asking changes nothing."""
    problems = Problems()
    return _shown(asked, contracts.of_address(asked), Wanted.of(asked, problems), problems)


def freeze(asked: Asked) -> Response:
    """It is meant."""
    contract, problems = contracts.of_address(asked), Problems()
    wanted = Wanted.of(asked, problems)
    since, reason = wanted.since, asked.chosen("reason", REASONS, problems)
    check = _check(asked, contract, wanted, problems)
    if check is not None and check.allowed and _days(check) != asked.text("shown"):
        problems[""] = previewing.CHANGED
    if since is None or problems:
        return _shown(asked, contract, wanted, problems)
    done = asked.attempt(
        lambda: asked.org.contracts.freeze(
            contract.told.contract,
            since=since,
            until=wanted.until,
            reason=reason,
            idempotency_key=asked.text("key"),
        ),
        _FIELDS,
        problems,
    )
    if done is None:
        return _shown(asked, contract, wanted, problems)
    return previewing.done(asked, "frozen")


def _check(asked: Asked, contract: ContractShown, wanted: Wanted, problems: Problems) -> FreezeCheck | None:
    """What it would come to; None if the days are none."""
    since = wanted.since
    if since is None or contract.over or {*problems} & {"since", "last"} or not asked.may("members.freezes:create"):
        return None
    return asked.attempt(
        lambda: asked.org.contracts.check_freeze(contract.told.contract, since=since, until=wanted.until),
        _FIELDS,
        problems,
    )


def _days(check: FreezeCheck) -> str:
    """Every day that was shown: a form that shows others is out of date."""
    preview = check.preview
    if preview is None:
        return ""
    moves = preview.moves
    days = (preview.since, preview.until, moves.term_end.after, moves.expires_on.after, moves.minimum_end.after)
    return " ".join(str(each) for each in (*days, moves.cancelled_to))


def _shown(asked: Asked, contract: ContractShown, wanted: Wanted, problems: Problems) -> Response:
    title = "Freeze a contract"
    if not asked.may("members.freezes:create"):
        return asked.closed(title, "You may not freeze contracts. Ask somebody who may.", status=403)
    if contract.over:
        return asked.closed(title, "The contract has ended; there is nothing to freeze.", problems=problems)
    check, only_asked = _check(asked, contract, wanted, problems), Problems()
    for each in () if check is None else check.refusals:
        field = "last" if each.code in _LAST else "since"
        only_asked[field] = f"{only_asked.get(field, '')} {asked.refused(each)}".strip()
    return previewing.shown(
        asked,
        "freeze.html",
        contract,
        failed=problems,
        only_asked=only_asked,
        wanted=wanted,
        reasons=REASONS,
        check=check,
        days="" if check is None else _days(check),
        instead=_instead(check, wanted),
    )


def _instead(check: FreezeCheck | None, wanted: Wanted) -> Wanted | None:
    """As long a freeze on the first days on which it is possible."""
    if check is None or check.allowed or check.first_possible is None or wanted.since is None:
        return None
    length = None if wanted.last is None else wanted.last - wanted.since
    return Wanted(check.first_possible, None if length is None else check.first_possible + length)


def ask_end(asked: Asked) -> Response:
    """Is it meant?"""
    return _end_shown(asked, contracts.of_address(asked), Problems())


def end(asked: Asked) -> Response:
    """A freeze that has begun ends tomorrow; one that has not is withdrawn."""
    contract, problems = contracts.of_address(asked), Problems()
    freeze, id = _of_address(asked, contract), contract.told.contract
    service, key = asked.org.contracts, asked.text("key")
    if freeze.since <= asked.desk.today:
        done = asked.attempt(lambda: service.end_freeze(id, freeze.freeze, idempotency_key=key), {}, problems)
    else:
        done = asked.attempt(lambda: service.withdraw_freeze(id, freeze.freeze, idempotency_key=key), {}, problems)
    if done is None:
        return _end_shown(asked, contract, problems)
    return previewing.done(asked, "freeze_ended")


def _of_address(asked: Asked, contract: ContractShown) -> FreezeTold:
    wanted = FreezeId(asked.id("freeze"))
    found = next((each for each in contract.freezes if each.freeze == wanted), None)
    if found is None:
        raise NotFound(kind="freeze", id="of this contract")
    return found


def _end_shown(asked: Asked, contract: ContractShown, problems: Problems) -> Response:
    freeze, today = _of_address(asked, contract), asked.desk.today
    begun = freeze.since <= today
    title = "End the freeze" if begun else "Take the freeze back"
    if not asked.may("members.freezes:update"):
        return asked.closed(title, "You may not change freezes. Ask somebody who may.", status=403)
    if freeze not in contract.frozen or contract.over:
        return asked.closed(title, "The freeze is over, or was taken back before.", problems=problems)
    return asked.page(
        "confirm.html",
        status=409 if problems else 200,
        title=title,
        name=previewing.name(asked),
        member=asked.id("member"),
        facts=[
            ("Contract", contract.rate.terms.name),
            ("Frozen from", freeze.since),
            ("Last frozen day as filed", "none" if freeze.until is None else before(freeze.until)),
            *([("Last frozen day then", today)] if begun else []),
        ],
        sentence="The freeze ends; tomorrow is the first day that is not frozen. What it moved moves back by the days "
        "that are then not frozen."
        if begun
        else "The freeze has not begun. It will not begin, and counts in no limit.",
        button="End the freeze" if begun else "Take the freeze back",
        problems=problems,
    )
