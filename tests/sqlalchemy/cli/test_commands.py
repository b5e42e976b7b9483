"""The command line: what it answers, how it exits, and that every error is one line."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from memberlogic import After, Term
from memberlogic.testing import World
from memberlogic_sqlalchemy import SqlAlchemyStorage, upgrade
from memberlogic_sqlalchemy.checking import CHECKS
from memberlogic_sqlalchemy.cli.group import COMMANDS, cli, run
from memberlogic_sqlalchemy.migrate import head
from sqlalchemy import create_engine, text


@pytest.fixture
def ask(capsys, monkeypatch):
    """Run a command line; answer exit code, standard output and standard error."""
    monkeypatch.delenv("MEMBERLOGIC_DATABASE", raising=False)

    def ask(*arguments):
        code = run(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return ask


@pytest.fixture
def file(tmp_path):
    """A used SQLite file, with one lot that expires on 14 February 2026."""
    engine = create_engine(f"sqlite:///{tmp_path}/club.db")
    upgrade(engine)
    World(SqlAlchemyStorage(engine), expiry=After(Term.of_days(30))).account(credits=[10])
    engine.dispose()
    return f"sqlite:///{tmp_path}/club.db"


@pytest.mark.parametrize("store", ["sqlite", "postgresql", "mariadb"])
def test_the_schema_is_upgraded_and_checked(ask, databases, store):
    url = databases.url(store)
    assert ask("db", "upgrade", "--database", url, "--json") == (0, f'{{\n  "version": "{head()}"\n}}\n', "")
    assert ask("db", "check", "--database", url) == (
        0,
        f"The schema is at version {head()}, as this library needs.\n",
        "",
    )


def test_an_outdated_schema_is_refused(ask, tmp_path):
    (tmp_path / "empty.db").touch()
    for command in (["db", "check"], ["jobs", "run"], ["check"]):
        code, out, err = ask(*command, "--database", f"sqlite:///{tmp_path}/empty.db")
        assert (code, out) == (1, "")
        assert err.startswith("memberlogic: storage.schema_outdated: ")
        assert "memberlogic db upgrade" in err


def test_the_url_may_say_where_our_tables_are(ask, tmp_path):
    url = f"sqlite:///{tmp_path / 'club.db'}"
    assert ask("db", "upgrade", "--database", f"{url}?memberlogic_prefix=club_")[0] == 0
    assert ask("db", "check", "--database", f"{url}?memberlogic_prefix=club_")[0] == 0
    assert ask("check", "--database", f"{url}?memberlogic_prefix=club_")[0] == 0
    code, _, problem = ask("db", "check", "--database", url)
    assert code == 1
    assert "schema version none" in problem
    code, _, problem = ask("db", "check", "--database", f"{url}?memberlogic_schema=loyalty")
    assert code == 1
    assert "SQLite" in problem
    script = ask("db", "sql", "postgresql", "--schema", "loyalty", "--prefix", "club_")[1]
    assert "SET LOCAL search_path TO loyalty" in script
    assert "CREATE TABLE loyalty.club_members" in script
    assert " ml_" not in script


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mariadb", "mysql"])
def test_the_schema_is_printed(ask, dialect):
    code, out, _ = ask("db", "sql", dialect)
    assert code == 0
    assert "CREATE TABLE ml_accounts" in out
    assert json.loads(ask("db", "sql", dialect, "--json")[1])["dialect"] == dialect


@pytest.mark.rule("COM-18")
def test_jobs_settle_as_of_an_instant(ask, file):
    before = ask("jobs", "run", "--database", file, "--as-of", "2026-02-13T22:59:59Z", "--json")
    assert json.loads(before[1])["wallets"] == 0
    due = json.loads(ask("jobs", "run", "--database", file, "--as-of", "2026-02-14T00:00:00+01:00", "--json")[1])
    assert (due["wallets"], due["entries"]) == (1, 1)
    code, out, _ = ask("jobs", "run", "--database", file, "--as-of", "2026-02-14T00:00:00+01:00")
    assert (code, out) == (0, "As of 2026-02-13T23:00:00+00:00: 0 wallets settled with 0 entries.\n")


def test_the_database_may_come_from_the_environment(ask, file, monkeypatch):
    monkeypatch.setenv("MEMBERLOGIC_DATABASE", file)
    assert ask("check") == (0, f"{len(CHECKS)} checks: all is well.\n", "")


def test_check_names_the_damage_and_exits_with_1(ask, file):
    engine = create_engine(file)
    with engine.begin() as connection:
        connection.execute(text("UPDATE ml_wallets SET remaining = 11"))
    engine.dispose()
    code, out, _ = ask("check", "--database", file)
    assert code == 1
    assert "wallet.remaining (PTS-16): account " in out
    assert "stored 11, counted 10" in out
    code, out, _ = ask("check", "--database", file, "--json")
    assert code == 1
    assert {each["check"] for each in json.loads(out)["findings"]} >= {"wallet.remaining"}


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["db", "upgrade", "--database", "postgresql://u:secret@127.0.0.1:1/x"], 1, "at postgresql://127.0.0.1:1/x"),
        (["db", "upgrade", "--database", "mysql://u:secret@127.0.0.1:1/x"], 1, "at mysql://127.0.0.1:1/x"),
        (["db", "upgrade", "--database", "mysql://127.0.0.1:1/x?password=secret"], 1, "at mysql://127.0.0.1:1/x"),
        (["db", "upgrade", "--database", "u:secret@x"], 2, "no URL of a database"),
        (["db", "upgrade", "--database", "oracle://u:secret@x/y"], 2, "sqlite, postgresql, mariadb and mysql"),
        (["db", "upgrade", "--database", "sqlite+secret://"], 2, "cannot be used"),
        (["check", "--database", "sqlite:////nowhere/at/all.db"], 1, "there is no file /nowhere/at/all.db"),
        (["db", "upgrade", "--database", "sqlite:////nowhere/at/all.db"], 1, "sqlite3.OperationalError"),
        (["check"], 2, "--database"),
        (["db", "sql", "oracle"], 2, "'postgresql'"),
        (["jobs", "run", "--database", "sqlite://", "--as-of", "2026-01-01"], 2, "has no time zone"),
        (["jobs", "run", "--database", "sqlite://", "--as-of", "now"], 2, "no instant"),
        (["jobs", "run", "--database", "sqlite://", "--chunk", "0"], 2, "--chunk"),
        (["check", "--database", "sqlite://", "--organization", "7"], 2, "not a valid UUID"),
        (["nonsense"], 2, "nonsense"),
    ],
)
@pytest.mark.rule("COM-11")
def test_errors_are_one_line_and_keep_the_password(ask, arguments, code, says):
    got, out, err = ask(*arguments)
    assert (got, out) == (code, "")
    assert says in err
    assert err.startswith("memberlogic: ")
    assert err.count("\n") == 1
    assert "secret" not in err


def test_a_file_that_is_no_database_is_said(ask, tmp_path):
    (tmp_path / "notes.db").write_text("not a database, " * 100)
    code, _, err = ask("check", "--database", f"sqlite:///{tmp_path}/notes.db")
    assert (code, err.count("\n")) == (1, 1)
    assert "storage.unavailable" in err


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(ask, name):
    code, out, _ = ask(name, "--help")
    assert code == 0
    assert cli.get_command(None, name).help
    assert "Usage: memberlogic " in out


def test_nothing_asked_shows_the_help(ask):
    code, _, err = ask()
    assert code == 2
    assert "Usage: memberlogic" in err


@pytest.mark.parametrize("missing", ["click", "rich", "jinja2"])
def test_a_missing_extra_is_one_clear_line(missing):
    program = f"import sys; sys.modules[{missing!r}] = None; sys.argv[1:] = ['check', '--database', 'sqlite://']\n"
    program += "from memberlogic_sqlalchemy.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "memberlogic-sqlalchemy[cli]" in done.stderr
    assert done.stderr.count("\n") == 1


class TestRelaying:
    """COM-17, from the command line."""

    @pytest.fixture(autouse=True)
    def sending(self, tmp_path, monkeypatch):
        (tmp_path / "sending_of_tests.py").write_text(
            "from memberlogic.testing import RecordingNotifier\n"
            "notifier, away, nothing = RecordingNotifier(), RecordingNotifier(failing=True), 3\n"
        )
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "sending_of_tests", raising=False)

    @pytest.mark.rule("COM-17")
    def test_what_is_due_is_sent_once(self, ask, file):
        relay = ("relay", "--database", file, "--notifier", "sending_of_tests:notifier")
        words = "0 sent, 0 withheld, 0 postponed, 0 to be tried again, 0 set aside.\n"
        assert ask(*relay) == (0, words, "")
        assert json.loads(ask(*relay, "--json")[1])["sent"] == 0

    @pytest.mark.rule("COM-17")
    def test_it_goes_on_until_it_is_stopped(self, ask, file, monkeypatch):
        pauses = []

        def wait(_, seconds):
            pauses.append(seconds)
            if len(pauses) == 2:
                raise KeyboardInterrupt
            return False

        monkeypatch.setattr("threading.Event.wait", wait)
        relay = ("relay", "--database", file, "--notifier", "sending_of_tests:notifier", "--every", "7")
        code, out, err = ask(*relay)
        assert (code, out.count("0 sent"), pauses) == (130, 2, [7.0, 7.0])
        assert err.strip().startswith("memberlogic: stopped")

    @pytest.mark.parametrize(
        ("place", "problem"),
        [
            ("sending_of_tests", "is no place of an object"),
            ("sending_of_tests:", "is no place of an object"),
            ("not_there_at_all:notifier", "cannot be imported"),
            ("sending_of_tests:other", "cannot be imported"),
            ("sending_of_tests:nothing", "is no notifier"),
            ("memberlogic.testing:RecordingNotifier", "is no notifier"),
        ],
    )
    def test_a_notifier_is_one(self, ask, file, place, problem):
        code, out, err = ask("relay", "--database", file, "--notifier", place)
        assert (code, out) == (2, "")
        assert problem in err
        assert err.count("\n") == 1
