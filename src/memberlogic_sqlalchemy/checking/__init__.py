"""Recounting a database: every conservation property of the ledger (PTS), and everything that is stored although it
could be computed, counted again in SQL and compared. What differs is a :class:`Finding` that names the record.

Nothing is changed, and nothing is loaded row by row: each check is one statement over one consistent snapshot. Damage
that no command can do (a row edited by hand, a restore that lost a table) is what this is for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from attrs import field, frozen

from memberlogic.errors import JSON
from memberlogic.ids import OrganizationId
from memberlogic.inputs import require_id
from memberlogic_sqlalchemy import migrate
from memberlogic_sqlalchemy.checking import (
    adjustments,
    awards,
    care,
    care_settings,
    contracts,
    corrections,
    journals,
    ledger,
    loyalty,
    merging,
    messages,
    people,
    purchases,
    records,
    references,
    returns,
    visits,
    warnings,
)
from memberlogic_sqlalchemy.checking.check import Check
from memberlogic_sqlalchemy.translating import raised
from sqlalchemy import Connection, Engine, text

__all__ = ["CHECKS", "Finding", "recount"]

CHECKS: Sequence[Check] = (
    *references.CHECKS,
    *ledger.CHECKS,
    *adjustments.CHECKS,
    *journals.CHECKS,
    *awards.CHECKS,
    *corrections.CHECKS,
    *contracts.CHECKS,
    *care.CHECKS,
    *care_settings.CHECKS,
    *loyalty.CHECKS,
    *messages.CHECKS,
    *people.CHECKS,
    *merging.CHECKS,
    *purchases.CHECKS,
    *returns.CHECKS,
    *records.CHECKS,
    *visits.CHECKS,
    *warnings.CHECKS,
)
"""What is recounted, in this order."""

_HEX = re.compile(r"[0-9a-f]{32}")

Progress = Callable[[int, int], None]
"""Called after each check with how many are done, and of how many."""


@frozen(kw_only=True)
class Finding:
    """Something stored that is not what was counted.

    Attributes:
        check: which property does not hold, as a code that never changes.
        rule: the rule of the rule book that asks for it.
        says: the property, as a sentence.
        organization: whose record it is.
        records: the ids that lead to it, by kind (``entry``, ``lot``, ``account``, ``unit`` ...).
        stored: what the database says.
        counted: what it comes to.
    """

    check: str
    rule: str
    says: str
    organization: OrganizationId
    records: Mapping[str, str]
    stored: JSON = None
    counted: JSON = field(default=None)

    def text(self) -> str:
        """The finding as one line."""
        records = ", ".join(f"{kind} {id}" for kind, id in self.records.items())
        return (
            f"{self.check} ({self.rule}): {records}: stored {self.stored}, counted {self.counted}. {self.says}"
            f" [organization {self.organization}]"
        )


def recount(
    engine: Engine, *, organization: OrganizationId | None = None, progress: Progress | None = None
) -> list[Finding]:
    """Recount everything, or everything of one organization; an empty list says that all is well.

    Raises:
        SchemaOutdated: if the database has another version of the schema.
        StorageUnavailable: if it cannot be reached.
    """
    if organization is not None:
        require_id(organization, "organization")
    migrate.check(engine)
    findings: list[Finding] = []
    try:
        with _snapshot(engine) as connection:
            for done, check in enumerate(CHECKS, start=1):
                findings += _found(connection, check, organization)
                if progress is not None:
                    progress(done, len(CHECKS))
    except Exception as error:
        raise raised(error) from error
    return findings


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """One state of the database for all checks, on a transaction that leaves nothing."""
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("BEGIN"))
        else:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901
        yield connection
        connection.rollback()


def _found(connection: Connection, check: Check, organization: OrganizationId | None) -> Iterator[Finding]:
    for row in check.rows(connection, organization):
        named = dict(row)
        whose = named.pop("organization_id")
        stored, counted = named.pop("stored"), named.pop("counted")
        yield Finding(
            check=check.code,
            rule=check.rule,
            says=check.says,
            organization=OrganizationId(UUID(str(whose))),
            records={kind: str(_plain(value)) for kind, value in named.items()},
            stored=_plain(stored),
            counted=_plain(counted),
        )


def _plain(value: object) -> JSON:
    match value:
        case str() if _HEX.fullmatch(value):  # an id, where the database has no type for them
            return str(UUID(value))
        case None | bool() | int() | str():
            return value
        case Decimal():
            return int(value)
        case datetime() | date():
            return value.isoformat()
        case UUID():
            return str(value)
        case _:  # pragma: no cover - no check selects anything else
            return repr(value)
