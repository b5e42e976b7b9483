"""The front desk as an ASGI application: its addresses, who stands there, what is said when something is in the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from examples.front_desk import telling, words
from examples.front_desk.asking import Asked, TooLarge, read_form
from examples.front_desk.desk import Desk
from examples.front_desk.guarding import Guard
from examples.front_desk.pages import (
    cancelling,
    caring,
    clerks,
    coming,
    finding,
    freezing,
    looking_back,
    members,
    visits,
)
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from memberlogic import MemberLogicError, errors

__all__ = ["front_desk"]

HERE = Path(__file__).parent
HOSTS = ("127.0.0.1", "localhost", "testserver")

STATUS = (
    (errors.InvalidInput, 422),
    (errors.NotFound, 404),
    (errors.PermissionDenied, 403),
    (errors.FeatureUnavailable, 403),
    (errors.StorageUnavailable, 503),
    (MemberLogicError, 409),
)

Page = Callable[[Asked], Response]
"""Pages are ordinary functions: they run on a thread, where the library may wait for the database."""

_MEMBER, _CONTRACT = "/members/{member:uuid}", "/members/{member:uuid}/contracts/{contract:uuid}"
_VISIT, _ACTION = "/visits/{visit:uuid}", "/care/{run:uuid}/{step:uuid}"

PAGES: tuple[tuple[str, str, Page], ...] = (
    ("GET", "/", finding.home),
    ("POST", "/look-up", finding.look_up),
    ("GET", _MEMBER, members.member),
    ("GET", f"{_MEMBER}/timeline", looking_back.timeline),
    ("GET", f"{_MEMBER}/care/{{run:uuid}}.svg", caring.drawing),
    ("POST", f"{_MEMBER}/check-in", visits.check_in),
    ("GET", _VISIT, visits.answer),
    ("POST", f"{_VISIT}/undo", visits.undo),
    ("POST", f"{_VISIT}/let-in", visits.let_in),
    ("GET", "/today", coming.today),
    ("GET", f"{_CONTRACT}/freeze", freezing.form),
    ("POST", f"{_CONTRACT}/freeze", freezing.freeze),
    ("GET", f"{_CONTRACT}/freezes/{{freeze:uuid}}/end", freezing.ask_end),
    ("POST", f"{_CONTRACT}/freezes/{{freeze:uuid}}/end", freezing.end),
    ("GET", f"{_CONTRACT}/cancel", cancelling.form),
    ("POST", f"{_CONTRACT}/cancel", cancelling.cancel),
    ("GET", f"{_CONTRACT}/cancellation/withdraw", cancelling.ask_withdraw),
    ("POST", f"{_CONTRACT}/cancellation/withdraw", cancelling.withdraw),
    ("GET", "/care", caring.work_list),
    ("GET", _ACTION, caring.action),
    ("POST", f"{_ACTION}/{{what}}", caring.work),
    ("GET", "/clerk", clerks.choose),
    ("POST", "/clerk", clerks.chosen),
)


def front_desk(desk: Desk) -> Starlette:
    """The application for a desk."""
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    zone = desk.studio.zone
    templates.filters |= {
        "booked": words.booked,
        "date": words.plain_day,
        "day": words.day,
        "door": words.at_the_door,
        "last_day": words.before,
        "month": words.month,
        "options": lambda codes: {each: words.word(each).capitalize() for each in codes},
        "plain": words.plain,
        "word": words.word,
        "for_picker": words.for_picker,
        "happened": lambda item, studios, plans: telling.happened(item, studios, zone, plans),
        "why": lambda because: telling.why(because, zone),
        "who": lambda actor: _name_of(desk, actor),
        "clock": lambda instant: words.at_clock(instant, zone),
        "time": lambda instant: f"{instant.astimezone(zone):%H:%M}",
    }
    routes = [Route(path, _served(page, desk, templates), methods=[method]) for method, path, page in PAGES]
    return Starlette(
        routes=[*routes, Mount("/static", StaticFiles(directory=HERE / "static"))],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS)), Middleware(Guard)],
        exception_handlers={404: _nothing_here(desk, templates), 405: _nothing_here(desk, templates)},
    )


def _served(page: Page, desk: Desk, templates: Environment) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        try:
            form: Mapping[str, str] = await read_form(request) if request.method == "POST" else {}
        except TooLarge:
            return Response("That is more than any form of the desk holds.", status_code=413)
        return await run_in_threadpool(answer, request, form)

    def answer(request: Request, form: Mapping[str, str]) -> Response:
        clerk = desk.clerks.get(request.cookies.get(clerks.COOKIE, ""))
        if clerk is None:
            if page not in (clerks.choose, clerks.chosen):
                return RedirectResponse("/clerk", status_code=303)
            clerk = clerks.NOBODY
        asked = Asked(request, desk, clerk, desk.for_clerk(clerk), form, templates)
        try:
            return page(asked)
        except MemberLogicError as refusal:
            status = next(status for kind, status in STATUS if isinstance(refusal, kind))
            return asked.page("refused.html", status=status, sentence=asked.refused(refusal))

    return serve


def _name_of(desk: Desk, actor: str) -> str:
    """Who did something: a clerk by name."""
    id = actor.partition(":")[2]
    return (
        desk.clerks[id].name.partition(" (")[0]
        if id in desk.clerks
        else id or ("by itself" if actor == "system" else actor)
    )


def _nothing_here(desk: Desk, templates: Environment) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Also here there is the box: whoever scans is nowhere lost."""

    def page(request: Request, status: int) -> Response:
        clerk = desk.clerks.get(request.cookies.get(clerks.COOKIE, ""), clerks.NOBODY)
        return Asked(request, desk, clerk, desk.for_clerk(clerk), {}, templates).page("lost.html", status=status)

    async def answer(request: Request, problem: Exception) -> Response:
        return await run_in_threadpool(page, request, getattr(problem, "status_code", 404))

    return answer
