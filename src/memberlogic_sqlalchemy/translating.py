"""What a driver's error means (COM-15, COM-16): tried again, or the store is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from memberlogic.errors import WAITED, ConcurrencyConflict, MemberLogicError, StorageUnavailable

__all__ = ["raised", "translated", "translating"]

# Serialization failure, deadlock, lock not available, prepared statement discarded (PostgreSQL); deadlock, record
# changed, lock wait timeout (MariaDB, MySQL).
_RETRYABLE_STATES = {"40001": "serialization", "40P01": "deadlock", "55P03": WAITED, "26000": "discarded"}
_RETRYABLE_NUMBERS = {1213: "deadlock", 1020: "record changed", 1205: WAITED}
_DUPLICATE_NUMBERS = {1062, 1586}
# What a rollback to a savepoint does not mend. PostgreSQL keeps the transaction of a deadlock's loser up to its
# savepoint; MariaDB throws it away.
_LOST_TRANSACTION = {
    "postgresql": {"serialization"},
    "mysql": {"deadlock", "record changed"},
    "mariadb": {"deadlock", "record changed"},
    "sqlite": {"busy snapshot"},
}
_DRIVERS = {"sqlite3", "psycopg", "psycopg2", "pymysql", "MySQLdb", "asyncpg", "aiosqlite", "mariadb", "sqlalchemy"}
_CONSTRAINT = re.compile(r"\b((?:ck|uq|pk|fk)_ml_\w+)")

# A constraint that only another command can have broken in between.
_RACES = {
    "uq_ml_headers_key": "the idempotency key was used at the same moment",
    "uq_ml_accounts_own": "the member opened another account",
    "ck_ml_accounts_version": "the account was changed",
    "ck_ml_members_version": "the member was changed",
    "uq_ml_members_support_id": "the support id was taken at the same moment",
    "uq_ml_contact_points_key": "the contact point was taken at the same moment",
    "ck_ml_clubs_version": "the club was changed",
    "ck_ml_contracts_version": "the contract was changed",
    "ck_ml_care_runs_version": "the run was changed",
    "ck_ml_care_guard_version": "another flow was assigned at the same moment",
    "ck_ml_rates_version": "the rate was changed",
    "uq_ml_care_flows_name": "the name of the flow was taken at the same moment",
    "uq_ml_care_configurations_name": "the name of the configuration was taken at the same moment",
    "ck_ml_care_studios_version": "the studio was given another configuration",
    "ck_ml_lots_remaining": "the points were taken",
    "ck_ml_wallets_remaining": "the points were taken",
    "ck_ml_wallets_debt": "the debt was settled",
    "uq_ml_awards_external": "the event was awarded at the same moment",
    "uq_ml_tags_key": "the tag was written at the same moment",
    "fk_ml_member_tags_tag": "the tag was forgotten at the same moment",
    "uq_ml_adjustments_turn": "the same person adjusted at the same moment",
    "uq_ml_purchases_external": "the purchase was recorded at the same moment",
}
# A key that is taken although it was looked up: another command took it in between.
_TAKEN = "a record with the same key came in between"


def translated(error: Exception, *, joined: str | None) -> MemberLogicError | None:
    """Our error for a driver's, or None if it is no error of a database."""
    module = type(error).__module__.partition(".")[0]
    if module not in _DRIVERS:
        return None
    reason = _retryable(error)
    if reason is not None:
        return ConcurrencyConflict(reason=reason, transaction_lost=reason in _LOST_TRANSACTION.get(joined or "", ()))
    constraint = _broken(error)
    if constraint in _RACES:
        return ConcurrencyConflict(reason=_RACES[constraint])
    if _duplicate(error):
        return ConcurrencyConflict(reason=_TAKEN)
    state = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None) or _number(error)
    return StorageUnavailable(problem=f"{module}.{type(error).__name__} {constraint or state or ''}".rstrip())


def raised(error: BaseException, *, joined: str | None = None) -> BaseException:
    """What leaves a unit of work: our error for a driver's, anything else as it is. ``joined`` names the database if
    the transaction is the host's.
    """
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(error, MemberLogicError) or not isinstance(cause, Exception):
        return error
    return translated(cause, joined=joined) or error


@contextmanager
def translating() -> Iterator[None]:
    """Errors of a driver as ours."""
    try:
        yield
    except Exception as error:
        made = raised(error)
        if made is error:
            raise
        raise made from error


def _retryable(error: Exception) -> str | None:
    # The number first: MariaDB's state for a deadlock is the one of a serialization failure.
    number = _number(error)
    if number in _RETRYABLE_NUMBERS:
        return _RETRYABLE_NUMBERS[number]
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    if state in _RETRYABLE_STATES:
        return _RETRYABLE_STATES[state]
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_BUSY_SNAPSHOT":
        return "busy snapshot"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "busy"
    return None


def _broken(error: Exception) -> str | None:
    diagnosis = getattr(error, "diag", None)
    named = getattr(diagnosis, "constraint_name", None) or getattr(error, "constraint_name", None)
    if named:
        return str(named)
    found = _CONSTRAINT.search(str(error))
    return found.group(1) if found else None


def _number(error: Exception) -> int | None:
    return error.args[0] if error.args and isinstance(error.args[0], int) else None


def _duplicate(error: Exception) -> bool:
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    number = _number(error)
    return state == "23505" or number in _DUPLICATE_NUMBERS or "UNIQUE constraint failed" in str(error)
