"""What is released: three wheels and sdists, each installed alone in a fresh environment and used."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import venv
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = {
    "memberlogic": ROOT,
    "memberlogic_memory": ROOT / "src" / "memberlogic_memory",
    "memberlogic_sqlalchemy": ROOT / "src" / "memberlogic_sqlalchemy",
}

# The wheels are built without a network: hatchling is among what the tests install.
pytestmark = [
    pytest.mark.xdist_group("wheels"),
    pytest.mark.skipif(
        find_spec("build") is None or find_spec("hatchling") is None, reason="build and hatchling needed"
    ),
]


def run(*command, **options):
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Wheel and sdist of each distribution; the wheel is made from the sdist, as a release is."""
    out = tmp_path_factory.mktemp("dist")
    for folder in FOLDERS.values():
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, folder)
    return out


def wheel(built, name):
    (found,) = built.glob(f"{name}-*.whl")
    return found


@pytest.mark.parametrize("name", FOLDERS)
def test_a_wheel_holds_what_it_promises_and_nothing_else(built, name):
    inside = zipfile.ZipFile(wheel(built, name)).namelist()
    assert f"{name}/py.typed" in inside
    assert any(each.endswith("licenses/LICENSE") for each in inside)
    assert all(each.startswith((f"{name}/", f"{name}-")) for each in inside)
    assert not any("tests" in each or "__pycache__" in each for each in inside)
    here = {str(path.relative_to(ROOT / "src")) for path in (ROOT / "src" / name).rglob("*.py")}
    assert here <= set(inside), "every module is in the wheel"
    metadata = zipfile.ZipFile(wheel(built, name)).read(next(e for e in inside if e.endswith("METADATA"))).decode()
    assert "Requires-Python: >=3.11" in metadata
    assert "License-Expression: MIT" in metadata
    assert len(metadata.partition("\n\n")[2]) > 200, "the README is the description"


def test_the_relational_wheel_has_its_migrations(built):
    inside = zipfile.ZipFile(wheel(built, "memberlogic_sqlalchemy")).namelist()
    assert "memberlogic_sqlalchemy/migrations/script.py.mako" in inside
    assert any("migrations/versions/0001" in each for each in inside)
    assert any(each.endswith("entry_points.txt") for each in inside)


@pytest.mark.parametrize("name", FOLDERS)
def test_an_sdist_is_small_and_has_its_licence(built, name):
    (found,) = built.glob(f"{name}-*.tar.gz")
    with tarfile.open(found) as sdist:
        inside = sdist.getnames()
    assert any(each.endswith("/LICENSE") for each in inside)
    assert not any(part in each for each in inside for part in ("/.venv", "/tests/", ".db"))


def alone(tmp_path, built, *names):
    """A fresh environment with some wheels; what they depend on is borrowed from this one, memberlogic is not."""
    folder = tmp_path / "alone"
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    for name in names:
        zipfile.ZipFile(wheel(built, name)).extractall(site)
    return python


def using(tmp_path, python, program):
    """Run a program there, with this environment's libraries behind its own."""
    behind = [path for path in sys.path if path.endswith("site-packages")]
    borrow = f"import sys; sys.path += {behind!r}\n"
    check = "\nimport memberlogic; assert 'alone' in memberlogic.__file__, memberlogic.__file__\n"
    return run(python, "-I", "-c", borrow + check + program, cwd=tmp_path)


# What the libraries it stands on load by themselves (email reads socket's constants) is not the core's doing.
WALK = """
import pkgutil, importlib, zoneinfo, hmac, json
import attrs, cattrs.strategies, dateutil.relativedelta, uuid6
before = set(sys.modules)
edges = {f"memberlogic.{each}" for each in ("certification", "testing", "notifiers")}
def walk(package):
    for found in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        if found.name not in edges:
            module = importlib.import_module(found.name)
            if found.ispkg:
                walk(module)
walk(memberlogic)
stores = {"sqlite3", "socket", "sqlalchemy", "ssl", "http.client", "asyncio"} & (set(sys.modules) - before)
assert not stores, stores
print("nothing stores, nothing sends")
"""

TRANSFER = """
from zoneinfo import ZoneInfo
from memberlogic import Actor, MemberLogic
def used(storage):
    ml = MemberLogic(storage)
    id = ml.open_organization(name="Example", zone=ZoneInfo("Europe/Berlin")).id
    org = ml.organization(id, Actor.system())
    club = org.loyalty.open_club(name="Club", zone=ZoneInfo("Europe/Berlin"), member_types=["customer"])
    one, two = (
        org.loyalty.open_account(club=club.id, member=org.members.register(
            member_type="customer", given_name=name, email=name + "@example.org", verified=True).id).id
        for name in ("ana", "ben")
    )
    org.ledger.credit(one, 10, reason="welcome")
    print(org.ledger.transfer(source=one, target=two, points=3).available)
"""


@pytest.mark.rule("COM-7")
def test_the_core_alone_imports_nothing_that_stores_or_sends(tmp_path, built):
    assert "nothing sends" in using(tmp_path, alone(tmp_path, built, "memberlogic"), WALK)


HOSTS_TESTS = """
from hypothesis import given, settings
from memberlogic.testing import World, has, strategies
from memberlogic.testing import given as given_that

def test_a_world(memberlogic_world):
    ana = memberlogic_world.a_member("Ana").with_points(10)
    given_that(ana).when(lambda ana: None).then(has(ana, points=10))

def test_a_store(memberlogic_storage):
    @settings(max_examples=5, deadline=None)
    @given(history=strategies.histories())
    def lives(history):
        history.replay(World(memberlogic_storage))
    lives()
"""


def test_the_testing_kit_works_and_pytest_finds_its_fixtures(tmp_path, built):
    inside = zipfile.ZipFile(wheel(built, "memberlogic"))
    (names,) = (each for each in inside.namelist() if each.endswith("entry_points.txt"))
    assert inside.read(names).decode().split() == ["[pytest11]", "memberlogic", "=", "memberlogic.testing.plugin"]
    python = alone(tmp_path, built, "memberlogic", "memberlogic_memory")
    (tmp_path / "test_host.py").write_text(HOSTS_TESTS)
    # As in a process that has imported nothing of ours, which pytest is to load by itself.
    fresh = "import pytest, sys; del sys.modules['memberlogic']\n"
    program = fresh + "pytest.main(['-q', '-W', 'error', '-p', 'no:cacheprovider', 'test_host.py'])"
    assert "2 passed" in using(tmp_path, python, program)


def test_the_memory_adapter_works(tmp_path, built):
    python = alone(tmp_path, built, "memberlogic", "memberlogic_memory")
    program = TRANSFER + "from memberlogic_memory import MemoryStorage; used(MemoryStorage())"
    assert using(tmp_path, python, program) == "7\n"


def test_the_relational_adapter_works_and_migrates(tmp_path, built):
    python = alone(tmp_path, built, "memberlogic", "memberlogic_sqlalchemy")
    program = (
        TRANSFER
        + """
from sqlalchemy import create_engine
from memberlogic_sqlalchemy import SqlAlchemyStorage, recount, upgrade
engine = create_engine("sqlite:///club.db")
upgrade(engine)
used(SqlAlchemyStorage(engine))
assert recount(engine) == []
"""
    )
    assert using(tmp_path, python, program) == "7\n"
    console = "from memberlogic_sqlalchemy.cli import main\nsys.argv = ['memberlogic', 'check', '--database', 'sqlite:///club.db']\nmain()"
    assert "all is well" in using(tmp_path, python, console)
