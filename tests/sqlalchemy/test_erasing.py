"""MEM-16: what is physically deleted, statement by statement. Everything else stays for ever."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from memberlogic_sqlalchemy.tables import metadata

ADAPTER = Path(__file__).parent.parent.parent / "src" / "memberlogic_sqlalchemy"

ALLOWED = {
    ("account_holders", "loyalty.py"): "a holder leaves a joint account; the event keeps who it was",
    ("account_holders", "merging.py"): "one person held an account by two records; the event keeps both (MEM-17)",
    ("billing", "merging.py"): "what billing said last of either record is kept (MEM-17)",
    ("billing", "suspensions.py"): "what billing said last takes the place of what it said before",
    ("care_awaits", "care_runs.py"): "computed of the run, and made anew with each change",
    (
        "care_pauses",
        "care_runs.py",
    ): "computed of the member and of what stood still before, made anew together",
    ("confirmations", "confirmations.py"): "a token is asked for anew, used up, or its contact point is gone",
    ("contact_points", "contact_points.py"): "personal: removed by the member, or erased (MEM-9)",
    ("contract_spans", "contracts.py"): "computed of the contract's facts, and made anew with each change",
    ("event_members", "merging.py"): "an event concerned one person by two records; the event keeps both (MEM-17)",
    ("external_ids", "organizations.py"): "personal: erased, but those of sources that are kept (MEM-9)",
    ("inquiry_notes", "leads.py"): "personal: erased (MEM-9); the inquiries stay",
    ("journal_lines", "journals.py"): "lines of a journal that is drafted anew, of which nothing was posted",
    ("leads", "leads.py"): "a lead source is replaced; the event keeps what it was",
    ("member_spans", "members.py"): "computed of the contracts, and made anew with each change",
    ("member_tags", "tags.py"): "personal: a tag is taken off, or erased (MEM-9)",
    ("notes", "notes.py"): "personal: erased (MEM-9); what refers to them stays",
    ("parameter_values", "parameters.py"): "replaced or cleared by the organization; personal ones erased (MEM-9)",
    ("people", "people.py"): "replaced by what is known from now on; emptied when erased (MEM-9)",
    ("search_keys", "search_keys.py"): "computed of what is known, and erased with it",
    ("tags", "tags.py"): "personal: erased once nobody carries them (MEM-9)",
}
"""Every DELETE of the adapter: the table, the file, and why that is no loss."""


def deleting() -> set[tuple[str, str]]:
    """The tables that the adapter's statements delete from, and where they are written."""
    found = set()
    for path in sorted(ADAPTER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value.upper()
                assert not text.startswith(("DELETE ", "TRUNCATE ")), f"{path.name} deletes by a text: {node.value}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "delete":
                (table,) = node.args
                assert isinstance(table, ast.Attribute), f"{path.name}:{node.lineno} deletes from no table by name"
                found.add((table.attr, path.name))
    return found


@pytest.mark.rule("MEM-16")
def test_nothing_else_is_physically_deleted():
    there = {(table, file) for table, file in ALLOWED if f"ml_{table}" in metadata.tables}
    assert deleting() == there


@pytest.mark.rule("MEM-16")
def test_what_happened_is_never_deleted():
    tables = {table for table, _ in ALLOWED}
    for kept in ("events", "headers", "entries", "lots", "slices", "holds", "purchases", "returns", "awards", "members",
                 "contracts", "contract_payments", "contract_freezes", "contract_members", "consents", "inquiries",
                 "accounts", "wallets", "journals", "scheme_changes", "outbox"):  # fmt: skip
        assert kept not in tables
        assert f"ml_{kept}" in metadata.tables
