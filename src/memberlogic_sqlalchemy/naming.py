"""Where our tables are: in a schema of the host's, or under another prefix than ``ml_``.

Tables are declared once, with our own names. What writes a name into SQL is the identifier preparer of SQLAlchemy's
dialect; on an engine that was :func:`named`, it writes the host's.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import field, frozen
from sqlalchemy.engine import Dialect

from memberlogic.errors import InvalidInput
from memberlogic.inputs import describe, require_instance
from memberlogic_sqlalchemy.tables import VERSION_TABLE, metadata
from sqlalchemy import Engine

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

__all__ = ["PREFIX", "Names", "checked", "named", "names_of", "speaking"]

PREFIX = "ml_"

_SCHEMA = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,19}")

EngineT = TypeVar("EngineT", bound="Engine | AsyncEngine")


@frozen
class Names:
    """A schema and a prefix. Constraints and indexes keep their names, which begin with what they are."""

    schema: str | None = field(default=None)
    prefix: str = field(default=PREFIX)

    @schema.validator
    def _require_schema(self, _: Any, value: object) -> None:
        if value is not None and not (isinstance(value, str) and _SCHEMA.fullmatch(value)):
            raise InvalidInput(path="schema", expected="a name of letters, digits and _", got=describe(value))

    @prefix.validator
    def _require_prefix(self, _: Any, value: object) -> None:
        plain = isinstance(value, str) and _PREFIX.fullmatch(value) is not None
        if not plain or (value != PREFIX and str(value).startswith(PREFIX)):
            expected = f"1 to 20 small letters, digits or _, beginning with a letter and not with {PREFIX}"
            raise InvalidInput(path="prefix", expected=expected, got=describe(value))

    def of(self, name: str) -> str:
        """What one of our tables is called there."""
        return self.prefix + name.removeprefix(PREFIX)

    def ours(self) -> frozenset[str]:
        """All our tables as they are called there, the one with the version too."""
        return frozenset(map(self.of, (*metadata.tables, VERSION_TABLE)))


@cache
def _declared() -> frozenset[str]:
    return frozenset((*metadata.tables, VERSION_TABLE))


class _Naming:
    """What a dialect's identifier preparer does with our names, before it does with them what it does with all."""

    names: Names

    def quote(self, ident: Any) -> str:
        quoted: str = super().quote(self.names.of(ident) if ident in _declared() else ident)  # type: ignore[misc]
        return quoted

    def schema_for_object(self, each: Any) -> str | None:
        schema: str | None = each.schema
        return self.names.schema if schema is None and getattr(each, "name", None) in _declared() else schema


@cache
def _preparer(kind: Any, names: Names) -> Any:
    return type(f"Naming{kind.__name__}", (_Naming, kind), {"names": names})


def speaking(dialect: Dialect, names: Names) -> Dialect:
    """The dialect that was given, which from now on writes our tables under these names."""
    if names != names_of(dialect):
        kind: Any = next(each for each in dialect.preparer.__mro__ if not issubclass(each, _Naming))
        dialect.preparer = _preparer(kind, names)
        dialect.identifier_preparer = dialect.preparer(dialect)
    return dialect


def names_of(dialect: Dialect) -> Names:
    """Under which names a dialect writes our tables."""
    found: Names = getattr(dialect.identifier_preparer, "names", _OURS)
    return found


_OURS = Names()


def checked(names: Names, dialect: Dialect) -> Names:
    """Names that a database can have. Raises ``InvalidInput``."""
    if names.schema is not None and dialect.name == "sqlite":
        raise InvalidInput(path="schema", expected="none on SQLite, which has no schemas", got=describe(names.schema))
    return names


def named(engine: EngineT, *, schema: str | None = None, prefix: str = PREFIX) -> EngineT:
    """Have an engine find our tables in a schema, or under a prefix; say it once, where the engine is made::

        engine = named(create_engine(url), schema="loyalty")

    The same engine is answered, and everything that is given it uses these names: :func:`upgrade`, :func:`check`,
    :class:`SqlAlchemyStorage`, Sessions and Connections of yours that are joined, :func:`recount`. Tables of yours are
    not touched.

    Args:
        engine: an Engine or an AsyncEngine.
        schema: a schema of PostgreSQL, or a database of MariaDB or MySQL on the same server; it has to be there.
        prefix: what the names of our tables begin with.

    Raises:
        InvalidInput: for a schema on SQLite, which has none, or for what is no name.
    """
    plain: Any = getattr(engine, "sync_engine", engine)
    require_instance(plain, Engine, "engine", "an Engine or an AsyncEngine")
    speaking(plain.dialect, checked(Names(schema, prefix), plain.dialect))
    plain.clear_compiled_cache()
    return engine
