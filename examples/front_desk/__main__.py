"""Serve the front desk of a demonstration club: ``python -m examples.front_desk``."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import uvicorn
from examples.front_desk.app import front_desk
from examples.front_desk.desk import Desk
from examples.front_desk.seeding import FIRST_CARD, PEOPLE, seed
from sqlalchemy.exc import SQLAlchemyError

from memberlogic import MemberLogic, MemberLogicError, SystemClock
from memberlogic.errors import NotFound
from memberlogic_sqlalchemy import SqlAlchemyStorage, upgrade
from sqlalchemy import create_engine, inspect

_HERE = "127.0.0.1"


class CannotStart(Exception):
    """Why the desk does not start, in a line."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, and the code for a command that was typed wrong."""
        self.exit(2, f"{message}\n")


class _Server(uvicorn.Server):
    """Says where it is once it serves, not before."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        cards = f"{FIRST_CARD} to {FIRST_CARD + len(PEOPLE) - 1}"
        print(f"http://{_HERE}:{port}/ - try the cards {cards}, or a name. Ctrl-C ends it.", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the club if its file is not there, and serve it on this computer only."""
    parser = _Parser(prog="python -m examples.front_desk", description=__doc__)
    parser.add_argument("--file", type=Path, default=Path("front_desk.db"), help="the SQLite file of the club")
    parser.add_argument("--port", type=_port, default=8300)
    said = parser.parse_args(arguments)
    try:
        with _bound(said.port) as door:
            # No access log: what is typed into the search box is somebody's name.
            config = uvicorn.Config(front_desk(_desk(said.file)), log_level="warning", access_log=False)
            _Server(config).run(sockets=[door])
    except CannotStart as why:
        sys.exit(str(why))


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port; it is a number from 0 to 65535")
    return int(text)


def _bound(port: int) -> socket.socket:
    """The port, before a club is made for it."""
    door = socket.socket()
    if os.name == "posix":
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((_HERE, port))
        door.listen()
    except OSError as problem:
        door.close()
        raise CannotStart(f"Port {port} cannot be used ({problem.strerror}); name another one with --port.") from None
    return door


def _desk(file: Path) -> Desk:
    try:
        if not file.exists():
            make(file)
        engine = create_engine(f"sqlite:///{file}")
        if not any(each.startswith("ml_") for each in inspect(engine).get_table_names()):
            raise CannotStart(f"{file} is no file of a club; name another one with --file.")
        upgrade(engine)
        return Desk.of_demonstration(MemberLogic(SqlAlchemyStorage(engine)))
    except NotFound:
        raise CannotStart(
            f"{file} holds another club than the demonstration's; name another file with --file. "
            "How to put a desk before a club of your own: docs/how-to/front-desk.md."
        ) from None
    except (OSError, SQLAlchemyError, MemberLogicError) as problem:
        why = str(getattr(problem, "orig", None) or getattr(problem, "strerror", None) or problem)
        raise CannotStart(f"{file} cannot be used as the club's file ({why}); name another one with --file.") from None


def make(file: Path) -> None:
    """Make the club beside its file, which is there only once it is whole."""
    beside = file.with_name(f"{file.name}.new")
    beside.unlink(missing_ok=True)
    print(f"Making a club in {file} …", flush=True)
    engine = create_engine(f"sqlite:///{beside}")
    upgrade(engine)
    seed(SqlAlchemyStorage(engine), SystemClock().now())
    engine.dispose()
    beside.replace(file)


if __name__ == "__main__":
    main()
