"""Signposts of records that became one with others (MEM-17): where they lead, and that nothing is kept under them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from memberlogic.ledger.model import AccountState
from memberlogic.members import MemberState
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check, differing
from sqlalchemy import Column, Table, and_, exists, literal_column, null, or_

__all__ = ["CHECKS"]

_m, _a = tables.members.c, tables.accounts.c
_led, _into = tables.members.alias(), tables.accounts.alias()
_KEPT = (
    tables.contact_points.c.member_id,
    tables.confirmations.c.member_id,
    tables.consents.c.member_id,
    tables.inquiries.c.member_id,
    tables.leads.c.member_id,
    tables.notes.c.member_id,
    tables.member_tags.c.member_id,
    tables.parameter_values.c.member_id,
    tables.search_keys.c.member_id,
    tables.event_members.c.member_id,
    tables.outbox.c.member_id,
    tables.people.c.guardian_id,
    tables.contract_members.c.member_id,
    tables.member_spans.c.member_id,
    tables.visits.c.member_id,
    tables.suspensions.c.member_id,
    tables.visitor_passes.c.member_id,
    tables.visitor_passes.c.host_id,
    tables.billing.c.member_id,
    tables.care_runs.c.member_id,
    tables.care_awaits.c.member_id,
    tables.account_holders.c.member_id,
    tables.accounts.c.owner_id,
    tables.awards.c.member_id,
    tables.award_gifts.c.member_id,
    tables.external_ids.c.id,
)
"""Everything that names a member and is not what once happened."""
_KEPT_OF_ACCOUNTS = (
    tables.purchases.c.account_id,
    tables.returns.c.account_id,
    tables.awards.c.account_id,
    tables.external_ids.c.id,
)


def _names(column: Column[Any], of: Table) -> Any:
    return exists().where(column.table.c.organization_id == of.c.organization_id, column == of.c.id)


_MEMBER = differing(
    "member.merged",
    "MEM-17",
    "A record that was merged is in no list and leads to one that is there and leads nowhere.",
    of=tables.members.outerjoin(
        _led, and_(_led.c.organization_id == _m.organization_id, _led.c.id == _m.merged_into_id)
    ),
    ids={"member": _m.id},
    stored=_m.merged_into_id,
    counted=_led.c.id,
    wrong=and_(
        _m.merged_into_id.is_not(None),
        or_(
            _led.c.id.is_(None),
            _led.c.merged_into_id.is_not(None),
            _m.deleted == literal_column("0", _m.deleted.type),
            _m.state != MemberState.ANONYMISED.value,
        ),
    ),
)
_NOTHING_KEPT = differing(
    "member.signpost",
    "MEM-17",
    "Nothing is kept under the id of a record that was merged: it is the other one's.",
    of=tables.members,
    ids={"member": _m.id},
    stored=_m.merged_into_id,
    counted=null(),
    wrong=and_(_m.merged_into_id.is_not(None), or_(*(_names(column, tables.members) for column in _KEPT))),
)
_ACCOUNT = differing(
    "account.merged",
    "MEM-17",
    "An account that became one with another is closed, and leads to one of the same club and owner that leads nowhere;"
    " its purchases, returns, awards and external ids are there.",
    of=tables.accounts.outerjoin(
        _into, and_(_into.c.organization_id == _a.organization_id, _into.c.id == _a.merged_into_id)
    ),
    ids={"account": _a.id},
    stored=_a.merged_into_id,
    counted=_into.c.id,
    wrong=and_(
        _a.merged_into_id.is_not(None),
        or_(
            _into.c.id.is_(None),
            _into.c.merged_into_id.is_not(None),
            _into.c.club_id != _a.club_id,
            _into.c.owner_id != _a.owner_id,
            _a.state != AccountState.CLOSED.value,
            *(_names(column, tables.accounts) for column in _KEPT_OF_ACCOUNTS),
        ),
    ),
)

CHECKS: Sequence[Check] = (_MEMBER, _NOTHING_KEPT, _ACCOUNT)
