"""``memberlogic relay``: sending what the outbox holds."""

from __future__ import annotations

import sys
from datetime import timedelta
from functools import partial
from importlib import import_module
from threading import Event
from typing import Any

import click
from sqlalchemy.engine import URL

from memberlogic.application import MemberLogic
from memberlogic.converting import to_json
from memberlogic.errors import MemberLogicError
from memberlogic.notifying import Notifier
from memberlogic.relaying import RelayRun
from memberlogic_sqlalchemy import migrate
from memberlogic_sqlalchemy.cli.database import database_option, opened
from memberlogic_sqlalchemy.cli.showing import json_option, show
from memberlogic_sqlalchemy.storage import SqlAlchemyStorage

__all__ = ["relay"]


def _notifier(_ctx: click.Context, _param: click.Parameter, value: str) -> Notifier:
    """A notifier by where it is: ``club.sending:notifier``."""
    module, colon, name = value.partition(":")
    if not colon or not name:
        raise click.BadParameter(f"{value!r} is no place of an object such as club.sending:notifier")
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found: Any = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as problem:
        raise click.BadParameter(f"{value!r} cannot be imported: {problem}") from None
    if not callable(getattr(found, "send", None)) or isinstance(found, type):
        raise click.BadParameter(f"{value!r} is no notifier: an object with a method send(message)")
    notifier: Notifier = found
    return notifier


@click.command()
@database_option
@click.option(
    "--notifier", required=True, metavar="MODULE:NAME", callback=_notifier, help="What sends: club.sending:notifier."
)
@click.option(
    "--every",
    type=click.IntRange(1, 86_400),
    metavar="SECONDS",
    help="Go on for ever, pausing so long; else once.",
)
@click.option("--attempts", type=click.IntRange(1, 100), default=8, show_default=True, help="Tries until set aside.")
@json_option
def relay(database: URL, notifier: Notifier, every: int | None, attempts: int, as_json: bool) -> None:
    """Send what is due, of all organizations, each message at least once. May run in several processes at once."""
    with opened(database) as engine:
        migrate.check(engine)
        ml = MemberLogic(SqlAlchemyStorage(engine))
        told = partial(_told, as_json=as_json)
        if every is None:
            told(ml.relay(notifier, attempts=attempts))
        else:
            pause = timedelta(seconds=every)
            ml.keep_relaying(notifier, stopped=Event().wait, every=pause, told=told, attempts=attempts)


def _told(done: RelayRun | MemberLogicError, *, as_json: bool) -> None:
    if isinstance(done, MemberLogicError):
        click.echo(f"memberlogic: {done.code}: {done.message}", err=True)
        return
    words = (
        f"{done.sent} sent, {done.withheld} withheld, {done.postponed} postponed, {done.retried} to be tried again,"
        f" {done.set_aside} set aside."
    )
    show(to_json(done), words, as_json=as_json)
