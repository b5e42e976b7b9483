"""What the library says in days of its own or in codes, said anew for a desk: refusals, what happened, Member Care.

The library counts to the first day after; people say the last day. Here every such day becomes the last one, so that
one day is the same wherever it is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from examples.front_desk.words import ID, at_clock, before, plain, plain_day, word

from memberlogic import MemberLogicError
from memberlogic.care.answers import sentence
from memberlogic.errors import InvalidInput
from memberlogic.members.looking_back import TimelineItem
from memberlogic.outcomes import Because
from memberlogic.wording import filled

__all__ = ["CARE", "HAPPENED", "REFUSED", "care", "course", "happened", "refused", "why"]

REFUSED: Mapping[str, tuple[str, frozenset[str]]] = {
    "freeze.outside_term": (
        "A freeze cannot begin on {since}: the contract begins on {start_on}, and its last day is {over_on}.",
        frozenset({"over_on"}),
    ),
    "freeze.after_cancellation": (
        "The contract is cancelled, its last day is {effective_on}; a freeze to {until} would last longer.",
        frozenset({"effective_on", "until"}),
    ),
    "freeze.overlaps": ("Another freeze is in the way; its last day is {free_from}.", frozenset({"free_from"})),
    "freeze.ends_too_soon": (
        "The last frozen day can be {earliest} at the earliest, not {on}.",
        frozenset({"earliest", "on"}),
    ),
    "freeze.ends_before": ("The freeze ends already: its last day is {until}.", frozenset({"until"})),
    "freeze.not_begun": ("The freeze begins on {since} only; take it back instead.", frozenset()),
    "freeze.withdrawn_already": ("The freeze was taken back before.", frozenset()),
    "cancellation.before_receipt": (
        "The last day would be {to}, before the cancellation came on {received_on}.",
        frozenset({"to"}),
    ),
    "cancellation.ends_before": (
        "The last day of the contract is {ends_on} anyway; it cannot be {to}.",
        frozenset({"ends_on", "to"}),
    ),
    "cancellation.not_by_notice": (
        "By its notice {to} cannot be the last day; the first possible day from then on is {possible}.",
        frozenset({"to", "possible"}),
    ),
    "cancellation.later_than_filed": (
        "The contract is cancelled already, its last day is {filed}. For {effective_on} as the last day, take that "
        "cancellation back first.",
        frozenset({"filed", "effective_on"}),
    ),
    "cancellation.reason_unknown": ("Choose one of the list.", frozenset()),
    "cancellation.none_filed": (
        "There is no cancellation to take back; perhaps somebody did so just now.",
        frozenset(),
    ),
    "visit.already_undone": ("The check-in was undone before: {at}.", frozenset()),
    "care.action_is_anothers": ("Another clerk has taken this. Give it to yourself to take it over.", frozenset()),
    "permission.denied": ("You may not do this. Ask somebody who may.", frozenset()),
    "feature.unavailable": ("This club does not have what this needs.", frozenset()),
    "conflict.idempotency": (
        "This form was sent before, with something else in it. Look at what is there now, then open the form anew.",
        frozenset(),
    ),
    "conflict.concurrency": ("Somebody else is changing the same just now. Send it again.", frozenset()),
    "storage.unavailable": ("The club's data cannot be read just now. Try again in a moment.", frozenset()),
}
"""Refusals that are said anew, each with the details that are the first day after something."""

_OPEN = {
    "freeze.after_cancellation": "The contract is cancelled, its last day is {effective_on}; a freeze without an end "
    "would last longer.",
    "freeze.outside_term": "A freeze cannot begin on {since}: the contract begins on {start_on}.",
    "freeze.overlaps": "Another freeze is in the way; it has no end.",
}
"""The same where a day is open."""

_OVER = {
    "contract": "The contract is {state}: this is not possible any more.",
    "care milestone": "Somebody else was faster: this is {state} already.",
    "care run": "The plan is {state}: this is not possible any more.",
    "member": "The record is {state}: this is not possible.",
}


_TYPED = {
    "until": "The last day is before the first one.",
    "idempotency_key": "This form did not come whole. Open it anew, and send it again.",
    "text": "Nobody is called so: it is too long, or has signs that cannot be seen.",
}
"""What is wrong with something that was typed, where it is said anew."""


def refused(refusal: MemberLogicError, zone: ZoneInfo) -> str:
    """Why something is not possible."""
    details = refusal.details
    if refusal.code == "state.illegal_transition":
        return _OVER.get(str(details["machine"]), "This is not possible any more.").format(state=word(details["state"]))
    if isinstance(refusal, InvalidInput):
        said = _TYPED.get(str(details["path"]), "It has to be {expected}; this is {got}.")
        return plain(said.format_map(details))
    if refusal.code not in REFUSED:
        return plain(str(refusal))
    form, first_after = REFUSED[refusal.code]
    if None in details.values():
        form = _OPEN.get(refusal.code, form)
    return form.format_map({name: _said(value, name in first_after, zone) for name, value in details.items()})


def _said(value: object, first_after: bool, zone: ZoneInfo) -> str:
    text = str(value)
    try:
        if len(text) > len("2026-03-31"):
            return at_clock(datetime.fromisoformat(text), zone)
        day = date.fromisoformat(text)
    except ValueError:
        return word(text)
    return plain_day(before(day) if first_after else day)


def _until(until: date | None) -> str:
    return "" if until is None else f" to {plain_day(before(until))}"


def _for(event: Any) -> str:
    return f": {word(event.reason)}" if event.reason else ""


HAPPENED: Mapping[str, Callable[[Any], str]] = {
    "contract.switch_filed": lambda e: (
        f"Switch to another contract filed: the last day of this one is {plain_day(before(e.day))}, the next one "
        f"begins on {plain_day(e.day)}{'' if e.pay_by is None else f', if it is paid by {plain_day(e.pay_by)}'}."
    ),
    "contract.switch_completed": lambda e: f"The switch is paid; the new contract begins on {plain_day(e.day)}.",
    "contract.switch_reopened": lambda e: (
        f"The switch to the contract that begins on {plain_day(e.day)} is not paid any more; the last day to pay is "
        f"{plain_day(before(e.lapses_on))}."
    ),
    "contract.switch_withdrawn": lambda e: f"The switch to a contract from {plain_day(e.day)} on was taken back.",
    "contract.switched": lambda e: f"Contract switched; its last day was {plain_day(before(e.day))}.",
    "contract.transfer_filed": lambda e: (
        f"Transfer filed: the last day here is {plain_day(before(e.day))}, then it goes on at {e.studio}."
    ),
    "contract.transfer_withdrawn": lambda e: (
        f"The transfer to another studio from {plain_day(e.day)} on was taken back."
    ),
    "contract.holder_changed": lambda e: f"Another member holds the contract from {plain_day(e.on)} on.",
    "contract.covered": lambda e: f"Somebody came onto the contract; their first day on it is {plain_day(e.since)}.",
    "scheme.grace_began": lambda e: (
        f"Below {word(e.scheme)}, and stays there for now; the last day of this is {plain_day(before(e.until))}."
    ),
    "care.assignment_skipped": lambda e: f"No plan started with the contract: {word(e.reason)}.",
    "member.merged": lambda _: "Another record of the same person was merged with this one.",
    "points.merged_in": lambda e: f"{e.points} {word(e.unit)} came from an account that is one with this now.",
    "points.merged_out": lambda e: f"{abs(e.points)} {word(e.unit)} went to an account that is one with this now.",
    "contract.freeze_filed": lambda e: f"Freeze filed from {plain_day(e.since)}{_until(e.until)}: {word(e.reason)}.",
    "contract.freeze_imported": lambda e: (
        f"Freeze from {plain_day(e.since)}{_until(e.until)} came over from {e.source}: {word(e.reason)}."
    ),
    "contract.freeze_ended": lambda e: f"Freeze ended; last frozen day {plain_day(before(e.on))}.",
    "contract.cancellation_filed": lambda e: (
        f"Cancellation received on {plain_day(e.received_on)}, last day {plain_day(before(e.effective_on))}: "
        f"{word(e.reason)}."
    ),
    "contract.cancellation_imported": lambda e: (
        f"Cancellation, last day {plain_day(before(e.effective_on))}, came over from {e.source}: {word(e.reason)}."
    ),
    "contract.cancellation_withdrawn": lambda e: (
        f"Cancellation with the last day {plain_day(before(e.effective_on))} taken back."
    ),
    "contract.cancelled": lambda e: f"Contract cancelled; its last day was {plain_day(before(e.day))}{_for(e)}.",
    "contract.expired": lambda e: f"Contract expired; its last day was {plain_day(before(e.day))}.",
    "contract.left": lambda e: f"Somebody left the contract; their last day on it is {plain_day(before(e.on))}.",
    "contract.suspended": lambda e: f"Contract suspended from {plain_day(e.since)}{_until(e.until)}: {word(e.reason)}.",
    "member.suspended": lambda e: f"Suspended from {plain_day(e.since)}{_until(e.until)}: {word(e.reason)}.",
    "suspension.ended": lambda e: f"Suspension ended; its last day was {plain_day(before(e.on))}.",
    "pass.issued": lambda e: f"Visitor pass issued ({word(e.kind)}), {plain_day(e.since)}{_until(e.until)}.",
    "member.blocked": lambda e: f"Blocked: {word(e.reason)}.",
}
"""Events that are said anew."""


_UTC = re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d\+00:00")
_NAMED = re.compile(rf"(?<!\()\b(?:of )?(?:milestone|flow|run) ({ID})")


def happened(item: TimelineItem, studios: Mapping[str, str], zone: ZoneInfo, plans: Mapping[str, str]) -> str:
    """What happened, in a line: studios by name, codes as words, instants by the clock of the studio.

    Args:
        plans: what flows, runs and milestones of Member Care are called, by their ids.
    """
    said, event = HAPPENED.get(item.kind), item.event
    text = said(event) if said is not None else _readable(item.text, zone, plans)
    studio = getattr(event, "studio", None)
    if isinstance(studio, str) and studio in studios:
        text = re.sub(rf"\bat {re.escape(studio)}\b", lambda _: f"at {studios[studio]}", text)
    for name in ("reason", "status", "cause", "kind", "purpose", "outcome", "picked"):
        code = getattr(getattr(event, name, None), "value", getattr(event, name, None))
        if isinstance(code, str) and "_" in code:
            text = text.replace(code, word(code))
    if item.kind == "visit.recorded" and getattr(event, "overridden", False):
        return f"{text.removesuffix('.')}; let in by staff, with a note."
    return text


def _readable(text: str, zone: ZoneInfo, plans: Mapping[str, str]) -> str:
    """The library's line with names and the studio's clock."""
    named = _NAMED.sub(lambda found: f"\u201c{plans[found[1]]}\u201d" if found[1] in plans else found[0], text)
    return plain(_UTC.sub(lambda found: at_clock(datetime.fromisoformat(found[0]), zone), named))


CARE: Mapping[str, str] = {
    "care.nothing_runs": "Nothing planned.",
    "care.no_studio": "The member has no studio.",
    "care.no_configuration": "Member Care is not set up at this studio.",
    "care.no_contract": "The member has no contract that could have started a plan.",
    "care.assignment_skipped": "A plan was to start with the contract, and could not.",
    "care.no_flow_for_rate": "The rate of the contract starts no plan.",
    "care.not_first_contract": "A plan starts by itself with the first contract only, and this is a later one.",
    "care.no_default_flow": "No plan starts by itself for everybody here.",
    "care.another_ran": "No plan started with the contract, as another was under way.",
    "care.contract_follows": "The contract follows another one; that starts no plan.",
    "care.switch_unpaid": "The contract follows by a switch that is not paid; the plan starts with the payment.",
    "care.switch_lapsed": "The contract was to follow by a switch that lapsed, as it was not paid.",
    "care.joined_later": "The member came onto the contract later; that starts no plan.",
    "care.no_tier_then": "Member Care was not in use when the contract was made.",
    "care.configured_later": "What starts a plan was set up after the contract was made.",
    "care.may_be_assigned": "A plan may be started by hand.",
    "care.none_by_hand": "No plan may be started by hand.",
}
"""Why nothing runs, without ids."""


def care(answers: Iterable[Because]) -> tuple[str, ...]:
    """Why nothing runs for a member, in whole sentences, each once."""
    return tuple(dict.fromkeys(CARE.get(each.code) or plain(sentence(each)) for each in answers))


_RUNS: Mapping[str, tuple[str, frozenset[str]]] = {
    "care.paused_prospect": ("Paused since {since}[, last day {until}]: a prospect.", frozenset({"until"})),
    "care.paused_former_member": ("Paused since {since}[, last day {until}]: no contract.", frozenset({"until"})),
    "care.paused_frozen": (
        "Paused since {since}[, last day {until}]: the contract is frozen, and the plan waits for that.",
        frozenset({"until"}),
    ),
    "care.runs": ("The plan {flow_name} runs since {since}.", frozenset()),
    "care.action_open": (
        "To do since {since}: {milestone} ({action})[, with {assignee}][, for somebody with {competence}]"
        "[, postponed to {postponed_to}].",
        frozenset(),
    ),
    "care.action_overdue": ("{milestone} is overdue: it was to be done on {on}.", frozenset()),
    "care.waits_until": ("{milestone} comes on {until}.", frozenset()),
    "care.no_schedule": ("{milestone} has no day, and never comes.", frozenset()),
    "care.waits_while_paused": ("{milestone} waits for the plan to go on.", frozenset()),
    "care.completes_automatically": ("{milestone} counts as done on {on} if nobody does anything.", frozenset()),
    "care.waits_for_payment": ("The contract waits for its fee: {money} are not paid.", frozenset()),
}
"""What a run waits for, each with the figures that are the first day after something."""


def course(answers: Iterable[Because], employees: Mapping[str, str], zone: ZoneInfo) -> tuple[str, ...]:
    """What a run waits for, in sentences: employees by name, last days."""
    return tuple(_waits(each, employees, zone) for each in answers)


def _waits(answer: Because, employees: Mapping[str, str], zone: ZoneInfo) -> str:
    if answer.code not in _RUNS:
        return plain(sentence(answer))
    form, first_after = _RUNS[answer.code]

    def said(name: str) -> str:
        value = answer.figures.get(name)
        if value is None or name in ("milestone", "flow_name"):
            return str(value or "")
        return employees.get(str(value)) or _said(value, name in first_after, zone)

    return filled(form, said)


_WHY: Mapping[str, str] = {
    "earning.rate": "{gave} by the rule {rule}",
    "points.expired": "Not used in time; expired {at}",
    "points.available": "{points} may be used from then on",
    "earning.rounded": "Rounded",
    "earning.excluded": "Some of what was bought earns nothing",
    "earning.blocked": "The account is blocked: {lost} were not earned",
    "earning.capped": "No more than {maximum} for one {per}",
    "points.taken_in_order": "Taken from what expires first",
    "points.held_in_order": "Reserved from what expires first",
}
"""Reasons of entries; what is not here is told with its figures."""


def why(because: Because, zone: ZoneInfo) -> str:
    """Why points moved, in a sentence."""
    figures = {name: _said(value, False, zone) for name, value in because.figures.items()}
    form = _WHY.get(because.code)
    if form is not None and all(name in figures for _, name, _, _ in Formatter().parse(form) if name):
        return f"{form.format_map(figures)}."
    said = ", ".join(f"{word(name)} {value}" for name, value in figures.items())
    return plain(f"{word(because.code).capitalize()}{f': {said}' if said else ''}.")
