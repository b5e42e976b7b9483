"""Which database a command works on: ``--database URL``, or MEMBERLOGIC_DATABASE for the command line only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy.engine import URL, make_url

from memberlogic.errors import StorageUnavailable
from memberlogic_sqlalchemy.naming import named
from sqlalchemy import Engine, create_engine

__all__ = ["database_option", "database_or", "opened"]

F = TypeVar("F", bound=Callable[..., Any])

# The drivers that memberlogic is certified on, for URLs that name none.
_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
_OURS, _NAMES = "memberlogic_", ("schema", "prefix")
_EXTRAS = {"psycopg": "postgresql", "pymysql": "mariadb"}


def _url(_ctx: click.Context, _param: click.Parameter, value: str) -> URL:
    """A URL of a database; whatever is wrong with it, it is not said back: it may hold a password."""
    try:
        url = make_url(value)
    except Exception:
        raise click.BadParameter("this is no URL of a database; one looks like sqlite:///club.db") from None
    if url.drivername in _DRIVERS:
        url = url.set(drivername=_DRIVERS[url.drivername])
    if url.get_backend_name() not in ("sqlite", "postgresql", "mysql", "mariadb"):
        raise click.BadParameter("memberlogic works on sqlite, postgresql, mariadb and mysql")
    return url


def database_option(command: F) -> F:
    """The option ``--database``."""
    return click.option(
        "--database",
        metavar="URL",
        callback=_url,
        required=True,
        envvar="MEMBERLOGIC_DATABASE",
        show_envvar=True,
        help="URL of the database, such as sqlite:///club.db or postgresql://host/name; "
        "?memberlogic_schema= and ?memberlogic_prefix= say where our tables are.",
    )(command)


def database_or(file: Path) -> Callable[[F], F]:
    """The option ``--database`` where a file in the current folder is meant unless another one is named."""
    return click.option(
        "--database",
        metavar="URL",
        callback=_url,
        default=f"sqlite:///{file}",
        help=f"URL of the database; {file} in the current folder, made anew each time, if none is named.",
    )


@contextmanager
def opened(url: URL, *, may_create: bool = False) -> Iterator[Engine]:
    """An engine for a URL, disposed of at the end; every error says where, without the password.

    Raises:
        StorageUnavailable: for a SQLite file that is not there and may not be created.
    """
    file = url.database if url.get_backend_name() == "sqlite" else None
    if file and file != ":memory:" and not may_create and not Path(file).exists():
        raise StorageUnavailable(problem=f"there is no file {file}")
    where = _where(url)
    url = url.difference_update_query([f"{_OURS}{name}" for name in where])
    try:
        engine = create_engine(url)
    except ModuleNotFoundError as missing:
        extra = _EXTRAS.get(missing.name or "")
        how = f": python -m pip install 'memberlogic-sqlalchemy[{extra}]'" if extra else ""
        raise click.ClickException(f"the driver {missing.name} is not installed{how}") from None
    except Exception as error:
        raise click.UsageError(f"this URL cannot be used: {type(error).__name__}") from None
    try:
        yield named(engine, **where)
    except StorageUnavailable as error:
        raise StorageUnavailable(problem=f"{error.details['problem']} at {_place(url)}") from error
    finally:
        engine.dispose()


def _where(url: URL) -> dict[str, Any]:
    """Under which names our tables are, as the URL says."""
    return {name: url.query[f"{_OURS}{name}"] for name in _NAMES if f"{_OURS}{name}" in url.query}


def _place(url: URL) -> str:
    """Where a database is, and nothing of how one gets in."""
    host = f"{url.host}:{url.port}" if url.host and url.port else url.host or ""
    return f"{url.get_backend_name()}://{host}/{url.database or ''}"
