"""The front desk in Chromium: by keyboard alone, at three widths, in light and dark; for everybody."""

from __future__ import annotations

import shutil
from datetime import date, timedelta

import pytest
from tests.examples.browsers import ARGUMENTS, PLACES, Clerk, Served, missing
from tests.examples.desks import CARDS, FrontDesk
from tests.examples.test_front_desk import AMBER, GREEN, RED

from memberlogic import Actor

WIDTHS = {"desk": 1280, "tablet": 820, "phone": 390}
LOOKS = [(width, scheme) for width in WIDTHS.values() for scheme in ("light", "dark")]


@pytest.fixture(scope="module")
def chromium():
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("no playwright: pip install --group browser")
    place = next((found for each in PLACES if (found := shutil.which(each))), None)
    if place is None:
        missing(f"none of {', '.join(PLACES)} is there: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def served(front_desk):
    made = Served(front_desk)
    yield made
    made.close()


@pytest.fixture
def sit_down(chromium, served):
    clerks = []

    def sit(**said):
        clerks.append(Clerk(chromium, served, **said))
        return clerks[-1]

    yield sit
    for each in clerks:
        each.close()


def pages(desk: FrontDesk):
    """Every kind of page, in the states that look different."""
    ada, fern, contract = desk.member("Ada Active"), desk.member("Fern Frozen"), desk.contract("Ada Active")
    at = f"/members/{ada}/contracts/{contract}"
    frozen = desk.org.contracts.freezes(desk.contract("Fern Frozen"))[0].freeze
    actions = desk.org.care.work_list(surface=None).actions
    visit = desk.visits("Lim Limited")[0]
    refused = desk.org.contracts.check_in(fern, studio="north")
    yara, ari = desk.member("Yara Yearly"), desk.member("Ari Arrears")
    undone = desk.org.contracts.check_in(yara, studio="north")
    desk.org.contracts.undo_check_in(undone.visit, reason="other")
    let_in = desk.org.contracts.check_in(ari, studio="north", override_note="The manager said so.")
    south = desk.org.contracts.check_in(desk.member("Sue Southonly"), studio="south")
    gone = f"/members/{desk.member('Cora Cancelled')}/contracts/{desk.contract('Cora Cancelled')}"
    return [
        "/clerk", "/", "/?q=f", "/?q=nobody-has-this", f"/?q={'x' * 300}", f"/members/{ada}", f"/members/{fern}",
        f"/members/{desk.member('Carl Cancelledsoon')}", f"/members/{desk.member('Pia Prospect')}",
        f"/members/{desk.member('Olga Owing')}", f"/members/{desk.member('Kim Child')}",
        f"/members/{ada}/timeline", f"{at}/freeze", f"{at}/freeze?since=2026-04-01&last=2026-04-20&reason=holiday",
        f"{at}/freeze?since=2026-03-01&last=2026-03-10&reason=holiday", f"{at}/freeze?since=2026-04-01&last=2026-04-02",
        f"{at}/cancel", f"{at}/cancel?received=2026-03-11", f"{at}/cancel?received=2026-03-12",
        f"/members/{fern}/contracts/{desk.contract('Fern Frozen')}/freezes/{frozen}/end", "/care", "/care?whose=mine",
        f"/care/{actions[0].run}/{actions[0].step}",
        f"/care/{actions[2].run}/{actions[2].step}", f"/visits/{visit.id}",
        f"/visits/{refused.visit}", f"/members/{frozen}", f"/visits/{undone.visit}", f"/visits/{let_in.visit}",
        "/today", "/today?studio=south", "/today?on=31.3.", f"/members/{desk.member('Freda Frozensauna')}",
        f"/visits/{south.visit}", f"/members/{desk.member('Sue Southonly')}",
        f"/members/{ari}", f"{gone}/cancel", "/nowhere",
        f"/members/{fern}/contracts/{desk.contract('Fern Frozen')}/cancel"
        "?received=2026-03-11&last=2026-03-20&extraordinary=yes",
    ]  # fmt: skip


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_page_is_clean_for_axe_fits_and_does_not_jump(served, sit_down, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    clerk, axe, wrong = sit_down(width=width, scheme=scheme), Axe(), []
    for path in pages(served.desk):
        clerk.page.goto(served.at + path)
        clerk.settled()
        found = axe.run(clerk.page).response["violations"]
        wrong += [(path, each["id"], [node["html"] for node in each["nodes"]]) for each in found]
        over, shift = clerk.page.evaluate(
            "[document.documentElement.scrollWidth - window.innerWidth, window.shifts.reduce((a, b) => a + b, 0)]"
        )
        wrong += [(path, "wider than the screen by", over)] if over > 0 else []
        wrong += [(path, "jumps by", shift)] if shift else []
        small = clerk.page.evaluate(
            """[...document.querySelectorAll("button, select, input:not([type=hidden]):not([type=checkbox]), .button,"
               + "header nav a, .tabs a, .hits a, .work a, label.check")]
               .filter(each => each.getBoundingClientRect().height < 44).map(each => each.outerHTML)"""
        )
        wrong += [(path, "hard to hit with a finger", small)] if small else []
        rows = clerk.page.evaluate("new Set([...document.querySelectorAll('header nav a')].map(e => e.offsetTop)).size")
        wrong += [(path, "the links on top take rows", rows)] if rows > 1 else []
    assert wrong == []


@pytest.mark.parametrize("width", WIDTHS.values())
def test_nothing_jumps_when_the_drawing_comes_late(served, sit_down, width):
    clerk = sit_down(width=width, height=3000)

    def late(route):
        clerk.page.wait_for_timeout(300)
        route.continue_()

    clerk.page.route("**/care/*.svg", late)
    clerk.page.goto(f"{served.at}/members/{served.desk.member('Fern Frozen')}")
    clerk.settled()
    assert clerk.page.locator("img.course").evaluate("each => each.naturalWidth") == 360
    assert clerk.page.evaluate("window.shifts") == []


def test_members_of_every_status_are_checked_in_by_keyboard_and_each_red_one_says_why(served, sit_down):
    clerk = sit_down()
    for name in CARDS:
        clerk.type(name)
        assert name in clerk.page.locator("h1").inner_text()
        assert clerk.focus().startswith("Scan a card"), "what is scanned now is nobody else's check-in"
        assert clerk.tab_to("Check in") <= 3
        clerk.enter()
        assert clerk.page.locator(".who").inner_text() == name
        assert clerk.verdict() == ("green" if name in GREEN else "amber" if name in AMBER else "red")
        if name in RED:
            assert RED[name] in clerk.page.locator(".told").inner_text()
        assert served.desk.visits(name)[-1].allowed is (name not in RED)


def test_cards_are_scanned_one_after_the_other_without_a_hand_on_the_keyboard(served, sit_down):
    clerk = sit_down()
    for name, card in CARDS.items():
        clerk.type(card)
        assert clerk.page.locator(".who").inner_text() == name
    for _ in range(2):
        clerk.page.reload()
        assert clerk.page.locator(".who").inner_text() == name
    assert len(served.desk.visits(name)) == 1
    clerk.page.go_back()
    clerk.page.go_forward()
    assert len(served.desk.visits(name)) == 1


def test_a_contract_is_frozen_by_keyboard_alone(served, sit_down):
    clerk, contract = sit_down(), served.desk.contract("Ada Active")
    clerk.type("Ada")
    clerk.tab_to("Freeze")
    clerk.enter()
    first, last = date(2026, 4, 1), date(2026, 4, 20)
    for label, day in (("First frozen day", first), ("Last frozen day", last)):
        clerk.page.get_by_label(label).focus()
        clerk.page.keyboard.type(f"{day:%m%d%Y}")
    clerk.tab_to("Show what it would move")
    clerk.enter()
    assert "Mon 20 Apr 2026" in clerk.text()
    assert clerk.focus().startswith("Scan a card"), "a card that is scanned now freezes nothing"
    clerk.tab_to("Skip to what it would be")
    clerk.press("Enter")
    clerk.tab_to("Reason")
    clerk.page.keyboard.type("Holiday")
    clerk.tab_to("Freeze the contract")
    clerk.enter()
    assert "The contract is frozen as shown below" in clerk.text()
    (filed,) = served.desk.org.contracts.freezes(contract)
    assert (filed.since, filed.until) == (first, last + timedelta(days=1))


def test_a_contract_is_cancelled_by_keyboard_alone(served, sit_down):
    clerk, contract = sit_down(), served.desk.contract("Yara Yearly")
    clerk.type("Yara")
    clerk.tab_to("Cancel")
    clerk.enter()
    assert clerk.focus().startswith("Scan a card")
    clerk.tab_to("Show to which day")
    clerk.enter()
    assert "Last day of the contract" in clerk.text()
    clerk.tab_to("Reason")
    clerk.page.keyboard.type("Price")
    clerk.tab_to("Note")
    clerk.page.keyboard.type("Found it too dear.")
    clerk.tab_to("Cancel the contract")
    clerk.enter()
    assert "The contract is cancelled as shown below" in clerk.text()
    told = served.desk.org.contracts.cancellation(contract)
    assert (told.cancellation.reason, told.note) == ("price", "Found it too dear.")


def test_a_conversation_at_the_door_is_done_by_keyboard_alone(served, sit_down):
    clerk = sit_down()
    clerk.type(CARDS["Tom Talk"])
    clerk.tab_to("What it is about")
    clerk.enter()
    clerk.tab_to("What came of it")
    clerk.page.keyboard.type("Talked")
    clerk.tab_to("Note")
    clerk.page.keyboard.type("Is happy.")
    clerk.tab_to("Done")
    clerk.enter()
    assert "The action is done" in clerk.text()
    assert "Tom Talk" not in clerk.page.locator("main").inner_text()


def test_the_work_list_is_worked_by_keyboard_alone(served, sit_down):
    clerk, care = sit_down(), served.desk.org.care
    fern, ada, _, yara = care.work_list(surface=None).actions

    def open_next():
        clerk.page.goto(f"{served.at}/care")
        clerk.tab_to("First call")
        clerk.enter()

    open_next()
    clerk.tab_to("Why")
    clerk.page.keyboard.type("Not needed")
    clerk.tab_to("Skip")
    clerk.enter()
    assert "The action is skipped" in clerk.text()
    open_next()
    clerk.tab_to("Postpone to")
    clerk.page.keyboard.type("03202026")
    clerk.tab_to("Postpone", whole=True)
    clerk.enter()
    assert "The action is postponed" in clerk.text()
    open_next()
    clerk.tab_to("Give to")
    clerk.page.keyboard.type("Clerk Blue")
    clerk.tab_to("Give", whole=True)
    clerk.enter()
    assert "The action was given on" in clerk.text()
    assert care.active(fern.member).run.open == ()
    assert care.active(ada.member).run.open[0].postponed_to == date(2026, 3, 20)
    assert care.active(yara.member).run.open[0].assignee == "blue"


def test_going_back_and_pressing_again_does_nothing_twice(served, sit_down):
    clerk, contract = sit_down(), served.desk.contract("Ada Active")
    clerk.type("Ada")
    clerk.tab_to("Check in")
    clerk.enter()
    clerk.page.go_back()
    clerk.tab_to("Check in")
    clerk.enter()
    assert "Already checked in at" in clerk.text()
    assert len(served.desk.visits("Ada Active")) == 1
    at = f"{served.at}/members/{served.desk.member('Ada Active')}/contracts/{contract}"
    clerk.page.goto(f"{at}/freeze?since=2026-04-01&last=2026-04-20&reason=holiday")
    clerk.tab_to("Freeze the contract")
    clerk.enter()
    clerk.page.go_back()
    assert "Another freeze is in the way" in clerk.text()
    assert clerk.page.get_by_role("button", name="Freeze the contract").count() == 0
    assert len(served.desk.org.contracts.freezes(contract)) == 1


def test_of_two_clerks_with_one_form_the_second_is_told_what_the_first_did(served, sit_down):
    amber, blue = sit_down(), sit_down(name="blue")
    run = served.desk.org.care.work_list(surface=None).actions[0]
    for clerk in (amber, blue):
        clerk.page.goto(f"{served.at}/care/{run.run}/{run.step}")
    for clerk, outcome, answer in (
        (amber, "Reached", "The action is done."),
        (blue, "Talked", "Somebody else was faster: this is completed already."),
    ):
        clerk.tab_to("What came of it")
        clerk.page.keyboard.type(outcome)
        clerk.tab_to("Done")
        clerk.enter()
        assert answer in clerk.text()
    assert blue.page.evaluate("document.activeElement.className") == "problem-box"
    assert blue.page.get_by_role("button", name="Done").count() == 0, "there is nothing more to send"


def test_two_clerks_at_two_screens_work_at_once(served, sit_down):
    amber, blue = sit_down(), sit_down(name="blue")
    for name in ("Ada Active", "Olga Owing", "Bo Blocked", "Yara Yearly"):
        for clerk in (amber, blue):
            clerk.page.keyboard.type(CARDS[name])
        for clerk in (amber, blue):
            clerk.press("Enter")
        for clerk in (amber, blue):
            clerk.page.wait_for_url("**/visits/**")
            clerk.page.locator(".who", has_text=name).wait_for()
            assert clerk.page.locator(".who").inner_text() == name
        if name not in RED:
            assert len(served.desk.visits(name)) == 1
    assert "Clerk Blue" in blue.text()


def test_nothing_needs_a_script(served, sit_down):
    clerk = sit_down(scripts=False)
    clerk.type(CARDS["Fern Frozen"])
    assert "frozen from 25 Feb 2026" in clerk.text()
    clerk.page.get_by_role("link", name="Fern Frozen").click()
    assert clerk.page.get_by_role("heading", name="Contracts").is_visible()


def test_the_drawing_is_shown_in_light_and_dark_and_is_told_in_words(served, sit_down):
    for scheme in ("light", "dark"):
        clerk = sit_down(scheme=scheme)
        clerk.type("Ada")
        picture = clerk.page.locator("img.course")
        assert picture.evaluate("each => each.complete && each.naturalWidth") == 360
        clerk.tab_to("Day by day, in words")
        clerk.press("Enter")
        assert clerk.page.get_by_text("To do: First call").is_visible()


@pytest.mark.parametrize("width", WIDTHS.values())
def test_a_very_long_name_from_right_to_left_stays_on_the_screen(served, sit_down, width):
    system = served.desk.desk.ml.organization(served.desk.desk.organization, _system())
    name = "\u05d3\u05d5\u05d2\u05de\u05d4" * 19
    member = system.members.register(member_type="customer", given_name=name, family_name="W" * 99, guardian=None,
                                     email="long@example.org").id  # fmt: skip
    clerk = sit_down(width=width)
    for path in (f"/members/{member}", "/?q=w", f"/?q={name[:50]}"):
        clerk.page.goto(served.at + path)
        assert clerk.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    clerk.tab_to("Check in")
    clerk.enter()
    assert clerk.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert name in clerk.page.locator(".who").inner_text()


def _system():
    return Actor.system()
