"""COM-1: every statement names the organization, but those that look for what is due over all of them."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest
from sqlalchemy.dialects import sqlite

import memberlogic_sqlalchemy
from memberlogic_sqlalchemy.dialects.base import positional
from memberlogic_sqlalchemy.statements import Statement

FOR_ALL = {"memberlogic_sqlalchemy.agenda", "memberlogic_sqlalchemy.outbox"}
"""What the jobs and the relay look for; each row says whose it is."""


def statements():
    """Every statement that stands when the adapter has been imported, with a module that names it."""
    for each in pkgutil.walk_packages(memberlogic_sqlalchemy.__path__, "memberlogic_sqlalchemy."):
        if not re.search(r"\.(migrations|cli|django|__main__)\b", each.name):
            module = importlib.import_module(each.name)
            for value in vars(module).values():
                held = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
                yield from ((one, module.__name__) for one in held if isinstance(one, Statement))


@pytest.mark.rule("COM-1")
def test_every_statement_names_the_organization():
    dialect = positional(sqlite.dialect())
    found = list(statements())
    assert len(found) > 250
    for statement, module in found:
        said = statement.on(dialect)[0]
        inserts = re.match(r"INSERT INTO ml_\w+ \(organization_id, ", said)
        if not inserts and not re.search(r"organization_id = \?", said):
            assert module in FOR_ALL, said
            assert "organization_id" in said.partition("FROM")[0], said
