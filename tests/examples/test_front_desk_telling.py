"""What happened, as the front desk says it: every event there is, without ids and codes, with last days."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from examples.front_desk.telling import happened
from examples.front_desk.words import word

from memberlogic.converting import from_json
from memberlogic.events import Event, event_types
from memberlogic.members.looking_back import TimelineItem
from memberlogic.wording import line

GOLDEN = {
    each.name.removeprefix("event.").removesuffix(".json"): each
    for each in (Path(__file__).parents[1] / "golden").glob("event.*.json")
}
AT, DAY = datetime(2026, 1, 31, tzinfo=UTC), date(2026, 3, 1)
NOT_SAID = re.compile(r"\d{4}-\d\d|[0-9a-f]{8}-|\+00:00|_| {2}|\s[.,:;]|\b(?:by|to|of|from|after|in|with)[.:]|\(\)")


def event(kind: str) -> Event:
    return from_json(event_types()[kind], json.loads(GOLDEN[kind].read_text()))


def said(of: Event, **plans: str) -> str:
    item = TimelineItem(id=UUID(int=1), at=AT, recorded_at=AT, actor="system", event=of, text=line(of))
    return happened(item, {"code": "North"}, ZoneInfo("Europe/Berlin"), plans)


@pytest.mark.parametrize("kind", sorted(kind for kind in GOLDEN if not kind.startswith("care.studio_")))
def test_every_event_is_a_sentence_without_ids_and_codes(kind):
    text = said(event(kind))
    assert not NOT_SAID.search(text), text
    assert text.endswith(".")


@pytest.mark.parametrize(
    ("kind", "changed", "text"),
    [
        (
            "contract.switch_filed",
            {"day": DAY, "pay_by": None},
            "the last day of this one is 28 Feb 2026, the next one begins on 1 Mar 2026.",
        ),
        ("contract.switch_filed", {"day": DAY, "pay_by": DAY}, "1 Mar 2026, if it is paid by 1 Mar 2026."),
        ("contract.switch_completed", {"day": DAY}, "The switch is paid; the new contract begins on 1 Mar 2026."),
        ("contract.switch_reopened", {"day": DAY, "lapses_on": DAY}, "the last day to pay is 28 Feb 2026."),
        ("contract.switch_withdrawn", {"day": DAY}, "The switch to a contract from 1 Mar 2026 on was taken back."),
        ("contract.switched", {"day": DAY}, "Contract switched; its last day was 28 Feb 2026."),
        (
            "contract.transfer_filed",
            {"day": DAY},
            "Transfer filed: the last day here is 28 Feb 2026, then it goes on at North.",
        ),
        ("contract.transfer_withdrawn", {"day": DAY}, "from 1 Mar 2026 on was taken back."),
        ("contract.holder_changed", {"on": DAY}, "Another member holds the contract from 1 Mar 2026 on."),
        ("scheme.grace_began", {"until": DAY}, "the last day of this is 28 Feb 2026."),
        ("contract.left", {"on": DAY}, "their last day on it is 28 Feb 2026."),
        ("contract.suspended", {"since": DAY, "until": date(2026, 3, 8)}, "from 1 Mar 2026 to 7 Mar 2026"),
        ("points.held", {"until": datetime(2026, 1, 31, 23, 30, tzinfo=UTC)}, "until Sun 1 Feb 2026, 00:30"),
    ],
)
def test_a_day_from_which_on_something_is_over_is_told_as_the_last_one_before(kind, changed, text):
    assert text in said(evolve(event(kind), **changed))


def test_plans_are_called_by_their_names():
    reached = event("care.milestone_reached")
    assert said(reached) == "Care: milestone reached."
    assert said(reached, **{str(reached.milestone): "First call"}) == "Care: \u201cFirst call\u201d reached."
    done = event("care.run_completed")
    assert said(done, **{str(done.run): r"Back\slash \1"}) == r"Care: “Back\slash \1” completed."


def test_a_code_is_a_word_and_an_amount_stays_one():
    assert word("checkin.no_contract") == "checkin no contract"
    assert word("29.00 EUR") == "29.00 EUR"
