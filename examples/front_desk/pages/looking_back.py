"""What happened to a member, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from examples.front_desk.asking import Asked, Problems
from examples.front_desk.pages import caring
from examples.front_desk.words import name_of
from starlette.responses import Response

from memberlogic.ids import MemberId
from memberlogic.members.looking_back import TimelineItem

__all__ = ["timeline"]

_PAGE = 50


def timeline(asked: Asked) -> Response:
    """The latest first; further back by a link that names the instant of the last one."""
    id, problems = MemberId(asked.id("member")), Problems()
    until = _instant(asked.text("until"))
    found = asked.attempt(lambda: asked.org.members.timeline(id, until=until), {}, problems)
    happened, more = ([], False) if found is None else _page(found)
    return asked.page(
        "timeline.html",
        status=422 if problems else 200,
        member=id,
        name=name_of(asked.org.members.person(id)),
        happened=happened,
        plans=caring.names(asked, happened),
        further=happened[-1].at.isoformat() if more else None,
        problems=problems,
    )


def _page(items: Iterator[TimelineItem]) -> tuple[list[TimelineItem], bool]:
    """The first ones, and whether there are more. What happened at one instant stays on one page."""
    page: list[TimelineItem] = []
    for each in items:
        if len(page) >= _PAGE and each.at != page[-1].at:
            return page, True
        page.append(each)
    return page, False


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
