"""One request: who asks, what they typed, and how it is answered."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import TypeVar
from urllib.parse import parse_qsl, quote
from uuid import UUID

from attrs import frozen
from examples.front_desk.desk import Clerk, Desk
from examples.front_desk.telling import refused
from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from memberlogic import Handle, MemberLogicError
from memberlogic.errors import InvalidInput

__all__ = ["Asked", "Problems", "TooLarge", "read_form"]

R = TypeVar("R")

Problems = dict[str, str]
"""What is wrong, by the field beside which it is said; under the empty name what concerns the whole form."""

_YEARS = 1900, 2198
_SAID, _SAID_FOR = "said", 60
_MOST_BYTES, _MOST_FIELDS = 64_000, 50


class TooLarge(Exception):
    """More was sent than any form of the desk holds."""


async def read_form(request: Request) -> Mapping[str, str]:
    """The fields of a form, as browsers send them; of a field that is there twice the last one.

    Raises:
        TooLarge: for more than any form of the desk holds.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise TooLarge
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise TooLarge from None
    return {name: value.replace("\r\n", "\n") for name, value in pairs}


@frozen
class Asked:
    """A request of a clerk."""

    request: Request
    desk: Desk
    clerk: Clerk
    org: Handle
    form: Mapping[str, str]
    templates: Environment

    @property
    def said(self) -> Mapping[str, str]:
        """What was typed: into a form, or into the address by a form that only asks."""
        return self.form if self.request.method == "POST" else self.request.query_params

    @property
    def sent(self) -> bool:
        """Whether there is anything to look at: a form that was sent, or fields in the address."""
        return self.request.method == "POST" or bool(self.said)

    def text(self, name: str) -> str:
        """What was typed into a field, without space around it; empty if nothing was."""
        return self.said.get(name, "").strip()

    def id(self, name: str) -> UUID:
        """An id of the path, which the route has read."""
        found: UUID = self.request.path_params[name]
        return found

    def day(self, name: str, problems: Problems) -> date | None:
        """A day that was typed; None if none was, or if it is none, which is put among the problems."""
        typed = self.text(name)
        try:
            day = date.fromisoformat(typed) if typed else None
        except ValueError:
            problems[name] = "This is no day. Look at day, month and year again."
            return None
        if day is not None and not _YEARS[0] <= day.year <= _YEARS[1]:
            problems[name] = "This year cannot be meant. Look at it again."
            return None
        return day

    def chosen(self, name: str, offered: Collection[str], problems: Problems) -> str:
        """What was chosen of a list; what the list does not have is put among the problems, and never stored."""
        value = self.text(name)
        if value not in offered:
            problems[name] = "Choose one of the list."
        return value

    def may(self, *permissions: str) -> bool:
        """Whether the clerk may do all of it: what they may not do is not offered."""
        return all(self.clerk.actor.may(each) for each in permissions)

    def attempt(self, do: Callable[[], R], fields: Mapping[str, str], problems: Problems) -> R | None:
        """Do something, or say beside the field what is in the way.

        Args:
            fields: the form's field for a parameter of the library's, where it has another name.
        """
        try:
            return do()
        except InvalidInput as refusal:
            name = fields.get(refusal.path, refusal.path)
            problems[name if name in self.said or name in fields.values() else ""] = self.refused(refusal)
        except MemberLogicError as refusal:
            problems[fields.get(refusal.code, "")] = self.refused(refusal)
        return None

    def refused(self, refusal: MemberLogicError) -> str:
        """Why something is not possible, as it is said at a desk."""
        return refused(refusal, self.desk.studio.zone)

    def closed(self, title: str, sentence: str, *, status: int = 409, problems: Problems | None = None) -> Response:
        """Instead of a form that nobody can send: why."""
        return self.page(
            "closed.html",
            status=status,
            title=title,
            sentence=sentence,
            member=self.id("member"),
            problems=problems or {},
        )

    def go_saying(self, path: str, what: str) -> Response:
        """Another page, which says once what was done: a signed cookie carries it, no address can."""
        answer = self.go(path)
        until = int(self.desk.ml.clock.now().timestamp()) + _SAID_FOR
        value = f"{what}.{until}.{self._signed(path, what, until)}"
        answer.set_cookie(_SAID, value, max_age=_SAID_FOR, httponly=True, samesite="strict")
        return answer

    def just_said(self) -> str | None:
        """What was done just now and is to be said on this page; None if nothing was."""
        what, _, rest = self.request.cookies.get(_SAID, "").partition(".")
        until, _, mac = rest.partition(".")
        if not until.isdecimal() or int(until) < self.desk.ml.clock.now().timestamp():
            return None
        right = self._signed(self.request.url.path, what, int(until))
        return what if hmac.compare_digest(mac.encode(), right.encode()) else None

    def _signed(self, path: str, what: str, until: int) -> str:
        said = f"{self.clerk.id}\n{path}\n{what}\n{until}".encode()
        return hmac.new(self.desk.secret, said, "sha256").hexdigest()

    def page(self, template: str, *, status: int = 200, **shown: object) -> Response:
        """A page."""
        common = {
            "asked": self,
            "clerk": self.clerk,
            "studio": self.desk.studio,
            "today": self.desk.today,
            "typed": self.text,
            "key": secrets.token_urlsafe(18),
            "problems": {},
        }
        answer = HTMLResponse(self.templates.get_template(template).render(common | shown), status_code=status)
        if _SAID in self.request.cookies:
            answer.delete_cookie(_SAID)
        return answer

    @property
    def studios(self) -> Mapping[str, str]:
        """What the studios are called, by their codes."""
        return {each.code: each.name or each.code for each in self.org.settings.studios()}

    def go(self, path: str, **query: str) -> Response:
        """Another page, asked for anew: so that loading it again does nothing twice."""
        more = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        return RedirectResponse(f"{path}?{more}" if more else path, status_code=303)
