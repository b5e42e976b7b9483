"""A front desk that is served to a real browser, and what is looked at on each of its pages."""

from __future__ import annotations

import os
import threading
import time

import pytest
import uvicorn

PLACES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WATCH = """
window.shifts = [];
new PerformanceObserver(list => list.getEntries().forEach(each => window.shifts.push(each.value)))
    .observe({type: "layout-shift", buffered: true});
"""


def missing(problem: str) -> None:
    """No browser is a loud skip for a newcomer, and a failure where it is required, as continuous integration may."""
    if os.environ.get("MEMBERLOGIC_REQUIRE_BROWSER"):
        pytest.fail(problem)
    pytest.skip(problem)


class Served:
    """A desk on a port of this computer."""

    def __init__(self, front_desk) -> None:
        self.desk = front_desk
        config = uvicorn.Config(front_desk.app, host="127.0.0.1", port=0, log_level="warning", access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.at = f"http://127.0.0.1:{port}"

    def close(self) -> None:
        """Serve no more."""
        self._server.should_exit = True
        self._thread.join(10)


class Clerk:
    """Somebody with a keyboard before a browser of their own."""

    def __init__(self, chromium, served, *, name="amber", width=1280, height=900, scheme="light", scripts=True) -> None:
        self.context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, java_script_enabled=scripts
        )
        self.page, self.at, self.errors = self.context.new_page(), served.at, []
        self.page.set_default_timeout(15_000)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("requestfailed", self._failed)
        if scripts:
            self.page.add_init_script(WATCH)
        self.page.goto(f"{self.at}/")
        self.tab_to({"amber": "Clerk Amber", "blue": "Clerk Blue"}[name])
        self.press("Enter")
        self.page.wait_for_url(f"{self.at}/")

    def _heard(self, said) -> None:
        """Errors and warnings, but that a page of ours answered a refusal."""
        refused = "server responded with a status of 4" in said.text and not said.location["url"].endswith(
            (".svg", ".css")
        )
        if said.type in ("error", "warning") and not refused:
            self.errors.append(said.text)

    def _failed(self, request) -> None:
        """What did not load, but for what was left because the clerk went on."""
        if request.failure != "net::ERR_ABORTED":
            self.errors.append(f"{request.failure}: {request.url}")

    def settled(self) -> None:
        """Wait until the pictures are there and what moved has moved."""
        self.page.wait_for_load_state("load")
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def press(self, *keys: str) -> None:
        """Keys, one after the other."""
        for each in keys:
            self.page.keyboard.press(each)

    def type(self, text: str) -> None:
        """Type a line, as a person or a scanner does, and wait for the answer."""
        self.page.locator("input:focus").wait_for()
        with self.page.expect_navigation():
            self.page.keyboard.type(text)
            self.press("Enter")

    def enter(self) -> None:
        """Press what has the focus, and wait for the answer."""
        with self.page.expect_navigation():
            self.press("Enter")

    def tab_to(self, label: str, most: int = 30, *, whole: bool = False) -> int:
        """Press Tab until something whose label begins so, or is so, has the focus; after how many times."""
        self.page.locator(":focus").wait_for()
        for times in range(1, most + 1):
            self.press("Tab")
            if self.focus() == label or (not whole and self.focus().startswith(label)):
                return times
        pytest.fail(f"{label} is not reached by the keyboard; the focus is on {self.focus()}")

    def focus(self) -> str:
        """What has the focus, by its words."""
        return self.page.evaluate(
            "(() => { const e = document.activeElement;"
            " return (e.labels && e.labels[0] ? e.labels[0].innerText : e.innerText || e.name || e.tagName).trim() })()"
        )

    def verdict(self) -> str:
        """Green, amber or red."""
        return self.page.locator(".verdict").get_attribute("class").split()[1]

    def text(self) -> str:
        """What can be read."""
        return self.page.locator("body").inner_text()

    def close(self) -> None:
        """Nothing may have gone wrong meanwhile."""
        self.context.close()
        assert self.errors == [], self.errors
