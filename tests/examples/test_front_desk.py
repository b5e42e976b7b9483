"""The front desk without a browser: every page, every form, reloading, two clerks at once."""

from __future__ import annotations

import re
import threading
from datetime import date, timedelta
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from examples.front_desk.app import PAGES
from examples.front_desk.telling import CARE, REFUSED, refused, why
from examples.front_desk.words import ADVICE, BRIEFLY, plain
from tests.examples.desks import CARDS, Browser, Page

from memberlogic import Actor, errors
from memberlogic.care.answers import ANSWERS
from memberlogic.contracts.notices import ENGLISH
from memberlogic.outcomes import Because

GREEN = {
    "Ada Active",
    "Yara Yearly",
    "Finn Freezesoon",
    "Carl Cancelledsoon",
    "Gus Guest",
    "Max Familyholder",
    "Mia Familymember",
    "Kim Child",
}
AMBER = {"Freda Frozensauna": "May use today: sauna.", "Olga Owing": "49.90 EUR", "Tom Talk": "Talk to the member now"}
RED = {
    "Petra Pending": "The contract begins on 17 Mar 2026.",
    "Otto Onhold": "on hold until 29.00 EUR are paid",
    "Fern Frozen": "frozen from 25 Feb 2026 through 30 Mar 2026",
    "Cora Cancelled": "its last day was 1 Jan 2026 (moved)",
    "Ewa Expired": "expired; its last day was 31 Oct 2025",
    "Pia Prospect": "no contract and no visitor pass",
    "Uma Usedup": "no visit left (limit 1)",
    "Bo Blocked": "blocked (card shared)",
    "Ben Banned": "until further notice (house ban)",
    "Ari Arrears": "suspended since 2 Mar 2026",
    "Lim Limited": "next is possible on 16 Mar 2026",
    "Sue Southonly": "not for this studio, it is for: South.",
    "Lea Left": "left the contract; the last day on it was 3 Feb 2026",
}


@pytest.fixture
def clerk(front_desk) -> Browser:
    return front_desk.clerk()


def test_every_member_of_the_club_is_tried_here():
    assert {*GREEN, *AMBER, *RED} == {*CARDS}


@pytest.mark.parametrize("name", CARDS)
def test_a_card_checks_in_at_once_and_a_red_one_says_why(front_desk, clerk, name):
    page = clerk.scan(CARDS[name])
    assert page.status == 200
    assert name in page.text
    assert page.verdict == ("green" if name in GREEN else "amber" if name in AMBER else "red")
    assert (AMBER | RED).get(name, "Come in") in page.text
    assert [each.allowed for each in front_desk.visits(name)][-1] is (name not in RED)
    # The next card goes into the same box.
    assert page.forms[0].action == "/look-up"
    assert " autofocus" in page.html


@pytest.mark.parametrize("name", CARDS)
def test_a_name_leads_to_the_page_that_says_the_same_and_writes_nothing(front_desk, clerk, name):
    before = front_desk.visits(name)
    page = clerk.get("/", q=name)
    assert page.path == f"/members/{front_desk.member(name)}"
    assert page.verdict == ("green" if name in GREEN else "amber" if name in AMBER else "red")
    assert (AMBER | RED).get(name, "ay come in") in page.text
    assert front_desk.visits(name) == before
    checked = clerk.submit(page, "Check in")
    assert checked.verdict == page.verdict
    assert len(front_desk.visits(name)) == len(before) + 1


def test_who_it_may_be_is_a_list_and_a_support_id_leads_to_one(front_desk, clerk):
    text = clerk.get("/", q="f").text
    for name in ("Fern Frozen", "Freda Frozensauna", "Finn Freezesoon", "Max Familyholder", "Mia Familymember"):
        assert name in text
    support_id = front_desk.org.members.get(front_desk.member("Tom Talk")).support_id
    assert "Tom Talk" in clerk.get("/", q=support_id.lower().replace("-", " ")).text
    assert "mistyped" in clerk.get("/", q=_mistyped(support_id)).text
    assert "Nobody is found by this" in clerk.get("/", q="zzz").text
    assert clerk.get("/", q="a" * 201).status == 422


def _mistyped(support_id):
    return support_id[:-1] + ("A" if support_id[-1] != "A" else "B")


def test_reloading_a_check_in_writes_nothing_down_twice(front_desk, clerk):
    first = clerk.scan("1005", key="one")
    again = clerk.scan("1005", key="one")
    assert first.url == again.url
    assert len(front_desk.visits("Fern Frozen")) == 1
    assert [each.status_code for each in first.history] == [303]
    for _ in range(2):
        assert clerk.get(first.path).text == first.text
    assert len(front_desk.visits("Fern Frozen")) == 1


def test_a_second_scan_is_the_same_visit_and_says_so(front_desk, clerk):
    clerk.scan("1001", key="one")
    front_desk.clock.forward(timedelta(minutes=2))
    again = clerk.scan("1001", key="two")
    assert "Already checked in at 11:00" in again.text
    assert len(front_desk.visits("Ada Active")) == 1


def test_an_answer_that_is_read_later_keeps_its_colour(front_desk, clerk):
    seen = {name: clerk.scan(CARDS[name], key=name) for name in ("Olga Owing", "Bo Blocked", "Lim Limited")}
    front_desk.clock.forward(timedelta(hours=3))
    front_desk.desk.ml.organization(front_desk.desk.organization, _system()).members.unblock(
        front_desk.member("Bo Blocked")
    )
    for before in seen.values():
        later = clerk.get(before.path)
        assert later.verdict == before.verdict
    assert "was blocked" in clerk.get(seen["Bo Blocked"].path).text


def _system():
    return Actor.system()


def test_a_mistake_is_undone_once_on_its_day(front_desk, clerk):
    page = clerk.scan("1001")
    undone = clerk.submit(page, "Undo the check-in", reason="wrong_person")
    assert "was undone (wrong person)" in undone.text
    assert not front_desk.visits("Ada Active")[-1].counts
    assert clerk.submit(page, "Undo the check-in").text == undone.text, "the same form again changes nothing"
    refused = clerk.submit(page, "Undo the check-in", key="another")
    assert refused.status == 409
    assert "undone before" in refused.text
    front_desk.clock.forward(timedelta(days=1))
    assert "Undo the check-in" not in clerk.get(page.path).html


def test_staff_lets_somebody_in_with_a_note_and_not_without(front_desk, clerk):
    page = clerk.scan("1005")
    empty = clerk.submit(page, "Let in", note="  ")
    assert empty.status == 409
    assert "Say why" in empty.text
    done = clerk.submit(page, "Let in", note="Physiotherapy.")
    assert done.verdict == "amber"
    assert "Let in by staff" in done.text
    assert "The contract is frozen from 25 Feb 2026 through 30 Mar 2026." in done.text
    assert "The note: Physiotherapy." in done.text
    assert front_desk.visits("Fern Frozen")[-1].overridden
    assert "Let in" not in front_desk.clerk("trainee").scan("1010").text.replace("not let in", "")


@pytest.mark.parametrize("name", sorted({*RED} - {"Sue Southonly"}))
def test_who_was_let_in_with_a_note_is_never_plain_green_and_the_reason_stays(front_desk, clerk, name):
    done = clerk.submit(clerk.scan(CARDS[name]), "Let in", note="The manager said so.")
    page = clerk.get(f"/members/{front_desk.member(name)}")
    for shown in (done, page):
        assert shown.verdict == "amber"
        assert RED[name] in shown.text
        assert "Let in by staff, with a note" in shown.text
    assert "let in by staff, with a note" in page.text[page.text.index("Last at the door") :]
    assert "The manager said so" not in page.text, "the note is read where the visit is"
    assert "The note: The manager said so." in done.text


def test_an_undone_check_in_is_grey_and_says_so(front_desk, clerk):
    undone = clerk.submit(clerk.scan("1001"), "Undo the check-in")
    assert undone.verdict == "grey"
    assert "<title>Check-in undone" in undone.html
    assert "Come in" not in undone.text
    assert "check-in undone (wrong person)" in clerk.get("/", q="Ada Active").text


def test_no_page_puts_the_focus_on_what_acts_and_each_has_the_box(front_desk, clerk):
    member, contract = front_desk.member("Ada Active"), front_desk.contract("Ada Active")
    at = f"/members/{member}/contracts/{contract}"
    frozen = front_desk.org.contracts.freezes(front_desk.contract("Fern Frozen"))[0].freeze
    fern = f"/members/{front_desk.member('Fern Frozen')}/contracts/{front_desk.contract('Fern Frozen')}"
    carl = f"/members/{front_desk.member('Carl Cancelledsoon')}/contracts/{front_desk.contract('Carl Cancelledsoon')}"
    action = front_desk.org.care.work_list(surface=None).actions[0]
    for path in (
        "/", "/?q=f", "/?q=zzz", "/clerk", "/nowhere", f"/members/{contract}", f"/members/{member}", "/care",
        f"{at}/freeze", f"{at}/freeze?since=2026-04-01&last=2026-04-20",
        f"{at}/freeze?since=2026-03-01&last=2026-03-10",
        f"{at}/cancel", f"{at}/cancel?received=2026-03-11", f"{fern}/freezes/{frozen}/end",
        f"{carl}/cancellation/withdraw", f"/care/{action.run}/{action.step}", f"/members/{member}/check-in",
    ):  # fmt: skip
        page = clerk.get(path)
        assert page.forms[0].action == "/look-up", path
        assert page.focused == ["q"], path
    refused = clerk.get(f"{at}/cancel?received=2026-03-12")
    assert refused.forms[0].action == "/look-up"
    assert refused.focused == ["div"], "what was refused is read, and nothing that a scan types into it acts"
    assert "#received" in refused.links
    nobody = Browser(front_desk)
    assert nobody.scan("1001").focused == ["q"]
    assert "Choose first, then scan" in nobody.scan("1001").text


@pytest.mark.parametrize("text", ["zzz", "f", "a" * 201])
def test_after_a_search_the_box_is_empty_for_the_next_scan(clerk, text):
    page = clerk.get("/", q=text)
    assert page.forms[0].fields["q"] == ""
    assert f"Looked for: {text[:200]}" in page.text


def test_what_no_list_offers_is_refused_beside_the_field_and_not_stored(front_desk, clerk):
    contract, visit = front_desk.contract("Ada Active"), clerk.scan("1001").path
    at = f"/members/{front_desk.member('Ada Active')}/contracts/{contract}"
    frozen = clerk.post(f"{at}/freeze", since="2026-04-01", last="2026-04-20", reason="nosuch", key="a")
    undone = clerk.post(f"{visit}/undo", reason="nosuch", key="b")
    action = front_desk.org.care.work_list(surface=None).actions[0]
    care = f"/care/{action.run}/{action.step}"
    answers = {
        "reason": [frozen, undone, clerk.post(f"{care}/skip", reason="nosuch", key="c")],
        "outcome": [clerk.post(f"{care}/done", outcome="nosuch", key="d")],
        "employee": [clerk.post(f"{care}/give", employee="nosuch", key="e")],
    }
    for field, pages in answers.items():
        for page in pages:
            assert page.status in (409, 422)
            assert f"{field}-problem" in page.ids
            assert "Choose one of the list." in page.text
    assert front_desk.org.contracts.freezes(contract) == ()
    assert front_desk.visits("Ada Active")[-1].counts
    assert front_desk.org.care.work_list(surface=None).actions[0] == action


def test_a_freeze_shows_its_dates_first_and_is_filed_once(front_desk, clerk):
    name, contract = "Ada Active", front_desk.contract("Ada Active")
    page = clerk.get(f"/members/{front_desk.member(name)}/contracts/{contract}/freeze")
    shown = clerk.submit(page, "Show what it would move", since="2026-04-01", last="2026-04-20", reason="holiday")
    assert "Wed 1 Apr 2026" in shown.text
    assert "Mon 20 Apr 2026" in shown.text
    assert "What moves" in shown.text
    assert front_desk.org.contracts.freezes(contract) == (), "asking changes nothing"
    done = clerk.submit(shown, "Freeze the contract")
    assert "The contract is frozen as shown below" in done.text
    assert "Wed 1 Apr 2026 to Mon 20 Apr 2026 (holiday)" in done.text
    (filed,) = front_desk.org.contracts.freezes(contract)
    assert (filed.since, filed.until, filed.reason) == (date(2026, 4, 1), date(2026, 4, 21), "holiday")
    assert clerk.submit(shown, "Freeze the contract").text == done.text, "the same form again is the first answer"
    assert len(front_desk.org.contracts.freezes(contract)) == 1
    again = clerk.submit(shown, "Freeze the contract", key="another")
    assert again.status == 422
    assert "Another freeze is in the way" in again.text
    assert again.forms[1].fields["last"] == "2026-04-20", "what was typed is kept"


def test_days_that_are_not_possible_say_why_beside_the_field_and_which_would_be(front_desk, clerk):
    path = f"/members/{front_desk.member('Ada Active')}/contracts/{front_desk.contract('Ada Active')}/freeze"
    page = clerk.get(path, since="2026-03-01", last="2026-03-10")
    assert "can begin on 11 Mar 2026 at the earliest" in page.text
    assert "since-problem" in page.ids
    instead = clerk.submit(page, "Take these days")
    assert "Freeze the contract" in instead.html
    short = clerk.get(path, since="2026-04-01", last="2026-04-02")
    assert "A freeze has at least 7 days" in short.text
    assert "last-problem" in short.ids
    assert "on no day" in short.text
    assert clerk.get(path, since="31.3.").status == 422


def test_a_freeze_is_ended_or_taken_back(front_desk, clerk):
    begun = clerk.get("/", q="Fern Frozen")
    ask = clerk.get(next(each for each in begun.links if each.endswith("/end")))
    assert "tomorrow is the first day" in ask.text
    clerk.submit(ask, "End the freeze")
    (freeze,) = front_desk.org.contracts.freezes(front_desk.contract("Fern Frozen"))
    assert freeze.until == date(2026, 3, 12)
    to_come = clerk.get("/", q="Finn Freezesoon")
    ask = clerk.get(next(each for each in to_come.links if each.endswith("/end")))
    clerk.submit(ask, "Take the freeze back")
    (freeze,) = front_desk.org.contracts.freezes(front_desk.contract("Finn Freezesoon"))
    assert freeze.withdrawn
    refused = clerk.submit(ask, "Take the freeze back", key="another")
    assert (refused.status, "taken back before" in refused.text) == (409, True)


def test_a_cancellation_shows_its_day_first_and_is_filed_once_and_taken_back(front_desk, clerk):
    contract = front_desk.contract("Yara Yearly")
    page = clerk.get(f"/members/{front_desk.member('Yara Yearly')}/contracts/{contract}/cancel")
    shown = clerk.submit(page, "Show to which day", received="2026-03-10")
    last = front_desk.org.contracts.preview_cancellation(contract, received_on=date(2026, 3, 10)).last_day
    assert f"Last day of the contract: {last:%a} {last.day} {last:%b} {last.year}" in shown.text
    assert front_desk.org.contracts.get(contract).cancelled_to is None, "asking changes nothing"
    done = clerk.submit(shown, "Cancel the contract", reason="moved", note="By <letter>.")
    assert "The contract is cancelled as shown below" in done.text
    told = front_desk.org.contracts.cancellation(contract)
    assert (told.cancellation.reason, told.note) == ("moved", "By <letter>.")
    assert clerk.submit(shown, "Cancel the contract", reason="moved", note="By <letter>.").status == 200
    ask = clerk.get(next(each for each in done.links if each.endswith("/withdraw")))
    assert "By <letter>." in ask.text
    assert "&lt;letter&gt;" in ask.html
    back = clerk.submit(ask, "Take the cancellation back")
    assert "taken back" in back.text
    assert front_desk.org.contracts.get(contract).cancelled_to is None


def test_what_refuses_a_cancellation_stands_beside_its_field(front_desk, clerk):
    path = f"/members/{front_desk.member('Yara Yearly')}/contracts/{front_desk.contract('Yara Yearly')}/cancel"
    future = clerk.get(path, received="2026-03-12")
    assert (future.status, "received-problem" in future.ids) == (422, True)
    early = clerk.get(path, received="2026-03-11", last="2026-04-01")
    assert "last-problem" in early.ids
    assert "first possible day" in early.text
    unnamed = clerk.get(path, received="2026-03-11", extraordinary="yes")
    assert "last-problem" in unnamed.ids
    reason = clerk.post(path, received="2026-03-11", reason="whim", note="kept", key="k")
    assert (reason.status, "reason-problem" in reason.ids) == (422, True)
    assert reason.forms[-1].fields["note"] == "kept"


def test_the_trainee_is_offered_nothing_that_they_may_not_do(front_desk):
    trainee = front_desk.clerk("trainee")
    page = trainee.get("/", q="Ada Active")
    assert not [each for each in page.links if each.endswith(("/freeze", "/cancel"))]
    path = f"/members/{front_desk.member('Ada Active')}/contracts/{front_desk.contract('Ada Active')}/cancel"
    refused = trainee.post(path, received="2026-03-11", reason="moved", key="k")
    assert refused.status == 403
    assert "You may not cancel contracts." in refused.text
    fern = f"/members/{front_desk.member('Fern Frozen')}/contracts/{front_desk.contract('Fern Frozen')}"
    freeze = front_desk.org.contracts.freezes(front_desk.contract("Fern Frozen"))[0].freeze
    for form in (path, path.replace("/cancel", "/freeze"), f"{path}lation/withdraw", f"{fern}/freezes/{freeze}/end"):
        closed = trainee.get(form)
        assert (closed.status, len(closed.forms)) == (403, 1), "nothing but the box"
        assert "You may not" in closed.text
    assert front_desk.org.contracts.get(front_desk.contract("Ada Active")).cancelled_to is None


def test_a_form_that_is_not_possible_any_more_says_so(front_desk, clerk):
    for name, page, said in (
        ("Cora Cancelled", "cancel", "The contract has ended"),
        ("Cora Cancelled", "freeze", "The contract has ended"),
        ("Cora Cancelled", "cancellation/withdraw", "The contract has ended"),
        ("Carl Cancelledsoon", "cancel", "cancelled already; its last day is Sat 22 Aug 2026"),
        ("Ada Active", "cancellation/withdraw", "There is no cancellation on file"),
    ):
        closed = clerk.get(f"/members/{front_desk.member(name)}/contracts/{front_desk.contract(name)}/{page}")
        assert (closed.status, len(closed.forms)) == (409, 1)
        assert said in closed.text


def test_of_two_clerks_who_cancel_the_second_is_told_that_one_was_on_file(front_desk, clerk):
    member, contract = front_desk.member("Yara Yearly"), front_desk.contract("Yara Yearly")
    path = f"/members/{member}/contracts/{contract}/cancel"
    forms = [(each, each.get(path, received="2026-03-11")) for each in (clerk, front_desk.clerk("blue"))]
    first, second = (each.submit(page, "Cancel the contract", reason="moved") for each, page in forms)
    assert "The contract is cancelled as shown below" in first.text
    assert "A cancellation was on file already; this one took its place" in second.text


def test_a_cancellation_shows_first_which_freezes_it_cuts_off(front_desk, clerk):
    contract = front_desk.contract("Fern Frozen")
    path = f"/members/{front_desk.member('Fern Frozen')}/contracts/{contract}/cancel"
    cut = clerk.get(path, received="2026-03-11", last="2026-03-20", extraordinary="yes")
    assert "Freezes that this cuts off" in cut.text
    assert "from Wed 25 Feb 2026 (illness) Mon 30 Mar 2026 Fri 20 Mar 2026" in cut.text
    finn = f"/members/{front_desk.member('Finn Freezesoon')}/contracts/{front_desk.contract('Finn Freezesoon')}/cancel"
    gone = clerk.get(finn, received="2026-03-11", last="2026-03-15", extraordinary="yes")
    assert "Fri 3 Apr 2026 falls away" in gone.text
    assert "cuts off" not in clerk.get(path, received="2026-03-11", last="2026-06-20", extraordinary="yes").text


def test_what_was_done_is_said_once_and_by_no_address(front_desk, clerk):
    name = "Ada Active"
    at = f"/members/{front_desk.member(name)}"
    for what in ("frozen", "cancelled", "freeze_ended", "cancellation_withdrawn"):
        assert 'class="done"' not in clerk.get(at, done=what).html
        clerk.client.cookies.set("said", f"{what}.9999999999.{'0' * 64}")
        assert 'class="done"' not in clerk.get(at).html
    path = f"{at}/contracts/{front_desk.contract(name)}/freeze"
    shown = clerk.get(path, since="2026-04-01", last="2026-04-20")
    done = clerk.submit(shown, "Freeze the contract", reason="work")
    assert 'class="done"' in done.html
    assert 'class="done"' not in clerk.get(at).html, "once"
    shown = clerk.get(path, since="2026-06-01", last="2026-06-20")
    answer = clerk.client.post(path, data=shown.forms[-1].fields | {"reason": "work"}, follow_redirects=False)
    assert answer.status_code == 303
    assert 'class="done"' not in clerk.get(f"/members/{front_desk.member('Yara Yearly')}").html, "of this member only"
    front_desk.clock.forward(timedelta(minutes=5))
    assert 'class="done"' not in clerk.get(at).html, "for a minute only"


def test_one_day_is_the_same_wherever_it_is_read(front_desk, clerk):
    carl = clerk.get("/", q="Carl Cancelledsoon")
    assert carl.text.count("22 Aug 2026") == 2, "at the contract and in what happened"
    assert "23 Aug 2026" not in carl.text
    assert "from 25 Feb 2026 to 30 Mar 2026: illness" in clerk.get("/", q="Fern Frozen").text
    cora = clerk.get("/", q="Cora Cancelled").text
    assert "1 Jan 2026" in cora
    assert "2 Jan 2026" not in cora.replace("Fri 2 Jan 2026, 00:00", ""), "but as the instant at which it was over"
    assert "11 Mar 2026 to 17 Mar 2026" in clerk.get("/", q="Gus Guest").text
    fern, contract = front_desk.member("Fern Frozen"), front_desk.contract("Fern Frozen")
    at = f"/members/{fern}/contracts/{contract}"
    assert "its last day is 30 Mar 2026" in clerk.get(f"{at}/freeze", since="2026-03-20", last="2026-04-20").text
    backwards = clerk.get(f"{at}/freeze", since="2026-04-20", last="2026-04-01").text
    assert "The last day is before the first one." in backwards
    ada = f"/members/{front_desk.member('Yara Yearly')}/contracts/{front_desk.contract('Yara Yearly')}/cancel"
    early = clerk.get(ada, received="2026-03-11", last="2026-04-01").text
    assert "By its notice 1 Apr 2026 cannot be the last day" in early
    possible = front_desk.org.contracts.preview_cancellation(
        front_desk.contract("Yara Yearly"), received_on=date(2026, 3, 11)
    ).last_day
    assert f"is {possible.day} {possible:%b} {possible.year}" in early
    path = at.replace(str(fern), str(front_desk.member("Ada Active")))
    path = path.replace(str(contract), str(front_desk.contract("Ada Active")))
    for year in ("2199", "0001"):
        assert "This year cannot be meant." in clerk.get(f"{path}/freeze", since=f"{year}-04-01").text


def test_refusals_are_said_without_code_words():
    zone, library = ZoneInfo("Europe/Berlin"), errors.catalogue()
    assert {*REFUSED} <= {*library}
    for code, (form, first_after) in REFUSED.items():
        named = {each for _, each, _, _ in Formatter().parse(form) if each}
        assert first_after <= named
        assert named <= {each for _, each, _, _ in Formatter().parse(library[code].sentence) if each}, code
    for refusal, said in (
        (errors.PermissionDenied(permission="members.x:create"), "You may not do this. Ask somebody who may."),
        (library["visit.already_undone"](at="2026-03-11T10:00:00+00:00"), "undone before: Wed 11 Mar 2026, 11:00."),
        (
            library["freeze.ends_before"](until="2026-03-12", on="2026-03-12"),
            "already: its last day is 11 Mar 2026.",
        ),
        (library["freeze.overlaps"](free_from=None), "it has no end."),
        (errors.IdempotencyConflict(difference="reason"), "This form was sent before"),
        (errors.IllegalTransition(machine="care milestone", state="completed", action="skip", allowed=()), "faster"),
    ):
        assert said in refused(refusal, zone)


def test_member_care_says_whole_sentences(front_desk, clerk):
    assert {*CARE} <= {*ANSWERS}
    page = clerk.get("/", q="Petra Pending")
    assert "Nothing planned. The rate of the contract starts no plan. No plan starts by itself" in page.text
    for name in CARDS:
        assert " of the." not in clerk.get(f"/members/{front_desk.member(name)}").text


def test_the_page_of_a_member_has_no_code_words(front_desk, clerk):
    for name in CARDS:
        text = clerk.get(f"/members/{front_desk.member(name)}").text
        for code in (
            "(PTS",
            "earning.",
            "card_shared",
            "first_reminder",
            "phone_call",
            "at north",
            ", north",
            " system ",
        ):
            assert code not in text, (name, code)
    ada = clerk.get("/", q="Ada Active").text
    assert "with Amber" not in ada
    assert "To do since 12 Feb 2026: First call (phone call), with Clerk Amber." in ada
    assert "70 by the rule base." in ada
    assert "Not used in time; expired Fri 6 Mar 2026, 00:00." in ada
    assert "Checked in at North on 8 Mar 2026. by itself" in ada


def test_why_points_moved_is_said_whatever_the_reason():
    zone = ZoneInfo("Europe/Berlin")
    assert why(Because("PTS-2", "earning.capped", {"per": "purchase", "maximum": 9, "asked": 12}), zone) == (
        "No more than 9 for one purchase."
    )
    assert why(Because("PTS-2", "earning.capped", {"asked": 12}), zone) == "Earning capped: asked 12."
    assert why(Because("PTS-9", "return.clamped"), zone) == "Return clamped."


def test_a_suspended_contract_is_shown_as_suspended(clerk):
    page = clerk.get("/", q="Ari Arrears")
    assert "Month by month suspended" in page.text
    assert 'tag active"' not in page.html


def test_members_have_made_up_phones(clerk):
    assert "+44 20 7946 0000" in clerk.get("/", q="Ada Active").text


def test_the_work_list_is_worked(front_desk, clerk):
    page = clerk.get("/care")
    for name in ("Ada Active", "Fern Frozen", "Tom Talk", "Yara Yearly"):
        assert name in page.text
    assert "overdue" in page.text
    assert "Tom Talk" not in clerk.get("/care", whose="mine").text
    actions = {each.member: each for each in front_desk.org.care.work_list(surface=None).actions}
    ada, tom, yara, fern = (
        actions[front_desk.member(each)] for each in ("Ada Active", "Tom Talk", "Yara Yearly", "Fern Frozen")
    )

    def at(action):
        return clerk.get(f"/care/{action.run}/{action.step}")

    assert "Likes the morning hours." in at(tom).text
    assert "I take it" in at(tom).html
    clerk.submit(at(tom), "I take it")
    assert front_desk.org.care.active(tom.member).run.open[0].assignee == "amber"
    done = clerk.submit(at(tom), "Done", outcome="talked", note="All is well.")
    assert "The action is done" in done.text
    assert "All is well." in {each.text for each in front_desk.org.care.action_notes(tom.run).notes}
    assert "State" in at(tom).text
    clerk.submit(at(ada), "Postpone", to="2026-03-20")
    assert front_desk.org.care.active(ada.member).run.open[0].postponed_to == date(2026, 3, 20)
    past = clerk.submit(at(ada), "Postpone", to="2026-03-01")
    assert (past.status, "to-problem" in past.ids) == (422, True)
    clerk.submit(at(yara), "Give", employee="blue")
    assert front_desk.org.care.active(yara.member).run.open[0].assignee == "blue"
    clerk.submit(at(fern), "Skip", reason="not_needed")
    assert front_desk.org.care.active(fern.member).run.open == ()
    twice = clerk.submit(at(yara), "Skip", reason="not_needed")
    assert twice.status == 200
    late = clerk.post(f"/care/{yara.run}/{yara.step}/done", outcome="reached", key="late")
    assert late.status == 422
    assert "Somebody else was faster: this is skipped already." in late.text


def test_a_conversation_is_told_at_the_door_and_leads_to_its_form(front_desk, clerk):
    page = clerk.scan(CARDS["Tom Talk"])
    link = next(each for each in page.links if each.startswith("/care/"))
    assert "How is it going?" in clerk.get(link).text


def test_the_page_of_a_member_has_every_side(front_desk, clerk):
    page = clerk.get("/", q="Ada Active")
    for said in ("Contracts", "Profile", "Visits", "Member Care", "Points", "Last entries", "What happened last"):
        assert said in page.text
    assert "more for Silver" in page.text
    assert "49 expire; the last day to use them is Sat 9 May 2026. Then 56: Wed 8 Jul 2026." in page.text
    assert "Card 1001" in page.text
    assert "Mar 2026" in page.text
    drawing = clerk.client.get(next(_images(page)))
    assert drawing.headers["content-type"] == "image/svg+xml"
    assert "First call" in drawing.text
    assert "To do: First call" in page.text, "the same in words"


def _images(page: Page):
    return iter(re.findall(r'<img [^>]*src="([^"]+)"', page.html))


def test_what_happened_is_told_without_ids_and_page_by_page(front_desk, clerk):
    member, seen, path = front_desk.member("Max Familyholder"), [], None
    page = clerk.get(f"/members/{member}/timeline")
    while path := next((each for each in page.links if "until=" in each), None):
        seen.append(page.text)
        page = clerk.get(path)
    seen.append(page.text)
    everything = [plain(each.text) for each in front_desk.org.members.timeline(member)]
    assert sum(text.count("Checked in at North") for text in seen) == sum("Checked in" in each for each in everything)
    assert len(everything) > 10
    assert "0190" not in " ".join(everything)
    assert clerk.get(f"/members/{member}/timeline", until="yesterday").status == 200


def test_who_came_is_listed_the_latest_first_for_each_studio_and_day(front_desk, clerk):
    for minutes, name in enumerate(("Ada Active", "Fern Frozen", "Yara Yearly")):
        front_desk.clock.forward(timedelta(minutes=minutes))
        clerk.scan(CARDS[name], key=name)
    south = front_desk.org.contracts.check_in(front_desk.member("Sue Southonly"), studio="south")
    came = "11:03 Yara Yearly let in 11:01 Fern Frozen not let in 11:00 Ada Active let in 10:30 Lim Limited let in"
    home, today = clerk.get("/"), clerk.get("/today")
    for page in (home, today):
        assert came in page.text
        assert "Sue Southonly" not in page.text
    assert "Everybody who came today" in home.text
    assert "North, Wed 11 Mar 2026: 4" in today.text
    there = clerk.submit(today, "Show", studio="south")
    assert "South, Wed 11 Mar 2026: 1" in there.text
    assert f"/visits/{south.visit}" in there.links
    answer = clerk.get(f"/visits/{south.visit}")
    assert "South, Clerk Amber." in answer.text
    assert "Undo the check-in" not in answer.html, "that is for the desk there"
    assert "Ada Active" in clerk.get("/today", on="2026-03-08").text
    assert "Nobody came." in clerk.get("/today", on="2026-03-10").text
    assert clerk.get("/today", on="31.3.").status == 422
    assert clerk.get("/today", studio="<b>").status == 422
    undone = clerk.submit(
        clerk.get(next(each for each in today.links if each.startswith("/visits/"))), "Undo the check-in"
    )
    assert undone.verdict == "grey"
    assert "Yara Yearly check-in undone (wrong person)" in clerk.get("/today").text


def test_a_cancellation_to_another_day_than_was_shown_is_shown_again(front_desk, clerk):
    name, blue = "Yara Yearly", front_desk.clerk("blue")
    contract = front_desk.contract(name)
    at = f"/members/{front_desk.member(name)}/contracts/{contract}"
    shown = clerk.get(f"{at}/cancel", received="2026-03-11")
    freeze = blue.get(f"{at}/freeze", since="2026-03-12", last="2026-04-10")
    assert blue.submit(freeze, "Freeze the contract", reason="work").status == 200
    again = clerk.submit(shown, "Cancel the contract", reason="moved", note="kept")
    assert again.status == 422
    assert "somebody changed the contract meanwhile" in again.text
    assert (again.forms[-1].fields["reason"], again.forms[-1].fields["note"]) == ("moved", "kept")
    assert front_desk.org.contracts.get(contract).cancelled_to is None
    assert "The contract is cancelled" in clerk.submit(again, "Cancel the contract").text


def test_a_freeze_that_moves_other_days_than_was_shown_is_shown_again(front_desk, clerk):
    name, blue = "Ada Active", front_desk.clerk("blue")
    contract = front_desk.contract(name)
    at = f"/members/{front_desk.member(name)}/contracts/{contract}"
    shown = clerk.get(f"{at}/freeze", since="2026-04-01", last="2026-04-07")
    cancel = blue.get(f"{at}/cancel", received="2026-03-11")
    assert blue.submit(cancel, "Cancel the contract", reason="moved").status == 200
    again = clerk.submit(shown, "Freeze the contract", reason="work")
    assert again.status == 422
    assert "somebody changed the contract meanwhile" in again.text
    assert front_desk.org.contracts.freezes(contract) == ()
    assert "The contract is frozen" in clerk.submit(again, "Freeze the contract").text


def test_a_form_without_its_fields_says_what_is_missing_and_does_nothing(front_desk, clerk):
    name = "Ada Active"
    at = f"/members/{front_desk.member(name)}/contracts/{front_desk.contract(name)}"
    for path, said in (
        (f"{at}/freeze", "Say from which day on."),
        (f"{at}/cancel", "Say on which day it came."),
        (f"/members/{front_desk.member(name)}/check-in", "This form did not come whole."),
    ):
        page = clerk.post(path)
        assert page.status == 422
        assert said in page.text
    assert front_desk.org.contracts.freezes(front_desk.contract(name)) == ()
    assert front_desk.org.contracts.get(front_desk.contract(name)).cancelled_to is None
    assert front_desk.visits(name) == ()


def test_nothing_that_is_kept_is_chosen_for_the_clerk(front_desk, clerk):
    name = "Ada Active"
    at = f"/members/{front_desk.member(name)}/contracts/{front_desk.contract(name)}"
    action = front_desk.org.care.work_list(surface=None).actions[0]
    for page, field, button in (
        (clerk.get(f"{at}/freeze", since="2026-04-01", last="2026-04-20"), "reason", "Freeze the contract"),
        (clerk.get(f"{at}/cancel", received="2026-03-11"), "reason", "Cancel the contract"),
        (clerk.get(f"/care/{action.run}/{action.step}"), "outcome", "Done"),
        (clerk.get(f"/care/{action.run}/{action.step}"), "reason", "Skip"),
    ):
        refused = clerk.submit(page, button)
        assert refused.status == 422
        assert f"{field}-problem" in refused.ids
        assert "Choose one of the list." in refused.text


def test_a_guardian_is_called_by_name(clerk):
    assert "Guardian Max Familyholder" in clerk.get("/", q="Kim Child").text


def test_a_plan_that_stands_still_says_its_last_day(clerk):
    text = clerk.get("/", q="Fern Frozen").text
    assert "Paused since 25 Feb 2026, last day 30 Mar 2026: the contract is frozen" in text
    assert "31 Mar 2026" not in text
    assert "\u201cFirst call\u201d reached" in text


def test_two_clerks_at_once_both_get_their_answer_and_nothing_happens_twice(front_desk):
    names = [each for each in CARDS if each not in RED]
    clerks, answers, together = [front_desk.clerk("amber"), front_desk.clerk("blue")], [], threading.Barrier(2)

    def work(clerk):
        together.wait()
        for name in names:
            answers.append(clerk.scan(CARDS[name], key=f"{id(clerk)}-{name}"))

    threads = [threading.Thread(target=work, args=(each,)) for each in clerks]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [each.status for each in answers] == [200] * 2 * len(names)
    for name in names:
        assert len(front_desk.visits(name)) == 1


def test_of_two_clerks_who_freeze_at_once_one_is_told_that_another_freeze_is_there(front_desk):
    contract = front_desk.contract("Ada Active")
    path = f"/members/{front_desk.member('Ada Active')}/contracts/{contract}/freeze"
    answers, together = [], threading.Barrier(2)

    def work(name):
        clerk = front_desk.clerk(name)
        shown = clerk.get(path, since="2026-05-01", last="2026-05-20")
        together.wait()
        answers.append(clerk.submit(shown, "Freeze the contract", reason="work"))

    threads = [threading.Thread(target=work, args=(each,)) for each in ("amber", "blue")]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(each.status for each in answers) == [200, 422]
    assert len(front_desk.org.contracts.freezes(contract)) == 1


def test_nobody_at_the_desk_sees_nothing(front_desk):
    browser = Browser(front_desk)
    for path in ("/", "/care", f"/members/{front_desk.member('Ada Active')}"):
        page = browser.get(path)
        assert page.path == "/clerk"
        assert "Ada" not in page.text
    assert browser.scan("1001").path == "/clerk"
    assert front_desk.visits("Ada Active") == ()
    assert browser.post("/clerk", clerk="somebody").status == 422


@pytest.mark.parametrize("origin", [None, "http://elsewhere.example", "null"])
def test_a_form_from_elsewhere_is_refused(front_desk, clerk, origin):
    clerk.client.headers.pop("origin")
    headers = {} if origin is None else {"origin": origin}
    answer = clerk.client.post("/look-up", data={"q": "1001", "key": "k"}, headers=headers)
    assert answer.status_code == 403
    assert front_desk.visits("Ada Active") == ()


def test_a_name_that_leads_here_from_elsewhere_is_refused(clerk):
    assert clerk.client.get("/", headers={"host": "elsewhere.example"}).status_code == 400


def test_every_page_lets_no_script_run_and_is_kept_nowhere(front_desk, clerk):
    member = front_desk.member("Ada Active")
    for path in ("/", "/clerk", "/care", f"/members/{member}", f"/members/{member}/timeline", "/nowhere"):
        page = clerk.get(path)
        assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert "unsafe" not in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"
        assert "script" not in page.tags
        assert len(page.ids) == len({*page.ids}), "every id once"
    cookie = clerk.client.post("/clerk", data={"clerk": "blue"}, follow_redirects=False).headers["set-cookie"]
    assert "httponly" in cookie.lower()
    assert "samesite=strict" in cookie.lower()


def test_what_is_not_there_is_said(front_desk, clerk):
    ada = front_desk.member("Ada Active")
    other = front_desk.contract("Carl Cancelledsoon")
    for path in (
        "/nowhere",
        "/members/x",
        f"/members/{other}",
        f"/members/{ada}/contracts/{other}/freeze",
        f"/members/{ada}/contracts/{other}/cancel",
        "/visits/x",
        f"/visits/{ada}",
        "/today?studio=nowhere",
        f"/care/{ada}/{ada}",
    ):
        assert clerk.get(path).status == 404, path


def test_an_anonymised_record_takes_no_check_in(front_desk, clerk):
    member = front_desk.member("Pia Prospect")
    front_desk.desk.ml.organization(front_desk.desk.organization, _system()).members.anonymise(member)
    page = clerk.get(f"/members/{member}")
    assert page.verdict == "red"
    assert "leads to nobody" in page.text
    assert clerk.submit(page, "Check in").status == 409


def test_too_much_is_refused(clerk):
    assert clerk.client.post("/look-up", data={"q": "a" * 100_000}).status_code == 413
    assert clerk.client.post("/look-up", data={f"q{each}": "a" for each in range(60)}).status_code == 413


def test_everything_told_at_the_door_is_told_briefly_when_it_is_past():
    told = {each.removesuffix(".open") for each in ENGLISH} - {"checkin.same_visit"}
    assert told == {*BRIEFLY}


def test_whoever_is_not_let_in_is_told_what_now(clerk):
    keeps_out = {each.removesuffix(".open") for each in ENGLISH} - {
        f"checkin.{each}"
        for each in (
            "by_pass", "same_visit", "overridden", "owes", "care_conversation", "care_flag", "billing"
        )
    }  # fmt: skip
    assert {*ADVICE} == keeps_out
    for name in CARDS:
        assert ("What now?" in clerk.scan(CARDS[name], key=name).text) is (name in RED), name
    assert "What now? They may come in after the last frozen day." in clerk.get("/", q="Fern Frozen").text


def test_ids_are_left_away_and_days_written_out():
    id = "0190a0a0-0000-7000-8000-00000000de5c"
    for said, meant in {
        f"Contract renewed on 2026-03-01 (contract {id}).": "Contract renewed on 1 Mar 2026.",
        f"Care: action of milestone {id} completed: reached.": "Care: action completed: reached.",
        f"Care: milestone {id} reached (run {id}).": "Care: milestone reached.",
        f"Care: flow {id} assigned (staff).": "Care: flow assigned (staff).",
        f"Switch filed for 2026-03-01, to contract {id} (contract {id}).": "Switch filed for 1 Mar 2026.",
        f"Member {id} left on 2026-03-01 (contract {id}).": "Member left on 1 Mar 2026.",
        "Not let in at north on 2026-13-01: checkin.on_hold.": "Not let in at north on 2026-13-01: on hold.",
    }.items():
        assert plain(said) == meant


def test_every_address_is_asked_for_here(front_desk, clerk):
    """Every page answers a request without anything in it with a page, never with a crash."""
    ids = {"member": front_desk.member("Ada Active"), "contract": front_desk.contract("Ada Active")}
    action = front_desk.org.care.work_list(surface=None).actions[0]
    visit = front_desk.visits("Lim Limited")[0]
    ids |= {"run": action.run, "step": action.step, "visit": visit.id, "freeze": visit.id}
    for method, pattern, _ in PAGES:
        path = pattern.replace(":uuid", "").format(**ids, day=visit.day, what="done")
        page = clerk.get(path) if method == "GET" else clerk.post(path)
        assert page.status < 500, (method, path)
