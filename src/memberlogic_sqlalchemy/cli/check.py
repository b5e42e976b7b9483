"""``memberlogic check``: recounting a database."""

from __future__ import annotations

from uuid import UUID

import click
from sqlalchemy.engine import URL

from memberlogic.converting import to_json
from memberlogic.ids import OrganizationId
from memberlogic_sqlalchemy.checking import CHECKS, recount
from memberlogic_sqlalchemy.cli.database import database_option, opened
from memberlogic_sqlalchemy.cli.showing import json_option, show, working

__all__ = ["check"]


@click.command()
@database_option
@click.option("--organization", type=click.UUID, help="Recount one organization only.")
@json_option
def check(database: URL, organization: UUID | None, as_json: bool) -> int:
    """Recount every conservation property and name what is wrong; exit code 1 if anything is."""
    whose = None if organization is None else OrganizationId(organization)
    with opened(database) as engine, working("recounting", len(CHECKS)) as progress:
        findings = recount(engine, organization=whose, progress=lambda done, _: progress(done))
    words = [f"{len(CHECKS)} checks: all is well." if not findings else f"{len(findings)} findings:"]
    words += [finding.text() for finding in findings]
    show({"checks": len(CHECKS), "findings": to_json(findings)}, "\n".join(words), as_json=as_json)
    return 1 if findings else 0
