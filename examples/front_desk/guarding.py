"""What keeps other pages from acting through the clerk's browser, and markup from acting through ours."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Guard"]

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Every answer carries headers that let no script run and nothing from elsewhere load; every form must come from a
    page of this very address. The cookie is SameSite=Strict besides.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a form from elsewhere, else pass on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        request = Request(scope)
        if request.method not in ("GET", "HEAD") and not _from_here(request):
            answer = PlainTextResponse("This form did not come from the desk's own page.", status_code=403)
            await answer(scope, receive, with_headers)
            return
        await self.app(scope, receive, with_headers)


def _from_here(request: Request) -> bool:
    """Browsers name the page that a form comes from; one that names none is refused."""
    return request.headers.get("origin") == f"{request.url.scheme}://{request.headers.get('host', '')}"
