"""Who stands at the desk. This is no login: who may call themselves what is the host's business."""

from __future__ import annotations

from examples.front_desk.asking import Asked
from examples.front_desk.desk import Clerk
from starlette.responses import Response

__all__ = ["COOKIE", "NOBODY", "choose", "chosen"]

COOKIE = "clerk"
NOBODY = Clerk(id="nobody", name="nobody", permissions=())


def choose(asked: Asked) -> Response:
    """The clerks to choose from."""
    return asked.page("clerk.html", clerks=asked.desk.clerks.values())


def chosen(asked: Asked) -> Response:
    """One was chosen."""
    clerk = asked.desk.clerks.get(asked.text("clerk"))
    if clerk is None:
        problems = {"": "Choose one of these."}
        return asked.page("clerk.html", status=422, clerks=asked.desk.clerks.values(), problems=problems)
    answer = asked.go("/")
    answer.set_cookie(COOKIE, clerk.id, httponly=True, samesite="strict")
    return answer
