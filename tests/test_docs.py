"""The documentation is true: its code runs, its links lead somewhere, its lists say what the code says.

That it builds without a warning is for ``make docs``.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys

import pytest

pytest.importorskip("sybil", reason="sybil runs the code of the documentation: pip install --group test")

from tests.documents import ROOT, run

from memberlogic.care.checking import member_events
from memberlogic_sqlalchemy.tables import metadata

PAGES = sorted(
    page
    for page in [*ROOT.glob("*.md"), *(ROOT / "src").rglob("README.md"), *(ROOT / "docs").rglob("*.md")]
    if not {"_build", "generated"} & set(page.parts)
)
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def pages():
    """What generates the reference."""
    monkeyed = pytest.MonkeyPatch()
    monkeyed.syspath_prepend(str(ROOT / "docs" / "_ext"))
    spec = importlib.util.spec_from_file_location("pages", ROOT / "docs" / "_ext" / "pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeyed.undo()
    return module


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_the_code_of_a_page_runs_and_prints_what_it_says(page, tmp_path, monkeypatch):
    for libraries in re.findall(r"<!-- needs: (.+) -->", page.read_text(encoding="utf-8")):
        for library in libraries.split():
            pytest.importorskip(library, reason=f"the code of {page.name} needs it: pip install --group test")
    if "<!-- apart -->" in page.read_text(encoding="utf-8"):
        run_apart(page, tmp_path)
        return
    monkeypatch.chdir(tmp_path)
    run(page)


def run_apart(page, folder):
    """In a process of its own: it configures what a process has once."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from tests.documents import ROOT, run; run(ROOT / sys.argv[2])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, str(ROOT), str(page.relative_to(ROOT))],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_inside_the_repository_lead_somewhere(page):
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    for target in LINK.findall(prose):
        if not re.match(r"[a-z]+:|#", target):
            assert (page.parent / target.split("#")[0]).exists(), f"{page.name} links to {target}"


def listed_rules(pages) -> list[str]:
    return [id for book in pages.rule_book().values() for id, _, _ in book]


def test_every_rule_that_is_listed_has_code_and_a_marked_test(pages):
    code, tests = pages.code_of_rules(), pages.tests_of_rules()
    assert [id for id in listed_rules(pages) if id not in code] == []
    assert [id for id in listed_rules(pages) if id not in tests] == []


def test_every_rule_with_code_and_a_marked_test_is_listed(pages):
    standing = set(pages.code_of_rules()) & set(pages.tests_of_rules())
    assert standing - set(listed_rules(pages)) == set(), "give it a sentence in docs/rules/"


def test_every_arrow_of_a_state_machine_has_a_sentence_and_every_sentence_an_arrow(pages):
    arrows = {
        machine.machine: {f"{before.name} {action}" for before, action, _ in machine.rows()}
        for machine in pages.lifecycles()
    }
    said = {machine: set(sentences) for machine, sentences in pages.arrows().items()}
    assert said == arrows, "docs/rules/arrows.md"


def test_states_are_drawn_when_the_pages_are_built_and_nothing_is_fetched(pages):
    said = pages.states()
    assert said.count("<svg") == said.count("</svg>") == len(pages.lifecycles())
    assert "<script" not in said
    assert set(re.findall(r"https?://[^\"]+", said)) == {"http://www.w3.org/2000/svg"}
    for machine in pages.lifecycles():
        picture = next(each for each in said.split("```") if f"<title>{machine.machine}</title>" in each)
        written = set(re.findall(r">([^<>]+)</text>", picture))
        assert written >= {state.name for state in machine.table}
        assert {each for text in written for each in text.split(", ")} >= {action for _, action, _ in machine.rows()}


def test_every_table_is_drawn_in_one_room_with_what_it_refers_to_and_has_a_sentence(pages):
    said = [f"ml_{name}" for _, _, sentences in pages.rooms() for name in sentences]
    assert sorted(said) == sorted(metadata.tables), "docs/rules/tables.md"
    made = pages.tables()
    drawn = re.findall(r"<svg.*?</svg>", made)
    assert len(drawn) == len(pages.rooms())
    assert "<script" not in made
    assert set(re.findall(r"https?://[^\"]+", "".join(drawn))) == {"http://www.w3.org/2000/svg"}
    for (_, _, sentences), picture in zip(pages.rooms(), drawn, strict=True):
        inside = {f"ml_{name}" for name in sentences}
        assert {each.replace("-", "_") for each in re.findall(r'<a href="#([\w-]+)">', picture)} == inside
        keys = [key for name in inside for key in metadata.tables[name].foreign_key_constraints]
        away = [key for key in keys if key.referred_table is key.table or key.referred_table.name not in inside]
        assert picture.count(" → ") == len(away)
        assert len(re.findall(r'<path d="M\d+ \d+H\d+V', picture)) == len(keys) - len(away)


def test_every_generated_page_can_be_made_and_names_what_there_is(pages):
    made = {name: page() for name, page in pages.PAGES.items()}
    ours = {**pages.errors.catalogue(), **pages.events.event_types()}.items()
    ours = [name for name, cls in ours if cls.__module__.startswith("memberlogic")]
    assert all(name in made["errors"] + made["events"] for name in ours)
    assert all(asks.name in made["permissions"] for asks in pages.asks())
    assert "organization_id" in made["tables"]
    assert all(f"| `{kind}` |" in made["care-events"] for kind in member_events())
    assert "host.published" not in made["care-events"]
