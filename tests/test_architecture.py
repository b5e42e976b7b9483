"""The house: who may import whom, what a service may contain, and that everything has its place."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from tests.calling import SERVICES, asked, methods

from memberlogic.application import Handle, MemberLogic

ROOT = Path(__file__).parent.parent
CORE = ROOT / "src" / "memberlogic"
ADAPTERS = ("memberlogic_memory", "memberlogic_sqlalchemy")
CAPABILITIES = ("organizations", "members", "contracts", "care", "ledger", "loyalty", "engagement")
"""From the lowest room to the highest; a room knows those before it."""

PUBLIC = {"ports", "service", "events", "lifecycle", "model"}
"""What a capability shows to others, beside the names of its ``__init__``."""

NEIGHBOURS = {
    ("engagement", "care.catalogues"): "a template is picked for a flow in Member Care's words",
    ("engagement", "members.acting"): "whose record a member may reach is said once",
    ("engagement", "members.people"): "what a tag of a language looks like is said once",
    ("engagement", "members.residing"): "by whose clock a member lives is said once",
    ("contracts", "members.membership"): "what a person is by their contracts is said in the members' words",
    ("contracts", "members.homing"): "how a home studio changes is said in the members' words",
    ("contracts", "members.naming"): "a member is named at the door by id, card or support id, as everywhere",
    ("contracts", "members.acting"): "whose record a member may reach is said once",
    ("contracts", "members.standing"): "what a person is at an instant is read from their spans in one way",
    ("contracts", "members.registering"): "looking up by an external id is one input everywhere",
    ("loyalty", "members.classifying"): "a club takes the types that members can be of",
    ("care", "members.membership"): "time stands still by what a person is, said in the members' words",
    ("care", "members.residing"): "days of sending are counted where a member lives, said once",
    ("care", "members.consents"): "what a member agreed to is handed to the question whether a message would be sent",
    ("care", "members.consenting"): "why a message would not be sent is asked as the relay asks it",
    ("care", "contracts.notices"): "what is told at the door has one form",
    ("care", "contracts.checking_in"): "a visit, and that it was undone, is told by its event",
    ("care", "contracts.parts"): "what contracts tell the rooms above is their port",
    ("care", "contracts.sharing"): "that somebody came onto a contract is told by its event",
    ("care", "members.registering"): "looking up by an external id is one input everywhere",
    ("loyalty", "ledger.past"): "a late purchase looks at what became of the wallet since its instant",
    ("loyalty", "ledger.backdating"): "what a late purchase could spend is said once, in the ledger",
    ("loyalty", "ledger.crediting"): "earning credits a wallet by the ledger's own decision, settling debt first",
    ("loyalty", "ledger.consuming"): "redeeming takes lots in the ledger's order of consumption",
    ("loyalty", "ledger.expiring"): "a purchase's points live by the ledger's reading of an expiry policy",
    ("loyalty", "ledger.reviving"): "a late purchase revives what expired only for lack of it",
    ("loyalty", "ledger.idling"): "points that are held back live by activity as the ledger says",
    ("loyalty", "ledger.posting"): "what an entry does to a wallet is said once, in the ledger",
    ("loyalty", "ledger.restoring"): "points spent on a purchase come back by the ledger's own decision",
    ("loyalty", "ledger.reclaiming"): "points that a purchase earned are taken back by the ledger's own decision",
    ("loyalty", "ledger.refusals"): "a purchase and a redemption refuse in the same words as a transfer",
    ("loyalty", "ledger.settling"): "a purchase settles the wallet first, inside its own decision",
    ("loyalty", "ledger.acting"): "who acts for an account (holder, or staff for one) is decided as for a transfer",
    ("loyalty", "ledger.warning"): "the jobs warn of what will expire where they settle a wallet with its account",
    ("loyalty", "ledger.counting"): "a club's liability is what the ledger counts of it",
    ("loyalty", "ledger.outstanding"): "a club's liability is what is outstanding, valued",
    ("loyalty", "ledger.reading"): "a profile tells what a wallet holds as the ledger does",
    ("loyalty", "ledger.merging"): "the points of two accounts of one person are joined by the ledger's own decision",
    ("loyalty", "ledger.holding"): "a purchase may capture a hold, by the ledger's own decision",
}
"""Rule files of another room that are used directly, each with its reason. A new row is a decision, not a habit."""

BANNED = {
    "asyncio", "email", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "shutil", "socket",
    "sqlalchemy", "sqlite3", "subprocess", "tempfile", "threading", "time", "urllib",
}  # fmt: skip
"""What opens a file or a socket, reads the time or chance."""

MAKES_IDS = "ids.py"
"""The one place that reads time and chance: an id is made of both, and handed to decisions as an argument."""

SHIPPED_TESTS = ("certification", "testing")
"""What is for tests may do more: run threads, wait, draw."""

OFFERS = Path("testing", "plugin.py")
"""The one file that names an adapter: where the memory store is there, hosts' tests are offered it (decision 45)."""

EDGE = "notifiers"
"""What sends, where the host makes it and hands it to the relay; nothing of the library imports it (decision 41)."""


def sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def imports(path: Path) -> set[str]:
    """Every module that a file imports, at any depth; ``from a import b`` counts as both ``a`` and ``a.b``."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            found.add(node.module or "")
            found |= {f"{node.module}.{each.name}" for each in node.names}
    return found


def name_of(path: Path) -> str:
    return str(path.relative_to(CORE))


@pytest.mark.parametrize("path", sources(CORE), ids=name_of)
def test_the_core_imports_no_adapter_and_no_io(path):
    first = path.relative_to(CORE).parts[0]
    for module in imports(path):
        top = module.partition(".")[0]
        assert top not in ADAPTERS or (path.relative_to(CORE) == OFFERS and top == "memberlogic_memory")
        assert top not in BANNED or first in (*SHIPPED_TESTS, EDGE, MAKES_IDS), f"{path} imports {module}"
        assert not module.startswith(f"memberlogic.{EDGE}") or first == EDGE, f"{path} imports {module}"


@pytest.mark.parametrize(
    "path", [path for each in ADAPTERS for path in sources(ROOT / "src" / each)], ids=lambda p: p.name
)
def test_an_adapter_imports_the_core_only(path):
    mine = path.relative_to(ROOT / "src").parts[0]
    others = {each for each in ADAPTERS if each != mine}
    tops = {module.partition(".")[0] for module in imports(path)}
    # A demonstration may compare stores; it says so when it is asked for.
    assert not tops & others or "cli" in path.parts


@pytest.mark.parametrize("room", CAPABILITIES)
def test_a_room_knows_the_rooms_below_and_of_them_only_what_they_show(room):
    above = CAPABILITIES[CAPABILITIES.index(room) + 1 :]
    for path in sources(CORE / room):
        for module in sorted(imports(path)):
            parts = module.split(".")
            if parts[0] != "memberlogic" or len(parts) < 2 or parts[1] not in CAPABILITIES or parts[1] == room:
                continue
            assert parts[1] not in above, f"{name_of(path)} imports {module}, from a room above"
            if len(parts) > 2 and (CORE / parts[1] / f"{parts[2]}.py").exists() and parts[2] not in PUBLIC:
                seen = (room, f"{parts[1]}.{parts[2]}")
                opens = parts[1] == "organizations"
                assert opens or seen in NEIGHBOURS, f"{name_of(path)} imports {module}: a rule file of another room"


def test_every_written_exception_is_in_use():
    used = {
        (room, f"{parts[1]}.{parts[2]}")
        for room in CAPABILITIES
        for path in sources(CORE / room)
        for parts in (module.split(".") for module in imports(path))
        if parts[0] == "memberlogic" and len(parts) > 2 and parts[1] in CAPABILITIES
    }
    assert set(NEIGHBOURS) <= used


def test_the_kernel_knows_no_room_but_to_wire_it():
    """Only the front door, the shelf, the jobs, the runner and the stores' own protocol name rooms."""
    wires = {"__init__.py", "application.py", "jobs.py", "running.py", "relaying.py"}
    for path in CORE.glob("*.py"):
        rooms = {m.split(".")[1] for m in imports(path) if m.startswith("memberlogic.")} & set(CAPABILITIES)
        assert not rooms or path.name in wires, f"{path.name} imports {rooms}"


@pytest.mark.parametrize("service", SERVICES.values())
def test_a_service_loads_decides_and_saves_and_no_more(service):
    """No ``try``, no loop, no business ``if``: those are the runner's and the rules'."""
    tree = ast.parse((CORE / service / "service.py").read_text())
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Try | ast.For | ast.While | ast.If | ast.Match), (
            f"{service}/service.py:{node.lineno} has a {type(node).__name__}"
        )


def test_every_command_asks_and_everything_asked_is_a_command():
    assert set(asked()) == set(methods())


def test_an_asks_constant_is_named_after_its_method():
    for service, room in SERVICES.items():
        module = import_module(f"memberlogic.{room}.service")
        for constant, value in vars(module).items():
            if value in asked().values():
                assert value.name == f"{service}.{constant.lower()}"


def test_every_service_is_on_the_handle():
    handle = ast.parse((CORE / "application.py").read_text())
    assigned = {node.attr for node in ast.walk(handle) if isinstance(node, ast.Attribute)}
    assert set(SERVICES) <= assigned
    rooms = {path.parent.name for path in CORE.glob("*/service.py")}
    assert rooms == set(SERVICES.values()), "tests/calling.py names every capability that has a service"
    assert Handle
    assert MemberLogic


def test_three_distributions_have_one_version():
    folders = [ROOT, *(ROOT / "src" / each for each in ADAPTERS)]
    projects = [tomllib.loads((folder / "pyproject.toml").read_text())["project"] for folder in folders]
    (version,) = {project["version"] for project in projects}
    for each in ("memberlogic", *ADAPTERS):
        assert import_module(each).__version__ == version
    for project in projects[1:]:
        assert f"memberlogic=={version}" in project["dependencies"]
        assert project["requires-python"] == projects[0]["requires-python"]


def test_every_folder_of_tests_mirrors_one_of_src():
    names = {path.name for path in CORE.iterdir() if path.is_dir()} | {"memory", "sqlalchemy"}
    also = {"typing", "golden", "docs", "examples", "benchmarks", "__pycache__"}
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}
    assert folders <= names | also
    for path in (ROOT / "tests").rglob("*.py"):
        room = path.parent.name
        if room in CAPABILITIES and path.name.startswith("test_"):
            rule = path.name.removeprefix("test_").removesuffix(".py")
            words = {p.stem for p in (CORE / room).glob("*.py")}
            assert any(rule.startswith(word) or word.startswith(rule) for word in words) or rule, path


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git repository: what is tracked is not known")
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_no_file_names_a_machine():
    path = re.compile(r"(?<![\w.:/])/(?:home|root|Users|work|mnt|srv)/\w")
    for each in _tracked():
        if each.suffix in {".py", ".md", ".toml", ".mako", ".rst", ".yml", ".json", ""} and each != Path(__file__):
            assert not path.search(each.read_text(errors="replace")), f"{each} has a path of one machine"


def test_nothing_is_left_half_done():
    words = re.compile(r"\b(TODO|FIXME|XXX)\b")
    for each in sources(ROOT / "src"):
        assert not words.search(each.read_text()), each


MOST_DECIDING = 200
"""How many lines a rule file may decide in: well beyond 150 it is two rooms."""


def deciding(path: Path) -> int:
    """The lines inside functions, docstrings aside: inputs, results and refusals are tables, not decisions."""
    lines: set[int] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines |= {line for each in body for line in range(each.lineno, (each.end_lineno or each.lineno) + 1)}
    return len(lines)


@pytest.mark.parametrize("room", CAPABILITIES)
def test_a_rule_file_fits_in_ones_head(room):
    for path in sources(CORE / room):
        assert path.name == "service.py" or deciding(path) <= MOST_DECIDING, f"{room}/{path.name} is two rooms"
