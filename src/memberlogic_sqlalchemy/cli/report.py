"""``memberlogic report``: one page about a club or an account, which opens anywhere and needs nothing."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from sqlalchemy.engine import URL

from memberlogic.actors import Actor
from memberlogic.application import Handle, MemberLogic
from memberlogic.clock import FixedClock, SystemClock
from memberlogic.errors import MemberLogicError
from memberlogic.ids import AccountId, ClubId, OrganizationId
from memberlogic_sqlalchemy import migrate, tables
from memberlogic_sqlalchemy.cli.database import database_option, opened
from memberlogic_sqlalchemy.cli.figures import as_stored
from memberlogic_sqlalchemy.cli.jobs import instant
from memberlogic_sqlalchemy.cli.showing import json_option, show
from memberlogic_sqlalchemy.cli.stored import NoClub, as_id, as_instant
from memberlogic_sqlalchemy.storage import SqlAlchemyStorage
from sqlalchemy import Connection, Engine, func, select

__all__ = ["report", "write_account", "write_club"]

_a, _c = tables.accounts.c, tables.clubs.c
_MONTHS = 12


class NoAccount(MemberLogicError):
    """The account that was named is not there."""

    code = "cli.no_account"
    sentence = "The database holds no account {account}."


class TooEarly(MemberLogicError):
    """A report of an instant after which something took effect would mix two."""

    code = "cli.too_early"
    sentence = "Something took effect at {last}; a report is as of then or later."


@click.command()
@database_option
@click.option("--club", type=click.UUID, help="Report on this club.")
@click.option("--account", type=click.UUID, help="Report on this account.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    required=True,
    help="The file to write, an HTML page.",
)
@click.option(
    "--as-of", metavar="INSTANT", callback=instant, help="As of then, such as 2026-01-31T00:00:00Z; else now."
)
@click.option(
    "--months", type=click.IntRange(0, 600), default=_MONTHS, show_default=True, help="How many months to look back."
)
@json_option
def report(
    database: URL,
    club: UUID | None,
    account: UUID | None,
    out: Path,
    as_of: datetime | None,
    months: int,
    as_json: bool,
) -> None:
    """Write one HTML page about a club or an account; --json answers its figures, too.

    The page needs no network, no script and no font file; it fits a phone, a screen in the dark, and paper.
    """
    if (club is None) == (account is None):
        raise click.UsageError("name either --club or --account")
    with opened(database) as engine:
        migrate.check(engine)
        at = SystemClock().now() if as_of is None else as_instant(as_of)
        if club is not None:
            with engine.connect() as connection:
                organization = _of_club(connection, club, at)
            said = write_club(engine, organization, ClubId(club), at, out, months)
        else:
            assert account is not None
            with engine.connect() as connection:
                organization = _of_account(connection, account, at)
            said = write_account(engine, organization, AccountId(account), at, out)
    show(said, f"Written to {out}.", as_json=as_json)


def write_club(
    engine: Engine, organization: OrganizationId, club: ClubId, at: datetime, out: Path, months: int = _MONTHS
) -> dict[str, Any]:
    """Write the page of a club; its figures as JSON values."""
    from memberlogic_sqlalchemy.cli.club_report import club_figures, club_page

    found = club_figures(_org(engine, organization, at), club, at, months)
    _write(out, club_page(found))
    return found.to_json()


def write_account(
    engine: Engine, organization: OrganizationId, account: AccountId, at: datetime, out: Path
) -> dict[str, Any]:
    """Write the page of an account; its figures as JSON values."""
    from memberlogic_sqlalchemy.cli.account_report import account_figures, account_page

    found = account_figures(_org(engine, organization, at), account, at)
    _write(out, account_page(found))
    return found.to_json()


def _org(engine: Engine, organization: OrganizationId, at: datetime) -> Handle:
    return MemberLogic(SqlAlchemyStorage(engine), clock=FixedClock(at)).organization(organization, Actor.system())


def _write(out: Path, page: Any) -> None:
    out.write_text(import_module("memberlogic_sqlalchemy.cli.page").rendered(page), encoding="utf-8")


def _of_club(connection: Connection, club: UUID, at: datetime) -> OrganizationId:
    found = connection.execute(select(_c.organization_id).where(_c.id == as_stored(connection, club))).first()
    if found is None:
        raise NoClub(club=str(club))
    here = _a.club_id == as_stored(connection, club)
    last = connection.execute(select(func.max(_a.effective_at)).where(here)).scalar_one()
    _not_before(last, at)
    return OrganizationId(as_id(found[0]))


def _of_account(connection: Connection, account: UUID, at: datetime) -> OrganizationId:
    here = _a.id == as_stored(connection, account)
    found = connection.execute(select(_a.organization_id, _a.effective_at).where(here)).first()
    if found is None:
        raise NoAccount(account=str(account))
    _not_before(found[1], at)
    return OrganizationId(as_id(found[0]))


def _not_before(last: datetime | None, at: datetime) -> None:
    if last is not None and as_instant(last) > at:
        raise TooEarly(last=as_instant(last).isoformat())
