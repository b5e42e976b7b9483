"""A front desk to try: the demonstration's club on SQLite, with a clock that stands still."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

from examples.front_desk.app import front_desk
from examples.front_desk.desk import CLERKS, Desk
from examples.front_desk.seeding import FIRST_CARD, PEOPLE, seed
from starlette.testclient import TestClient

from memberlogic import FixedClock, MemberLogic
from memberlogic_sqlalchemy import SqlAlchemyStorage, upgrade
from sqlalchemy import create_engine

NOW = datetime(2026, 3, 11, 10, tzinfo=UTC)
HERE = "http://testserver"
CARDS = {name: str(FIRST_CARD + number) for number, name in enumerate(PEOPLE)}


def made(folder: Path) -> Path:
    """A file with the club."""
    file = folder / "made.db"
    engine = create_engine(f"sqlite:///{file}")
    upgrade(engine)
    seed(SqlAlchemyStorage(engine), NOW)
    engine.dispose()
    return file


class FrontDesk:
    """A desk on a file of its own."""

    def __init__(self, club: Path, folder: Path) -> None:
        file = folder / "club.db"
        shutil.copy(club, file)
        self.engine = create_engine(f"sqlite:///{file}")
        self.clock = FixedClock(NOW)
        self.desk = Desk.of_demonstration(MemberLogic(SqlAlchemyStorage(self.engine), clock=self.clock))
        self.app = front_desk(self.desk)
        self.org = self.desk.for_clerk(CLERKS["amber"])

    def clerk(self, name: str = "amber") -> Browser:
        """A browser in which a clerk is at the desk."""
        browser = Browser(self)
        browser.post("/clerk", clerk=name)
        return browser

    def member(self, name: str):
        """Somebody's id."""
        return self.org.members.find("card", CARDS[name]).id

    def contract(self, name: str):
        """Somebody's first contract."""
        return self.org.contracts.of(self.member(name))[0].contract

    def visits(self, name: str):
        """What was written down of somebody today."""
        today = self.desk.today
        return self.org.contracts.visits(self.member(name), since=today, until=today.replace(day=today.day + 1))


class Browser:
    """What a browser does without scripts: it follows redirects and says where its forms come from."""

    def __init__(self, desk: FrontDesk) -> None:
        self.client = TestClient(desk.app, base_url=HERE, headers={"origin": HERE}, follow_redirects=True)

    def get(self, path: str, **query: str) -> Page:
        """A page."""
        return Page(self.client.get(path, params=query or None))

    def post(self, path: str, **form: str) -> Page:
        """A form that is sent."""
        return Page(self.client.post(path, data=form))

    def scan(self, card: str, key: str = "scan") -> Page:
        """A card before the reader."""
        return self.post("/look-up", q=card, key=key)

    def submit(self, page: Page, button: str, **typed: str) -> Page:
        """The form with this button, with what its fields hold and what was typed."""
        form = next(each for each in page.forms if button in each.buttons)
        where = form.action or page.path
        ask = self.get if form.method == "get" else self.post
        return ask(where, **(form.fields | typed))


class Form:
    """A form as it came."""

    def __init__(self, action: str, method: str) -> None:
        self.action, self.method = action, method
        self.fields: dict[str, str] = {}
        self.buttons: list[str] = []


class Page(HTMLParser):
    """An answer, as a reader sees it."""

    def __init__(self, answer) -> None:
        super().__init__(convert_charrefs=True)
        self.status, self.html, self.path = answer.status_code, answer.text, answer.url.path
        self.url, self.headers, self.history = answer.url, answer.headers, answer.history
        self.forms: list[Form] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.focused: list[str] = []
        self.verdict: str | None = None
        self._said: list[str] = []
        self._select: str | None = None
        self._area: str | None = None
        self._button = False
        self.feed(self.html)
        self.text = re.sub(r"\s+", " ", " ".join(self._said)).strip()

    def handle_starttag(self, tag, attrs):
        said = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        acting = [name for name in said if name.startswith("on") or (name == "style" and tag != "svg")]
        assert not acting, "no scripts, and no styles but in the library's drawing, which is a picture of its own"
        if "autofocus" in said:
            self.focused.append(said.get("id", tag))
        if "id" in said:
            self.ids.append(said["id"])
        if tag == "a":
            self.links.append(said.get("href", ""))
        if said.get("class", "").startswith("verdict "):
            self.verdict = said["class"].split()[1]
        if tag == "form":
            self.forms.append(Form(said.get("action", ""), said.get("method", "get")))
        if tag == "input" and self.forms and (said.get("type") != "checkbox" or "checked" in said):
            self.forms[-1].fields[said["name"]] = said.get("value", "")
        if tag == "select":
            self._select = said["name"]
        if tag == "option" and (self._select not in self.forms[-1].fields or "selected" in said):
            self.forms[-1].fields[self._select] = said["value"]
        if tag == "textarea":
            self._area = said["name"]
            self.forms[-1].fields[self._area] = ""
        self._button = tag == "button"

    def handle_endtag(self, tag):
        if tag == "textarea":
            self._area = None

    def handle_data(self, data):
        if self._area is not None:
            self.forms[-1].fields[self._area] += data.removeprefix("\n")
        if self._button and data.strip():
            self.forms[-1].buttons.append(data.strip())
        self._said.append(data)
