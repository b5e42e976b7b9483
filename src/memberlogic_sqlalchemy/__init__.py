"""The relational adapter of memberlogic: SQLite, PostgreSQL, MariaDB and MySQL, in your transaction or its own."""

from memberlogic_sqlalchemy.autogenerate import build_metadata, include_name, include_object
from memberlogic_sqlalchemy.checking import Finding, recount
from memberlogic_sqlalchemy.joining import JoinedStorage
from memberlogic_sqlalchemy.migrate import check, upgrade
from memberlogic_sqlalchemy.naming import named
from memberlogic_sqlalchemy.storage import AsyncSqlAlchemyStorage, SqlAlchemyStorage

__all__ = [
    "AsyncSqlAlchemyStorage",
    "Finding",
    "JoinedStorage",
    "SqlAlchemyStorage",
    "build_metadata",
    "check",
    "include_name",
    "include_object",
    "named",
    "recount",
    "upgrade",
]
__version__ = "0.1.0"
