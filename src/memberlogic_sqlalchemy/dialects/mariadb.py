"""MariaDB and MySQL. READ COMMITTED by name: with the default isolation, what is read after waiting for a lock is as
old as the transaction's first read.
"""

from __future__ import annotations

from collections.abc import Sequence

from memberlogic_sqlalchemy.dialects.base import Wire
from memberlogic_sqlalchemy.values import UTC_NAIVE

__all__ = ["MariaDBWire"]

_PATIENCE = "SET innodb_lock_wait_timeout = 10"


class MariaDBWire(Wire):
    """PyMySQL and other DB-API drivers."""

    codec = UTC_NAIVE

    def begin_work(self) -> Sequence[str]:
        """Both end with the transaction."""
        return (_PATIENCE, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "START TRANSACTION")

    def begin_reading(self) -> Sequence[str]:
        """One snapshot for all queries."""
        return (
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
        )
