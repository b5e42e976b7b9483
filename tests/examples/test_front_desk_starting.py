"""Starting the front desk: what is in the way is said in one line, and no address before it serves."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import subprocess
import sys
from zoneinfo import ZoneInfo

import pytest
from examples.front_desk.__main__ import main

from memberlogic import MemberLogic
from memberlogic_sqlalchemy import SqlAlchemyStorage, upgrade
from sqlalchemy import create_engine


def _refused(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said = capsys.readouterr()
    assert "http://" not in said.out
    code = ended.value.code
    return (code, said.err.strip()) if isinstance(code, int) else (1, code)


@pytest.mark.parametrize("port", ["99999", "-1", "eighty", ""])
def test_what_is_no_port_is_a_command_typed_wrong(capsys, tmp_path, port):
    code, said = _refused(capsys, "--file", str(tmp_path / "club.db"), f"--port={port}")
    assert code == 2
    assert "a number from 0 to 65535" in said
    assert "\n" not in said


def test_a_port_in_use_is_said_before_a_club_is_made(capsys, tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, said = _refused(capsys, "--file", str(tmp_path / "club.db"), "--port", str(port))
    assert code == 1
    assert f"Port {port} cannot be used" in said
    assert "\n" not in said
    assert not (tmp_path / "club.db").exists()


def test_a_file_that_is_no_club_is_said_and_left_alone(capsys, tmp_path):
    text, other, empty = tmp_path / "text.db", tmp_path / "other.db", tmp_path / "empty.db"
    text.write_text("no database " * 100)
    empty.touch()
    with sqlite3.connect(other) as made:
        made.execute("CREATE TABLE things (a)")
    made.close()
    for file in (text, other, empty, tmp_path, tmp_path / "nowhere" / "club.db"):
        before = file.read_bytes() if file.is_file() else None
        code, said = _refused(capsys, "--file", str(file), "--port", "0")
        assert code == 1
        assert str(file) in said
        assert "\n" not in said
        assert (file.read_bytes() if file.is_file() else None) == before


def test_a_club_of_ones_own_is_told_where_to_go(capsys, tmp_path):
    file = tmp_path / "mine.db"
    engine = create_engine(f"sqlite:///{file}")
    upgrade(engine)
    MemberLogic(SqlAlchemyStorage(engine)).open_organization(name="Northside", zone=ZoneInfo("Europe/Berlin"))
    engine.dispose()
    code, said = _refused(capsys, "--file", str(file), "--port", "0")
    assert code == 1
    assert f"{file} holds another club" in said
    assert "docs/how-to/front-desk.md" in said
    assert "\n" not in said


def test_the_address_is_printed_and_serves(club, tmp_path):
    file = tmp_path / "club.db"
    shutil.copy(club, file)
    command = [sys.executable, "-m", "examples.front_desk", "--file", str(file), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as desk:
        try:
            assert desk.stdout is not None
            address = desk.stdout.readline().split()[0].removeprefix("http://").rstrip("/")
            host, _, port = address.partition(":")
            with socket.create_connection((host, int(port)), timeout=30) as line:
                line.sendall(b"GET /clerk HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
                assert b"200 OK" in line.recv(4096)
        finally:
            desk.terminate()
