"""``memberlogic import memberships``: the dirty club, dry first, killed in the middle, run twice, its rejects mended
and run again, is the same club as a clean run.
"""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from zoneinfo import ZoneInfo

import pytest
from benchmarks import dirty_club
from benchmarks.told import told
from tests.documents import ROOT

from memberlogic import Actor, MemberLogic
from memberlogic_sqlalchemy import SqlAlchemyStorage, upgrade
from memberlogic_sqlalchemy.cli.group import run
from memberlogic_sqlalchemy.cli.memberships_csv import FILES
from sqlalchemy import create_engine, text

pytestmark = pytest.mark.rule("MEM-19", "CON-19")

PEOPLE = 80
BERLIN = ZoneInfo("Europe/Berlin")


class Club:
    """A SQLite file with an organization and its studios, and what runs the import on it."""

    def __init__(self, folder, name: str) -> None:
        self.url = f"sqlite:///{folder}/{name}.db"
        self.engine = create_engine(self.url)
        upgrade(self.engine)
        self.ml = MemberLogic(SqlAlchemyStorage(self.engine))
        self.organization = self.ml.open_organization(name=name, zone=BERLIN)
        self.org = self.ml.organization(self.organization.id, Actor.system())
        for code in dirty_club.STUDIOS:
            self.org.settings.open_studio(code=code, name=code, zone=BERLIN)

    def arguments(self, folder, *options: str) -> list[str]:
        return [
            *("import", "memberships", str(folder), "--database", self.url, "--source", "old"),
            *("--organization", str(self.organization.id), *options),
        ]

    def headers(self) -> int:
        """How many commands were done."""
        with self.engine.connect() as connection:
            return connection.execute(text("SELECT count(*) FROM ml_headers")).scalar()

    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        with self.engine.connect() as connection:
            names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'ml%'"))
            return {name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() for (name,) in names}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    dirty_club.write(folder, PEOPLE, share=0.08)
    return folder


@pytest.fixture
def make_club(tmp_path):
    made = []

    def make(name: str) -> Club:
        made.append(Club(tmp_path, name))
        return made[-1]

    yield make
    for each in made:
        each.engine.dispose()


def imported(capsys, club: Club, folder, *options: str):
    """Run an import; answer exit code and report."""
    code = run(club.arguments(folder, "--json", *options))
    captured = capsys.readouterr()
    assert captured.err == ""
    return code, {each["file"]: each for each in json.loads(captured.out)["files"]}


def test_the_dirty_club_mended_is_the_tidy_club(files, make_club, tmp_path, capsys):
    """Dry first, which writes nothing and says the same; again, which does nothing; its rejects mended, alone."""
    tidy, dirty = make_club("tidy"), make_club("dirty")
    code, clean = imported(capsys, tidy, files / "tidy")
    assert (code, {each["rejected"] for each in clean.values()}) == (0, {0})
    before, rejects = dirty.rows(), tmp_path / "rejects"
    rehearsed = imported(capsys, dirty, files / "dirty", "--dry-run", "--rejects", str(rejects))
    said = {each.name: each.read_bytes() for each in rejects.iterdir()}
    assert dirty.rows() == before
    done = imported(capsys, dirty, files / "dirty", "--chunk", "40", "--rejects", str(rejects))
    assert done == rehearsed
    assert {each.name: each.read_bytes() for each in rejects.iterdir()} == said
    assert all(done[1][f"{each}.csv"]["rejected"] for each in ("people", "contracts", "freezes", "cancellations"))
    after = dirty.rows()
    code, again = imported(capsys, dirty, files / "dirty", "--rejects", str(rejects))
    assert [each["imported"] for each in again.values()] == [0] * 5
    assert {name: many for name, many in dirty.rows().items() if name != "ml_headers"} == {
        name: many for name, many in after.items() if name != "ml_headers"
    }
    left = dirty_club.mend(rejects, files / "tidy", tmp_path / "mended")
    code, mended = imported(capsys, dirty, tmp_path / "mended")
    assert (code, sum(each["imported"] for each in mended.values())) == (0, left)
    assert list(told(dirty.org, files / "tidy", "old")) == list(told(tidy.org, files / "tidy", "old"))
    assert run(["check", "--database", dirty.url]) == 0


def test_killed_at_any_moment_and_run_again_it_is_the_same_club(files, make_club, tmp_path, capsys):
    """SIGKILL, several times, each a little later."""
    whole, killed = make_club("whole"), make_club("killed")
    imported(capsys, whole, files / "dirty")
    command = [
        sys.executable,
        "-c",
        "import sys; from memberlogic_sqlalchemy.cli.group import run; sys.exit(run(sys.argv[1:]))",
    ]
    half_way = 0
    for turn in range(6):
        before = killed.headers()
        process = subprocess.Popen(
            [*command, *killed.arguments(files / "dirty", "--chunk", "10")], stdout=subprocess.DEVNULL
        )
        until = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until:
            if killed.headers() > before + 2 + turn:
                process.send_signal(signal.SIGKILL)
                half_way += 1
                break
            time.sleep(0.01)
        process.wait()
    imported(capsys, killed, files / "dirty")
    assert half_way
    assert list(told(killed.org, files / "tidy", "old")) == list(told(whole.org, files / "tidy", "old"))
    same = ("ml_members", "ml_contracts", "ml_contract_freezes", "ml_events", "ml_external_ids", "ml_contract_spans")
    assert [killed.rows()[each] for each in same] == [whole.rows()[each] for each in same]


def write(folder, **files: str | bytes):
    folder.mkdir(exist_ok=True)
    for name, said in files.items():
        (folder / f"{name}.csv").write_bytes(said if isinstance(said, bytes) else said.encode("utf-8"))
    return folder


def rejected(folder, name: str) -> list[tuple[str, str, str]]:
    """Line, field and code of the rows that did not go in."""
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        separator = ";" if ";reject_" in file.readline() else ","
        file.seek(0)
        rows = csv.DictReader(file, delimiter=separator)
        return [(row["reject_line"], row["reject_field"], row["reject_code"]) for row in rows]


def test_every_bad_row_has_its_line_its_field_and_its_reason(make_club, tmp_path, capsys):
    club = make_club("club")
    folder = write(
        tmp_path / "in",
        people="\ufeffID;Given_Name;email;guardian;verified\n"
        "1; Ana ;ana@example.org;;yes\n"
        "2;Ben;ANA@EXAMPLE.ORG;;\n"
        "4;Kid;;3;\n"
        "3;Cem;;;no\n"
        "5;Dot;;2;\n"
        "6;Eve;;;perhaps\n"
        "7;Fay;;\n",
        rates="id,code,term,initial_fee,currency\nR,year,12 months,500,EUR\nS,soon,a while,,\nT,free,1 year,5,\n",
        contracts="id,holder,rate,studio,signed_on,start_on,covered,paid,paid_on\n"
        "C1,1,R,,2020-02-29,,,,\n"
        "C2,2,R,north,2020-02-29,,,,\n"
        "C3,1,S,north,2020-02-29,,,,\n"
        "C4,1,R,nowhere,2020-02-29,,,,\n"
        "C5,1,R,north,2021-02-29,,,,\n"
        "C6,1,R,north,2021-03-01,2021-02-01,,,\n"
        "C7,1,R,north,2021-03-01,,,no,2021-03-02\n"
        "C8,9,R,north,2021-03-01,,,,\n"
        "C9,1,R,north,2021-03-01,,3|2,,\n"
        "CA,1,R,north,2019-03-01,,,no,\n",
        freezes="id,contract,since,until,last_day\n"
        "F1,C1,2020-04-01,,2020-04-10\n"
        "F2,C1,2020-04-10,2020-04-20,\n"
        "F3,C1,2020-05-01,,\n"
        "F4,C2,2020-05-01,2020-05-02,\n"
        "F5,C1,2020-05-03,2020-05-02,\n"
        "F6,CA,2019-05-03,2019-05-12,\n"
        "F7,C1,2018-05-03,2018-05-12,\n",
        cancellations="contract,received_on,effective_on,last_day\n"
        "C1,2020-05-01,,2020-06-30\n"
        "C5,2020-05-01,2020-06-30,\n"
        "C1,2020-05-01,2020-06-30,\n"
        "CA,2019-05-01,2019-04-30,\n"
        "CA,2019-05-01,2020-12-31,\n",
    )
    out = tmp_path / "out"
    code, told = imported(capsys, club, folder, "--rejects", str(out), "--studio", "north")
    assert code == 1
    assert {name: (each["rows"], each["imported"]) for name, each in told.items()} == {
        "people.csv": (7, 3),
        "rates.csv": (3, 1),
        "contracts.csv": (10, 2),
        "freezes.csv": (7, 2),
        "cancellations.csv": (5, 1),
    }
    assert rejected(out, "people") == [
        ("3", "email", "contact_point.taken"),
        ("7", "verified", "input.invalid"),
        ("8", "row", "input.invalid"),
        ("6", "guardian", "import.depends_on_rejected"),
    ]
    assert rejected(out, "rates") == [("3", "term", "input.invalid"), ("4", "currency", "input.invalid")]
    assert rejected(out, "contracts") == [
        ("3", "holder", "import.depends_on_rejected"),
        ("4", "rate", "import.depends_on_rejected"),
        ("5", "studio", "import.no_such_record"),
        ("6", "signed_on", "input.invalid"),
        ("7", "start_on", "contract.starts_before_signing"),
        ("8", "paid_on", "input.invalid"),
        ("9", "holder", "import.no_such_record"),
        ("10", "covered[1]", "import.depends_on_rejected"),
    ]
    assert rejected(out, "freezes") == [
        ("3", "since", "freeze.overlaps"),
        ("5", "contract", "import.depends_on_rejected"),
        ("6", "until", "input.invalid"),
        ("7", "contract", "freeze.unpaid"),
        ("8", "since", "freeze.outside_term"),
    ]
    assert rejected(out, "cancellations") == [
        ("3", "contract", "import.depends_on_rejected"),
        ("4", "effective_on", "import.row_changed"),
        ("5", "effective_on", "cancellation.before_receipt"),
        ("6", "contract", "import.id_rejected"),
    ]


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({}, "import.nothing"),
        ({"people": "colour,Size,id,id\n1,2,3,4\n"}, "people.csv: unknown: colour, size; there twice: id; the columns"),
        ({"people": "id,name\n1,Ana\n"}, "people.csv: unknown: name; the columns are id, member_type, given_name,"),
        (
            {"contracts": "id,given_name\n1,Ana\n"},
            "unknown: given_name; missing: holder, rate, signed_on; the",
        ),
        ({"people": ""}, "people.csv cannot be read: its first line is empty"),
        ({"people": "\nid\n1\n"}, "people.csv cannot be read: its first line is empty"),
        ({"people": 'id,given_name\n1,Ana\n2,"Ben\n3,Cem\n'}, "in the row that begins in line 3 a quote is not closed"),
        ({"people": 'id,given_name\n1,"Ana "B" C"\n'}, "in the row that begins in line 2 a quote"),
        ({"people": "id\n" + "1" * 140_000}, "in the row that begins in line 2"),
        (
            {"people": b"id,given_name\n" + b"1,Ana\n" * 3000 + b"2,J\xfcrgen\n"},
            "line 3002 is not in UTF-8; save",
        ),
        ({"people": "id,given_name\n1,Ana\n".encode("utf-16")}, "line 1 is not in UTF-8"),
    ],
)
def test_a_folder_of_another_form_is_one_line_of_error_and_nothing_went_in(make_club, tmp_path, capsys, files, problem):
    """Whatever stands in the files before."""
    club, good = make_club("club"), {"people": "id\n0\n", "rates": "id,code,term\nR,year,1 year\n"}
    folder = write(tmp_path / "in", **(good | files if files else {}))
    before = club.rows()
    code = run(club.arguments(folder, "--chunk", "1"))
    captured = capsys.readouterr()
    assert (code, captured.err.count("\n")) == (1, 1)
    assert problem.replace("import.nothing", "nothing to import") in captured.err
    assert club.rows() == before


def test_what_is_mistyped_is_told_before_anything_is_read(make_club, tmp_path, capsys):
    """And the rejects of the run before are still there."""
    club, rejects = make_club("club"), tmp_path / "rejects"
    folder = write(tmp_path / "in", people="not even read\n")
    write(rejects, people="id,reject_code\n")
    for options, problem in {
        ("--studio", "nroth"): "--studio: expected the code of a studio here (harbour, north, south), got 'nroth'",
        ("--source", "Old Soft"): "source: expected a source of",
    }.items():
        assert run(club.arguments(folder, "--rejects", str(rejects), *options)) == 1
        assert problem in capsys.readouterr().err
    assert (rejects / "people.csv").exists()


def test_what_spreadsheets_leave_behind_does_not_matter(make_club, tmp_path, capsys):
    """Columns and cells without anything in them, tabs, headers in words, lines of nothing but separators."""
    club = make_club("club")
    folder = write(
        tmp_path / "in",
        people="\ufeffID\tGiven Name\tFamily-Name\t\t\r\n1\tAna\tNobody\t\t\t\t\r\n2\tBen\tNobody\r\n\t\t\t\t\r\n",
    )
    assert imported(capsys, club, folder) == (0, {"people.csv": counted("people.csv", imported=2)})
    folder = write(tmp_path / "in", people="id,given_name,\n3,Cem,\n4,Dot,x\n5,Eve,,x\n6\n7,Fay,,\n")
    out = tmp_path / "out"
    imported(capsys, club, folder, "--rejects", str(out))
    assert rejected(out, "people") == [(line, "row", "input.invalid") for line in ("3", "4", "5")]


def counted(file: str, imported: int = 0, skipped: int = 0, rejected: int = 0) -> dict[str, object]:
    """What is told of a file."""
    rows = imported + skipped + rejected
    return {"file": file, "rows": rows, "imported": imported, "skipped": skipped, "rejected": rejected}


@pytest.mark.parametrize("chunk", ["1", "2", "1000"])
@pytest.mark.parametrize(
    "bad",
    ["1;Ana;1972-02-30;", "1;Ana;1972-02-29;8", "1;Ana;1972-02-30;9", "1;Ana;;9;more"],
    ids=["unreadable", "refused", "an unreadable child", "a child in too many cells"],
)
def test_no_later_row_of_the_file_takes_an_id_and_its_contracts(make_club, tmp_path, capsys, bad, chunk):
    """Also where a child's row comes first; mended, either of the two goes in, with the contract."""
    club, out, header = make_club("club"), tmp_path / "out", "id;given_name;birth_date;guardian\n"
    folder = write(
        tmp_path / "in",
        people=f"{header}9;Nia;;\n{bad}\n1;Ben;;\n1;Cem;;9\n",
        rates="id,code,term\nR,year,1 year\n",
        contracts="id,holder,rate,studio,signed_on\nC1,1,R,north,2020-02-29\n",
    )
    code, told = imported(capsys, club, folder, "--rejects", str(out), "--chunk", chunk)
    assert (code, told["people.csv"]) == (1, counted("people.csv", imported=1, rejected=3))
    assert {each for _, _, each in rejected(out, "people")[1:]} == {"import.id_rejected"}
    assert rejected(out, "contracts") == [("2", "holder", "import.depends_on_rejected")]
    again = imported(capsys, club, folder, "--rejects", str(out), "--chunk", chunk)[1]
    assert again["people.csv"] == counted("people.csv", skipped=1, rejected=3)
    out.rename(tmp_path / "mended")
    mended = write(tmp_path / "mended", people=f"{header}1;Ben;;\n")
    assert imported(capsys, club, mended)[0] == 0
    assert club.org.members.person(club.org.members.find("old", "1").id).given_name == "Ben"
    assert club.org.contracts.find("old", "C1")


def test_nothing_is_sold_on_a_rate_whose_row_was_rejected(make_club, tmp_path, capsys):
    """On which terms is for people to say; what is in already is known as ever."""
    club, out = make_club("club"), tmp_path / "out"
    contracts = "id,holder,rate,studio,signed_on\nC1,1,R,north,2020-02-29\n"
    folder = write(tmp_path / "in", people="id\n1\n", rates="id,code,term\nR,year,1 year\n", contracts=contracts)
    assert imported(capsys, club, folder)[0] == 0
    write(
        folder,
        rates="id,code,term\nR,year,2 years\n",
        contracts=f"{contracts}C2,1,R,north,2021-02-28\n",
        freezes="id,contract,since,last_day\nF,C2,2021-03-01,2021-03-07\n",
    )
    told = imported(capsys, club, folder, "--rejects", str(out))[1]
    assert told["contracts.csv"] == counted("contracts.csv", skipped=1, rejected=1)
    assert [rejected(out, name) for name in ("rates", "contracts", "freezes")] == [
        [("2", "terms", "import.row_changed")],
        [("3", "rate", "import.depends_on_rejected")],
        [("2", "contract", "import.depends_on_rejected")],
    ]
    (out / "rates.csv").unlink()
    assert imported(capsys, club, out)[0] == 0


def test_rejects_open_in_the_spreadsheet_that_the_file_came_from(make_club, tmp_path, capsys):
    """The same separators, and the mark by which it knows UTF-8; mended there, they are read again."""
    club, out = make_club("club"), tmp_path / "out"
    folder = write(tmp_path / "in", people="id;given_name;birth_date\n1;J\u00fcrgen;1972-02-30\n")
    imported(capsys, club, folder, "--rejects", str(out))
    said = (out / "people.csv").read_bytes().decode("utf-8")
    assert said.startswith("\ufeffid;given_name;birth_date;reject_line;")
    assert "got one that no calendar has" in said
    mended = write(tmp_path / "mended", people=said.replace("1972-02-30", "1972-02-29"))
    assert imported(capsys, club, mended)[0] == 0
    assert club.org.members.person(club.org.members.find("old", "1").id).given_name == "J\u00fcrgen"


@pytest.mark.parametrize("first", ["sep=;\n", "SEP=;\r\n", "sep=;;;\n", '"sep=;"\n'])
def test_the_line_that_tells_excel_the_separator_is_no_header(make_club, tmp_path, capsys, first):
    """It is believed, and counted: the lines are those of the file."""
    club, out = make_club("club"), tmp_path / "out"
    people = f"\ufeff{first}id;given_name;birth_date\n1;Ana, Bea, Cem;1972-02-29\n2;Ben;1972-02-30\n"
    _, told = imported(capsys, club, write(tmp_path / "in", people=people), "--rejects", str(out))
    assert (told["people.csv"]["imported"], rejected(out, "people")) == (1, [("4", "birth_date", "input.invalid")])
    assert imported(capsys, club, out)[1]["people.csv"]["rejected"] == 1
    broken = write(tmp_path / "broken", people=f'{first}id;given_name\n1;Ana\n2;"Ben\n')
    assert run(club.arguments(broken)) == 1
    assert "begins in line 4 a quote" in capsys.readouterr().err
    broken = write(tmp_path / "latin", people=f"{first}id;given_name\n1;J\u00fcrgen\n".encode("cp1252"))
    assert run(club.arguments(broken)) == 1
    assert "line 3 is not in UTF-8" in capsys.readouterr().err


def test_a_file_is_found_however_it_is_capitalized(make_club, tmp_path, capsys):
    """What is left out without a word would be missed for years; of two nobody knows which is meant."""
    club, out = make_club("club"), tmp_path / "out"
    folder = write(tmp_path / "in", People="id,given_name\n1,Ana\n2,Ben,Cem\n")
    _, told = imported(capsys, club, folder, "--rejects", str(out))
    assert told["people.csv"]["imported"] == 1
    assert (out / "people.csv").is_file()
    write(folder, people="id,given_name\n3,Dot\n")
    if len(list(folder.iterdir())) == 2:
        assert run(club.arguments(folder)) == 1
        assert "people.csv is there, too; keep one of them" in capsys.readouterr().err


def test_a_last_day_is_told_as_the_last_day(make_club, tmp_path, capsys):
    """Not as the day after it, in a column that the file does not have."""
    club, out = make_club("club"), tmp_path / "out"
    folder = write(
        tmp_path / "in",
        people="id,given_name\n1,Ana\n",
        rates="id,code,term\nR,year,12 months\n",
        contracts="id,holder,rate,studio,signed_on\nC1,1,R,north,2020-01-01\nC2,1,R,north,2020-01-01\n",
        freezes="id,contract,since,last_day\nF1,C1,2020-03-10,2020-03-09\nF2,C1,2020-03-10,2020-03-10\n",
        cancellations="contract,received_on,last_day\nC1,2020-05-01,2020-04-01\nC2,2020-05-01,\n",
    )
    imported(capsys, club, folder, "--rejects", str(out))
    assert rejected(out, "freezes") == [("2", "last_day", "input.invalid")]
    assert rejected(out, "cancellations") == [
        ("2", "last_day", "cancellation.before_receipt"),
        ("3", "effective_on", "input.invalid"),
    ]
    told = (out / "freezes.csv").read_text(encoding="utf-8")
    assert "last_day: expected the first frozen day or a later one, got 2020-03-09" in told
    assert "a day here or in last_day" in (out / "cancellations.csv").read_text(encoding="utf-8")


def test_a_contract_without_a_studio_is_told_of_the_option(make_club, tmp_path, capsys):
    """Most clubs have one studio, and an old system of one studio exports no column of it."""
    club, out = make_club("club"), tmp_path / "out"
    folder = write(
        tmp_path / "in",
        people="id,given_name\n1,Ana\n",
        rates="id,code,term\nR,year,12 months\n",
        contracts="id,holder,rate,signed_on\nC1,1,R,2020-01-01\n",
    )
    imported(capsys, club, folder, "--rejects", str(out))
    assert rejected(out, "contracts") == [("2", "studio", "input.invalid")]
    assert "or one for all by --studio, got nothing" in (out / "contracts.csv").read_text(encoding="utf-8")
    assert imported(capsys, club, out, "--studio", "north")[0] == 0


def test_guardians_in_a_ring_are_told_without_ids_of_ours(make_club, tmp_path, capsys):
    """Nobody's own guardian, and no child's."""
    club, out = make_club("club"), tmp_path / "out"
    folder = write(tmp_path / "in", people="id,guardian\n1,2\n2,1\n3,3\n4,\n5,4\n6,5\n7,nobody\n")
    imported(capsys, club, folder, "--rejects", str(out))
    assert rejected(out, "people") == [
        ("2", "guardian", "import.no_guardian"),
        ("3", "guardian", "import.depends_on_rejected"),
        ("4", "guardian", "import.no_guardian"),
        ("7", "guardian", "import.no_guardian"),
        ("8", "guardian", "import.no_guardian"),
    ]


@pytest.mark.parametrize("said", ["29.02.2024", "2/29/2024", "2024/02/29", "2024-02-29 00:00:00", "29-02-24", "45351"])
def test_a_day_that_is_written_otherwise_has_a_hint(make_club, tmp_path, capsys, said):
    club, out = make_club("club"), tmp_path / "out"
    imported(capsys, club, write(tmp_path / "in", people=f"id,birth_date\n1,{said}\n"), "--rejects", str(out))
    assert "written as year-month-day, such as 2024-02-29" in (out / "people.csv").read_text(encoding="utf-8")


def test_rejects_are_not_written_over_what_is_imported(make_club, tmp_path, capsys):
    club, folder = make_club("club"), write(tmp_path / "in", people="id,given_name\n1,Ana\n")
    assert run(club.arguments(folder, "--rejects", str(folder))) == 1
    assert "rejects" in capsys.readouterr().err
    assert (folder / "people.csv").exists()


def test_what_was_rejected_in_words(make_club, tmp_path, capsys):
    club, folder = make_club("club"), write(tmp_path / "in", people="id,given_name\n1,Ana\n,Ben\n\n")
    assert run(club.arguments(folder, "--dry-run")) == 1
    said = capsys.readouterr().out
    assert "would go in" in said
    assert "Nothing was written." in said
    assert "--rejects FOLDER writes them" in " ".join(said.split())


def test_the_guide_lists_every_column():
    """As the reader has them."""
    guide = (ROOT / "docs" / "how-to" / "move-in.md").read_text(encoding="utf-8")
    listed = [line for line in guide.splitlines() if line.startswith(("| `", "| **`", "### "))]
    expected = []
    for table in FILES:
        expected.append(f"### {table.name}.csv")
        for each in table.columns:
            name = f"**`{each.name}`**" if each.required else f"`{each.name}`"
            expected.append(f"| {name} | {each.takes.replace('`|`', '`' + chr(92) + '|`')} |")
    assert listed == expected
