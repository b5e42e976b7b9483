"""Who came to a studio on a day."""

from __future__ import annotations

from datetime import date
from itertools import islice

from attrs import frozen
from examples.front_desk.asking import Asked, Problems
from examples.front_desk.words import name_of
from starlette.responses import Response

from memberlogic.contracts.visits import Visit
from memberlogic.ids import MemberId

__all__ = ["LISTING", "Came", "came", "today"]

LISTING = "reports.visits:read"
_MOST = 200


@frozen(kw_only=True)
class Came:
    """Somebody came."""

    visit: Visit
    name: str


def came(asked: Asked, studio: str, on: date, most: int) -> tuple[Came, ...]:
    """Who came to a studio on a day, the latest first; nobody is told to a clerk who may not know."""
    if not asked.may(LISTING):
        return ()
    names: dict[MemberId, str] = {}
    found = [*islice(asked.org.contracts.visits_at(studio, on=on), most)]
    for each in found:
        if each.member not in names:
            names[each.member] = name_of(asked.org.members.person(each.member))
    return tuple(Came(visit=each, name=names[each.member]) for each in found)


def today(asked: Asked) -> Response:
    """Who came: to this studio, today, if nothing else is said."""
    if not asked.may(LISTING):
        return asked.page("refused.html", status=403, sentence="You may not see who came. Ask somebody who may.")
    problems: Problems = {}
    day = asked.day("on", problems) or asked.desk.today
    studio = asked.text("studio") or asked.desk.studio.code
    found = came(asked, studio, day, _MOST + 1)
    return asked.page(
        "today.html",
        status=422 if problems else 200,
        at=studio,
        day=day,
        came=found[:_MOST],
        more=len(found) > _MOST,
        problems=problems,
    )
