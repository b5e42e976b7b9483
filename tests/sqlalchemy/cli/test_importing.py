"""``memberlogic import purchases``: what goes in, what is rejected and where it stands, and that it is resumed."""

from __future__ import annotations

import json

import pytest

from memberlogic import Earning, EarningRule, ExternalId, Rate
from memberlogic.testing import World
from memberlogic_sqlalchemy import SqlAlchemyStorage, upgrade
from memberlogic_sqlalchemy.cli.group import run
from sqlalchemy import create_engine

HEADER = "purchase,account,at,item,amount,categories\n"
GOOD = """t-1,card-1,2026-01-02T09:00:00Z,bread,250,food
t-1,card-1,2026-01-02T09:00:00Z,wine,1000,drinks|wine
t-2,card-1,2026-01-03T09:00:00+01:00,bread,250,
"""


@pytest.fixture
def shop(tmp_path):
    """A SQLite file with an account, and what runs the import on it."""
    engine = create_engine(f"sqlite:///{tmp_path}/club.db")
    upgrade(engine)
    world = World(SqlAlchemyStorage(engine), earning=Earning(rules=[EarningRule(key="base", gives=Rate(1, 100))]))
    world.wait(days=-14)
    account = world.org.loyalty.open_account(
        club=world.club.id, member=world.member(), external_ids=[ExternalId("card", "card-1")]
    )
    yield world, account.id, tmp_path
    engine.dispose()


def imported(shop, capsys, text: str, *options: str):
    """Run the import of a file's text; answer exit code, standard output and standard error."""
    world, _, folder = shop
    file = folder / "purchases.csv"
    file.write_bytes(text.encode())
    code = run(
        [
            *("import", "purchases", str(file), "--database", f"sqlite:///{folder}/club.db", "--currency", "EUR"),
            *("--organization", str(world.organization.id), "--account-source", "card", *options),
        ]
    )
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.rule("PTS-19")
def test_lines_that_stand_together_are_one_purchase(shop, capsys):
    """Two purchases of three lines, and what they earn, floored once each."""
    code, out, _ = imported(shop, capsys, HEADER + GOOD, "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["recorded"], told["rejected"], told["earned"]) == (2, 0, 14)
    world, account, _ = shop
    world.wait(days=400)
    assert world.available(account) == 14


@pytest.mark.rule("PTS-19")
def test_run_again_it_skips_what_is_in(shop, capsys):
    """A file that was broken off half way is given again, whole."""
    imported(shop, capsys, HEADER + "".join(GOOD.splitlines(keepends=True)[:2]))
    code, out, _ = imported(shop, capsys, HEADER + GOOD)
    assert (code, out.splitlines()[0]) == (0, "1 purchases went in, 1 were in already, 0 were rejected.")


@pytest.mark.rule("PTS-19")
def test_what_is_bad_is_told_with_its_line_and_field(shop, capsys):
    """What cannot be read and what the rules refuse alike; the good ones go in."""
    bad = (
        "t-3,card-1,2026-01-04T09:00:00Z,bread,2.50,\n"
        "t-4,card-1,2026-01-04T09:00:00,bread,250,\n"
        "t-5,card-9,2026-01-04T09:00:00Z,bread,250,\n"
        "t-6,card-1,2026-01-04T09:00:00Z,bread,250,\n"
        "t-6,card-2,2026-01-04T09:00:00Z,bread,250,\n"
    )
    rejects = shop[2] / "rejects.csv"
    code, out, _ = imported(shop, capsys, HEADER + GOOD + bad, "--rejects", str(rejects), "--json")
    assert code == 1
    assert json.loads(out)["recorded"] == 2
    assert rejects.read_text().splitlines() == [
        "line,purchase,field,code",
        "5,t-3,amount,input.invalid",
        "6,t-4,at,input.invalid",
        "7,t-5,account,not_found",
        "8,t-6,account,input.invalid",
    ]


def test_a_row_of_another_length_rejects_its_purchase_only(shop, capsys):
    rejects = shop[2] / "rejects.csv"
    text = HEADER + GOOD + "t-3,card-1\n"
    code, out, _ = imported(shop, capsys, text, "--rejects", str(rejects), "--json")
    assert (code, json.loads(out)["recorded"]) == (1, 2)
    assert rejects.read_text().splitlines() == ["line,purchase,field,code", "5,t-3,row,input.invalid"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("purchase,account,at,item\n", "purchases.csv: amount"),
        ("purchase,account,at,item,amount,colour\n", "purchases.csv: colour"),
        (HEADER + 't-1,"card-1\n', "purchases.csv cannot be read"),
        ("", "purchases.csv: purchase"),
    ],
)
def test_a_file_of_another_form_is_one_line_of_error(shop, capsys, text, problem):
    """The file, and the column or line."""
    code, out, err = imported(shop, capsys, text)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert problem in err
