"""The group of commands, each in a module of its own that is loaded when it is called, and how errors leave."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

import memberlogic_sqlalchemy
from memberlogic.errors import MemberLogicError
from memberlogic_sqlalchemy.translating import raised

__all__ = ["COMMANDS", "cli", "run"]

COMMANDS = {
    "check": "check:check",
    "db": "db:db",
    "demo": "demo:demo",
    "import": "importing:import_",
    "jobs": "jobs:jobs",
    "relay": "relaying:relay",
    "replay": "replay:replay",
    "report": "report:report",
    "simulate": "simulate:simulate",
}
"""Each command's module and object; the command's own docstring is its help."""


class _Lazy(click.Group):
    """Commands that are imported when they are asked for."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"memberlogic_sqlalchemy.cli.{module}"), name)
        return command


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(memberlogic_sqlalchemy.__version__, prog_name="memberlogic")
def cli() -> None:
    """memberlogic on a database: its schema, its jobs, its books."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line and answer its exit code: 0 done, 1 refused or found wrong, 2 not understood."""
    try:
        code: Any = cli.main(list(arguments), prog_name="memberlogic", standalone_mode=False)
    except (click.ClickException, click.Abort, KeyboardInterrupt, MemberLogicError, SQLAlchemyError, OSError) as error:
        problem, code = _told(error)
        click.echo(problem, err=True)
    return code if isinstance(code, int) else 0


def _told(error: BaseException) -> tuple[str, int]:
    """An error as one line, and the exit code."""
    match error:
        case click.exceptions.NoArgsIsHelpError():
            return error.format_message(), 2
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else "memberlogic"
            problem, code = f"{error.format_message()} (see {command} --help)", 2
        case click.ClickException():
            problem, code = error.format_message(), 1
        case click.Abort() | KeyboardInterrupt():
            problem, code = "stopped; what was done is done, run it again to go on", 130
        case MemberLogicError():
            problem, code = f"{error.code}: {error.message}", 1
        case OSError():
            problem, code = f"{error.strerror or type(error).__name__}: {error.filename or 'no file'}", 1
        case _:
            ours = raised(error)
            return _told(ours) if isinstance(ours, MemberLogicError) else (f"memberlogic: {type(error).__name__}", 1)
    return f"memberlogic: {' '.join(problem.split())}", code
