"""MEM-15: what each event says in one line, made when it is read; and which permission its area's data needs (COM-13).

A line is a template over the event's ids, codes and amounts. What stands in square brackets is left out where a field
in it says nothing. An event that is not in the table, such as one of a newer part, is told by its type and needs
``members:read``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any

from memberlogic.amounts import Money
from memberlogic.events import Event
from memberlogic.ids import ExternalId

__all__ = ["LINES", "area_of", "filled", "line"]

_ACCOUNT = "[ (account {account})]"

LINES: Mapping[str, Mapping[str, str]] = {
    "members:read": {
        "member.registered": "Registered as {member_type}, {state}.",
        "member.imported": "Came over from {source}[, known since {registered_on}]: {member_type}, {state}.",
        "member.verified": "Verified.",
        "member.blocked": "Blocked[: {reason}].",
        "member.unblocked": "Unblocked: {state}.",
        "member.anonymised": "Anonymised[: {fields}].",
        "member.deleted": "Deleted.",
        "member.merged": "Merged: record {duplicate} leads to {member}.",
        "member.changed": "Profile changed: {fields}.",
        "member.contact_point_added": "Contact point added: {kind}.",
        "member.contact_point_changed": "Contact point changed: {kind}.",
        "member.contact_point_removed": "Contact point removed: {kind}.",
        "member.contact_point_verified": "Contact point verified: {kind}.",
        "member.external_id_added": "Id added: {source}.",
        "member.external_id_removed": "Id removed: {source}.",
        "member.verification_needed": "Asked to verify a contact point: {kind}.",
        "member.parameters_set": "Own fields changed[: {changed}][; cleared: {cleared}].",
    },
    "members.events:read": {"host.published": "Published by the host: {kind}."},
    "members.leads:read": {
        "member.lead_source_set": "Lead source set[ to {source}].",
        "inquiry.recorded": "Asked ({kind})[ at {studio}].",
    },
    "members.care:read": {
        "care.assigned": "Care: flow {flow} assigned ({by})[, contract {contract}][, in place of run {superseded}].",
        "care.assignment_skipped": "Care: no flow assigned by contract {contract}: {reason}[ ({picked})].",
        "care.run_cancelled": "Care: run {run} ended: {reason}[ ({code})][, in its place run {superseded_by}].",
        "care.run_completed": "Care: run {run} completed.",
        "care.milestone_reached": "Care: milestone {milestone} reached (run {run}).",
        "care.action_completed": "Care: action of milestone {milestone} completed: {outcome}.",
        "care.action_skipped": "Care: action of milestone {milestone} skipped: {reason}.",
        "care.action_given": "Care: action of milestone {milestone} given[ to {assignee}][ (competence {competence})].",
        "care.action_postponed": "Care: action of milestone {milestone} postponed to {to}.",
    },
    "members.tags:read": {
        "member.tagged": "Tagged (tag {tag}).",
        "member.untagged": "Tag removed (tag {tag}).",
    },
    "members.consents:read": {
        "consent.given": "Consent given: {purpose}[ by {channel}][, wording {wording}].",
        "consent.withdrawn": "Consent withdrawn: {purpose}[ by {channel}].",
    },
    "members.contracts:read": {
        "contract.drafted": "Contract drafted at {studio}, from {start_on} on (contract {contract}).",
        "contract.imported": "Contract signed on {signed_on} at {studio} came over from {source}"
        " (contract {contract}).",
        "contract.freeze_imported": "Freeze from {since} on[ to before {until}] came over from {source}: {reason}"
        " (contract {contract}).",
        "contract.cancellation_imported": "Cancellation as of {effective_on} came over from {source}: {reason}"
        " (contract {contract}).",
        "contract.put_on_hold": "Contract on hold since {day} (contract {contract}).",
        "contract.awaits_start": "Contract awaits its start since {day} (contract {contract}).",
        "contract.activated": "Contract active since {day} (contract {contract}).",
        "contract.frozen": "Contract frozen since {day} (contract {contract}).",
        "contract.resumed": "Contract resumed on {day} (contract {contract}).",
        "contract.expired": "Contract expired on {day} (contract {contract}).",
        "contract.cancelled": "Contract cancelled as of {day}[: {reason}] (contract {contract}).",
        "contract.switched": "Contract switched on {day} (contract {contract}).",
        "contract.renewed": "Contract renewed on {day} (contract {contract}).",
        "contract.status_corrected": "Contract corrected from {from_day} on: {status} (contract {contract}).",
        "contract.covered": "Member {member} covered from {since} on (contract {contract}).",
        "contract.left": "Member {member} left on {on} (contract {contract}).",
        "contract.holder_changed": "Holder changed on {on}: {after} after {before} (contract {contract}).",
        "contract.switch_filed": "Switch filed for {day}, to contract {successor} (contract {contract}).",
        "contract.switch_completed": "Switched on {day} to contract {successor} (contract {contract}).",
        "contract.switch_reopened": "Switch for {day} unpaid again: lapses on {lapses_on} unless paid before"
        " (contract {contract}).",
        "contract.switch_withdrawn": "Switch for {day} taken back (contract {contract}).",
        "contract.transfer_filed": "Transfer to studio {studio} filed for {day} (contract {contract}).",
        "contract.transfer_withdrawn": "Transfer for {day} taken back (contract {contract}).",
        "contract.freeze_filed": "Freeze filed from {since} on[ to before {until}]: {reason} (contract {contract}).",
        "contract.freeze_ended": "Freeze ended on {on} (contract {contract}).",
        "contract.freeze_withdrawn": "Freeze taken back (contract {contract}).",
        "contract.days_given": "{days} days given: {reason} (contract {contract}).",
        "contract.days_taken_back": "{days} days that were given taken back (contract {contract}).",
        "contract.cancellation_filed": "Cancellation received on {received_on}, as of {effective_on}: {reason}"
        " (contract {contract}).",
        "contract.cancellation_withdrawn": "Cancellation as of {effective_on} taken back (contract {contract}).",
        "contract.withdrawn_from": "Withdrawn from the contract on {received_on} (contract {contract}).",
        "contract.lapsed": "Draft lapsed on {effective_on} (contract {contract}).",
        "contract_batch.opened": "Batch of {contracts} contracts opened.",
        "contract_batch.undone": "Batch of contracts taken back (batch {batch}).",
        "contract.paid": "Paid {money} on {paid_on} (contract {contract}).",
        "contract.payment_reversed": "Payment reversed on {reversed_on} (contract {contract}).",
    },
    "members.visits:read": {
        "visit.recorded": "Checked in at {studio}[ for {service}] on {day}.",
        "visit.refused": "Not let in at {studio}[ for {service}] on {day}[: {codes}].",
        "visit.undone": "Check-in taken back: {reason} (visit {visit}).",
    },
    "members.passes:read": {
        "pass.issued": "Visitor pass issued ({kind}), {since} to before {until}.",
        "pass.ended": "Visitor pass ended: {reason}.",
    },
    "members.suspensions:read": {
        "contract.suspended": "Contract suspended from {since} on[ to before {until}]: {reason} (contract {contract}).",
        "member.suspended": "Suspended from {since} on[ to before {until}]: {reason}.",
        "suspension.ended": "Suspension ended on {on}.",
    },
    "members.billing:read": {"member.billing_told": "Billing says[ {money} owed][, status {status}]."},
    "members.accounts:read": {
        "account.opened": "Account opened in scheme {scheme} (account {account}).",
        "account.blocked": "Account blocked[: {reason}] (account {account}).",
        "account.unblocked": "Account unblocked (account {account}).",
        "account.closed": "Account closed (account {account}).",
        "account.holder_joined": "Member {member} joined an account (account {account}).",
        "account.holder_left": "Member {member} left an account (account {account}).",
        "scheme.changed": "Scheme changed from {from_scheme} to {to_scheme} ({cause}).",
        "scheme.grace_began": "Scheme {scheme} kept in grace until {until}.",
        "scheme.grace_ended": "Grace in scheme {scheme} ended.",
    },
    "members.points:read": {
        "points.credited": "{moved} {unit} credited[: {reason}]" + _ACCOUNT + ".",
        "points.earned": "{moved} {unit} earned by a purchase" + _ACCOUNT + ".",
        "points.awarded": "{moved} {unit} earned[: {reason}]" + _ACCOUNT + ".",
        "points.redeemed": "{moved} {unit} redeemed" + _ACCOUNT + ".",
        "points.transferred_out": "{moved} {unit} sent[ to account {counterpart}]" + _ACCOUNT + ".",
        "points.transferred_in": "{moved} {unit} received[ from account {counterpart}]" + _ACCOUNT + ".",
        "points.merged_out": "{points} {unit} to account {counterpart}, which is one with this" + _ACCOUNT + ".",
        "points.merged_in": "{points} {unit} of account {counterpart}, which is one with this" + _ACCOUNT + ".",
        "points.expired": "{moved} {unit} expired" + _ACCOUNT + ".",
        "points.reinstated": "{moved} {unit} reinstated[: {reason}]" + _ACCOUNT + ".",
        "points.available": "{became} {unit} became available" + _ACCOUNT + ".",
        "points.captured": "{moved} held {unit} taken[: {reason}]" + _ACCOUNT + ".",
        "points.restored": "{moved} {unit} given back by a return" + _ACCOUNT + ".",
        "points.returned": "{moved} {unit} taken back by a return" + _ACCOUNT + ".",
        "points.debt_settled": "{debt} {unit} of debt settled" + _ACCOUNT + ".",
        "points.adjusted": "{points} {unit} by adjustment[: {reason}]" + _ACCOUNT + ".",
        "points.written_off": "{points} {unit} written off[: {reason}]" + _ACCOUNT + ".",
        "points.reversed": "{points} {unit} by a reversal[: {reason}]" + _ACCOUNT + ".",
        "points.held": "{moved} {unit} held until {until}[: {reason}]" + _ACCOUNT + ".",
        "points.released": "{moved} held {unit} free again ({cause})" + _ACCOUNT + ".",
    },
    "members.adjustments:read": {
        "adjustment.requested": "Adjustment by {points} {unit} waits for a second person: {reason}.",
        "adjustment.approved": "Adjustment by {points} {unit} approved: {reason}.",
        "adjustment.rejected": "Adjustment by {points} {unit} rejected: {reason}.",
    },
    "members.purchases:read": {
        "purchase.recorded": "Bought for {money}[ at {studio}], earned {earned} (receipt {external_id}).",
        "purchase.returned": "Purchase returned: {taken} points taken back, {restored} given back.",
    },
    "settings.organization:read": {
        "organization.opened": "Organization opened.",
        "organization.changed": "Settings changed: {fields}.",
        "organization.tier_changed": "Pricing tier {after} after {before}.",
        "studio.opened": "Studio {studio} opened.",
    },
    "settings.loyalty:read": {"club.opened": "Club {club} opened."},
    "settings.templates:read": {
        "message.retried": "Message that could not be sent: it is sent again ({kind}).",
        "template.saved": "Template {template} saved: version {template_version}.",
        "template.retired": "Template {template} retired.",
    },
    "settings.rates:read": {
        "rate.opened": "Rate {rate} opened.",
        "rate.revised": "Rate {rate} revised: version {rate_version}.",
        "rate.retired": "Rate {rate} retired.",
    },
    "settings.care:read": {
        "care.flow_saved": "Flow {flow} saved: version {flow_version}, {milestones} milestones.",
        "care.flow_retired": "Flow {flow} retired.",
        "care.flow_brought_back": "Flow {flow} in use again.",
        "care.flow_deleted": "Flow {flow} deleted.",
        "care.configuration_created": "Configuration {configuration} created.",
        "care.configuration_changed": "Configuration {configuration} changed: version {configuration_version}.",
        "care.studio_activated": "Configuration {configuration} active at {studio}[, in the place of {replaced}].",
        "care.studio_deactivated": "No configuration active at {studio} any more.",
        "care.entry_saved": "Catalogue: {kind} {code} saved.",
        "care.entry_retired": "Catalogue: {kind} {code} retired.",
    },
    "settings.parameters:read": {
        "parameter.defined": "Own field {parameter} defined ({kind}).",
        "parameter.changed": "Own field {parameter} changed.",
        "parameter.retired": "Own field {parameter} retired.",
    },
    "ledger.journals:read": {
        "journal.drafted": "Journal of {lines} lines drafted.",
        "journal.posted": "Journal of {lines} lines posted: {entries} entries.",
        "journal.discarded": "Journal of {lines} lines discarded.",
    },
}
"""By the permission that reading it needs, and by type."""

_AREA = {type: area for area, lines in LINES.items() for type in lines}
_TEMPLATE = {type: template for lines in LINES.values() for type, template in lines.items()}
_OPTIONAL = re.compile(r"\[([^\]]*)\]")
_FIELD = re.compile(r"\{(\w+)\}")


def area_of(type: str) -> str:
    """The permission that reading events of a type needs."""
    return _AREA.get(type, "members:read")


def line(event: Event) -> str:
    """What an event says, in one line."""
    said = _Said(event)
    template = _TEMPLATE.get(event.type)
    if template is None:
        return _by_type(event.type)
    return filled(template, said.__getitem__)


def filled(template: str, said: Callable[[str], str]) -> str:
    """A template with its fields filled in; what stands in square brackets is left out where one says nothing."""
    whole = _OPTIONAL.sub(lambda part: part[1] if all(said(name) for name in _FIELD.findall(part[1])) else "", template)
    return _FIELD.sub(lambda name: said(name[1]) or "-", whole)


class _Said:
    """The fields of an event as words; empty for what says nothing."""

    def __init__(self, event: Event) -> None:
        self._event = event

    def __getitem__(self, name: str) -> str:
        event: Any = self._event
        if name == "moved":
            return str(abs(event.points))
        if name == "money":
            minor = next(getattr(event, each) for each in ("total", "amount", "owed") if hasattr(event, each))
            return "" if minor is None or event.currency is None else str(Money(minor, event.currency))
        return _word(getattr(event, name))


def _word(value: object) -> str:
    match value:
        case None | ():
            said = ""
        case tuple():
            said = ", ".join(_word(each) for each in value)
        case Enum():
            said = _word(value.value)
        case datetime():
            said = value.isoformat(" ", "minutes")
        case ExternalId():
            said = f"{value.source}/{value.value}"
        case _:
            said = str(value)
    return said


@cache
def _by_type(type: str) -> str:
    said = type.replace(".", " ").replace("_", " ")
    return f"{said[:1].upper()}{said[1:]}."
