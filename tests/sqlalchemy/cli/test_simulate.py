"""Programmes side by side over what a database holds: each column is what an independent reckoning says, the present
programme replayed is what is stored, and where it is not, it is said why.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from benchmarks import reckoning
from tests.sqlalchemy.small import small_journey
from tests.sqlalchemy.test_replay import installed

from memberlogic import After, Earning, EarningRule, ExternalId, PurchaseLine, Rate, Redeeming, Term
from memberlogic.ids import new_id
from memberlogic.testing import World
from memberlogic_sqlalchemy import SqlAlchemyStorage
from memberlogic_sqlalchemy.cli.group import run

EXAMPLES = Path("examples/complete_journey")
CLUB, LONGER, SMALLER = (EXAMPLES / f"{name}.toml" for name in ("club", "longer", "smaller"))
SAME = ("purchases", "earned", "redeemed", "redemptions", "expired", "outstanding", "upgrades", "downgrades", "schemes")


def said(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    installed()
    return small_journey(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def year(small, tmp_path_factory):
    """A database with the year of a few households under the example's programme."""
    database = f"sqlite:///{tmp_path_factory.mktemp('year')}/club.db"
    assert run(["replay", "--programme", str(CLUB), "--database", database, "--data", str(small), "--json", "-"]) == 0
    return database


@pytest.fixture
def ask(capsys, monkeypatch):
    """Simulate; answer exit code, standard output and standard error."""
    monkeypatch.setenv("COLUMNS", "200")

    def ask(database, *arguments, programmes=(LONGER,)):
        capsys.readouterr()
        named = [part for path in programmes for part in ("--programme", str(path))]
        code = run(["simulate", "--database", database, *named, *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return ask


def matches(column, theirs):
    """Whether a column says what the independent reckoning says."""
    assert {name: column[name] for name in SAME} == {name: theirs[name] for name in SAME}
    assert (column["spent"], column["earnings"]) == (theirs["spend_cents"], theirs["lots"])
    assert column["accounts"] == theirs["members"]


@pytest.mark.rule("PTS-2", "PTS-3", "PTS-6", "PTS-8", "PTS-12", "PTS-17", "SCH-3", "SCH-5", "SCH-6")
def test_every_column_is_what_was_reckoned(ask, small, year):
    """The present programme and two others, over the whole year of some households."""
    code, out, _ = ask(year, "--json", programmes=(LONGER, SMALLER))
    answer = json.loads(out)
    assert (code, answer["replayed_equals_stored"], answer["different"], answer["why"]) == (0, True, [], [])
    assert [column["name"] for column in answer["columns"]] == ["present", "longer", "smaller"]
    assert answer["as_of"] == "2018-01-01T05:00:00+00:00"
    for column, path in zip(answer["columns"], (CLUB, LONGER, SMALLER), strict=True):
        programme = said(path)
        matches(column, reckoning.reckon(reckoning.read(programme["excluded_product_types"], small), programme))
        worth = (programme["redeem_points"], programme["redeem_cents"])
        assert column["liability"] == -(-column["outstanding"] * worth[1] // worth[0])
        assert column["redeemed_value"] == column["redemptions"] * worth[1]
        assert column["cost"] == column["redeemed_value"] + column["liability"]
        assert column["per_account"]["cost"] == f"{column['cost'] / column['accounts']:.2f}"


def test_other_zones_and_exclusions_are_what_was_reckoned(ask, small, year, tmp_path):
    """The programmes of ``figures.json`` that change nearly everything, the zone among it."""
    cases = [case["changes"] for case in json.loads(reckoning.FIGURES.read_text())[1:3]]
    paths = [tmp_path / f"{index}.toml" for index in range(len(cases))]
    for path, changes in zip(paths, cases, strict=True):
        values = said(CLUB) | changes
        path.write_text("".join(f"{key} = {_toml(value)}\n" for key, value in values.items()))
    columns = json.loads(ask(year, "--json", programmes=paths)[1])["columns"]
    for column, path in zip(columns[1:], paths, strict=True):
        programme = said(path)
        matches(column, reckoning.reckon(reckoning.read(programme["excluded_product_types"], small), programme))


def _toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {each}" for key, each in value.items()) + " }"
    return json.dumps(value)


def test_nothing_is_changed(ask, year):
    """The file is the same byte for byte."""
    file = Path(year.removeprefix("sqlite:///"))
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    assert ask(year)[0] == 0
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before


def test_a_part_can_be_tried(ask, small, year):
    """The first purchases, or the first days; there is nothing stored to compare them with."""
    purchases = reckoning.read(said(CLUB)["excluded_product_types"], small)
    few = json.loads(ask(year, "--purchases", "40", "--json")[1])
    assert few["replayed_equals_stored"] is False
    assert [column["purchases"] for column in few["columns"]] == [40, 40]
    assert few["columns"][0]["spent"] == sum(sum(each.cents) for each in purchases[:40])
    # The first 31 days of New York, which is five hours behind UTC.
    january = [each for each in purchases if each.at < 1485925200]
    days = json.loads(ask(year, "--days", "31", "--json")[1])
    assert days["as_of"] == "2017-02-01T05:00:00+00:00"
    assert days["columns"][1]["purchases"] == len(january)
    code, out, _ = ask(year, "--days", "31", "--purchases", "5")
    assert code == 0
    assert "5 purchases from 1 Jan 2017 on" in out


def test_it_reads_well(ask, year):
    """Side by side, money with its currency, thousands apart."""
    code, out, _ = ask(year, programmes=(LONGER, SMALLER))
    assert code == 0
    assert "exactly what is stored" in out
    for heading in (
        "Points earned",
        "Liability",
        "Cost: both (USD)",
        "Accounts in Platinum",
        "Accounts in Friend",
        "present",
    ):
        assert heading in out
    assert re.search(r"\d,\d{3}\.\d\d", out)


LINES = (PurchaseLine("coffee", 1000, categories=("DRINKS",)),)


@pytest.fixture
def club(databases):
    """A club on each database, with two accounts and three purchases; and what is needed to play it."""

    def club(store):
        world = World(
            SqlAlchemyStorage(databases.engine(store)),
            expiry=After(Term.of_days(365)),
            currency="EUR",
            earning=Earning(rules=[EarningRule(key="base", gives=Rate(1, 100))]),
            redeeming=Redeeming(points=10, value=5),
        )
        for number, account in enumerate((world.account(), world.account(), world.account())):
            _buy(world, account, number)
            world.wait(days=1)
        return world, databases.url(store), account

    return club


def _buy(world, account, number, redeem=0):
    world.org.loyalty.record_purchase(
        account=account, purchase=ExternalId("till", f"{number}"), lines=LINES, currency="EUR", redeem=redeem
    )


@pytest.mark.parametrize("store", ["sqlite", "postgresql", "mariadb"])
def test_what_purchases_do_not_explain_is_said(ask, club, store):
    """Equal while only purchases moved points; then credits, blocks and another way of redeeming are named."""
    world, database, account = club(store)
    whose = ("--club", str(world.club.id))
    answer = json.loads(ask(database, *whose, "--json")[1])
    assert (answer["replayed_equals_stored"], answer["currency"]) == (True, "EUR")
    assert answer["columns"][0]["outstanding"] == 30
    world.org.ledger.credit(account, 50, reason="welcome")
    _buy(world, account, "later", redeem=20)
    world.org.loyalty.block_account(world.account(), reason="lost")
    code, out, _ = ask(database, *whose, "--json")
    answer = json.loads(out)
    stored, present, _ = answer["columns"]
    assert (code, answer["replayed_equals_stored"]) == (0, False)
    assert (stored["name"], present["name"]) == ("stored", "present")
    assert (stored["other"], stored["redeemed"], stored["redeemed_value"]) == (50, 20, 10)
    assert (present["other"], present["redeemed"], present["redeemed_value"]) == (0, 10, 5)
    assert "other" in answer["different"]
    told = "\n".join(answer["why"])
    assert "came or went by credits, awards, transfers, returns or corrections: +50." in told
    assert "blocked or closed: 1." in told
    assert "till:later of 18 Jan 2026, which earned 9 and redeemed 20; replayed, it earns 9 and redeems 10." in told
    assert "differs from what is stored in" in ask(database, *whose)[1]


def test_what_fell_due_since_is_counted_alike(ask, club):
    """Jobs that ran long after the last purchase: everything is counted as of what took effect last."""
    world, database, _ = club("sqlite")
    world.wait(days=400)
    world.ml.run_jobs(as_of=world.clock.now())
    answer = json.loads(ask(database, "--club", str(world.club.id), "--json")[1])
    assert answer["replayed_equals_stored"] is True
    assert [column["expired"] for column in answer["columns"]] == [30, 30]
    assert answer["as_of"] > (world.clock.now() - timedelta(days=40)).isoformat()


@pytest.mark.rule("COM-11")
def test_errors_are_one_line(ask, year, tmp_path, databases):
    """A typo is named with its file and key, and nothing is played; so is a club that is not there, or not clear."""
    typo = tmp_path / "mine.toml"
    typo.write_text(LONGER.read_text().replace("expire_days", "expires_days"))
    empty = World(SqlAlchemyStorage(databases.engine("sqlite")))
    file = databases.url("sqlite")
    for _ in range(2):
        other = World(SqlAlchemyStorage(databases.engine("sqlite")))
        _buy(other, other.account(), new_id())
    for code, told, database, arguments, programmes in (
        (1, f"{typo}: expires_days", year, (), (LONGER, typo)),
        (1, "none.toml cannot be read", year, (), (tmp_path / "none.toml",)),
        (1, "holds no club", year, ("--club", str(new_id())), (LONGER,)),
        (1, "has no purchases", file, ("--club", str(empty.club.id)), (LONGER,)),
        (1, "name one with --club", file, (), (LONGER,)),
        (2, "not a valid UUID", year, ("--club", "7"), (LONGER,)),
        (2, "--purchases", year, ("--purchases", "0"), (LONGER,)),
        (2, "--programme", year, (), ()),
        (1, "there is no file", "sqlite:////nowhere/at/all.db", (), (LONGER,)),
    ):
        got, out, err = ask(database, *arguments, programmes=programmes)
        assert (got, out, err.count("\n")) == (code, "", 1), err
        assert told in err


def test_without_the_store_in_memory_it_says_so(ask, year, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "memberlogic_memory", None)
    code, _, err = ask(year)
    assert (code, err.count("\n"), "pip install memberlogic-memory" in err) == (1, 1, True)


def test_the_documented_figures_are_the_reckoned_ones():
    """The examples are cases of ``figures.json``; the table in the guide has their figures, and no others."""
    cases = json.loads(reckoning.FIGURES.read_text(encoding="utf-8"))
    guide = Path("docs/how-to/simulate.md").read_text(encoding="utf-8")
    for column, path in enumerate((CLUB, LONGER, SMALLER)):
        changes = {key: value for key, value in said(path).items() if value != said(CLUB)[key]}
        figures = next(case["figures"] for case in cases if case["changes"] == changes)
        for label, name in (
            ("Points earned", "earned"),
            ("Points redeemed", "redeemed"),
            ("Points expired", "expired"),
            ("Points outstanding", "outstanding"),
            ("Upgrades", "upgrades"),
            ("Downgrades", "downgrades"),
        ):
            row = next(line for line in guide.splitlines() if line.startswith(f"│ {label} "))
            assert row.split("│")[2 + column].strip() == f"{figures[name]:,}"
