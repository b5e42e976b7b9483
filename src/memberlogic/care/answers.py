"""CARE-17: every answer to "nothing happens: why?", as data: a code that never changes, the rule, a sentence, and what
can be done about it. The page of the documentation is held to this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import frozen

from memberlogic.errors import JSON
from memberlogic.outcomes import Because
from memberlogic.wording import filled

__all__ = ["ANSWERS", "Answer", "because", "sentence"]


@frozen
class Answer:
    """One answer: the rule that gives it, its sentence over figures, and what can be done.

    What stands in square brackets is left out where a figure in it says nothing.
    """

    rule: str
    sentence: str
    remedy: str


_GO_ON = "Nothing has to be done."

ANSWERS: Mapping[str, Answer] = {
    # The organization and the member.
    "care.no_tier": Answer(
        "COM-14",
        "The organization has no tier for Member Care[ since {since}].",
        "Change the tier to PRO: runs go on from then, nothing that was due meanwhile is made up for.",
    ),
    "care.member_anonymised": Answer(
        "MEM-9", "The member was anonymised.", "Nothing can be assigned to a record that leads to nobody."
    ),
    # What runs, and why its time stands still.
    "care.runs": Answer("CARE-1", "The flow {flow_name} runs since {since}.", _GO_ON),
    "care.paused_prospect": Answer(
        "CARE-3",
        "It is paused since {since}[ until {until}]: the member is a prospect.",
        "Draft a contract, or have its initial fee paid.",
    ),
    "care.paused_former_member": Answer(
        "CARE-3",
        "It is paused since {since}[ until {until}]: the member is a former member.",
        "Draft a contract again, or close the run.",
    ),
    "care.paused_frozen": Answer(
        "CARE-3",
        "It is paused since {since}[ until {until}]: the member's contracts are frozen, and the flow waits for that.",
        "End the freeze; or save the flow without pauses_while_frozen, for runs to come.",
    ),
    "care.paused_no_tier": Answer(
        "CARE-3", "It is paused since {since}: without the tier PRO time stands still.", "Change the tier to PRO."
    ),
    "care.waits_for_payment": Answer(
        "CARE-3",
        "The contract {contract} waits for its initial fee: {money} of it has not been paid.",
        "Record the payment: the contract makes a member, and time goes on.",
    ),
    # What the run waits for.
    "care.no_schedule": Answer(
        "CARE-2",
        "The milestone {milestone} has no schedule: it never starts.",
        "Give it a schedule in the flow and assign the flow anew; a run keeps its version.",
    ),
    "care.waits_for_event": Answer(
        "CARE-2",
        "The milestone {milestone} waits for an event {kind}[ with {where}], counted from {since}.",
        "See whether the event is published, for this member, with these figures, and after that moment.",
    ),
    "care.waits_until": Answer("CARE-2", "The milestone {milestone} ({objective}) waits until {until}.", _GO_ON),
    "care.waits_for_absence": Answer(
        "CARE-2",
        "The milestone {milestone} starts on {until} if there is no visit until then.",
        "Nothing has to be done: each visit puts it off.",
    ),
    "care.waits_while_paused": Answer(
        "CARE-3",
        "The milestone {milestone} waits for time to go on; it comes {schedule}.",
        "See why the run is paused, and until when.",
    ),
    "care.will_stand_still": Answer(
        "CARE-3",
        "The milestone {milestone} comes {schedule}, and time will stand still from {since} on, before it is due.",
        "See what ends on that day: as a rule the member's contract.",
    ),
    "care.repeats": Answer(
        "CARE-2",
        "The milestone {milestone} was started {started} of {times} times, and starts again with the next {kind}.",
        _GO_ON,
    ),
    "care.action_open": Answer(
        "CARE-4",
        "The milestone {milestone} ({action}) is open since {since}[, with {assignee}]"
        "[, for somebody with {competence}][, postponed to {postponed_to}].",
        "Complete or skip the action: the next milestone counts from then.",
    ),
    "care.action_overdue": Answer(
        "CARE-13",
        "The milestone {milestone} is overdue: it was to be done on {on}.",
        "Complete, skip, postpone or reassign the action.",
    ),
    "care.completes_automatically": Answer(
        "CARE-6", "The milestone {milestone} counts as completed on {on} if nobody does anything.", _GO_ON
    ),
    "care.jobs_behind": Answer(
        "CARE-16",
        "Something came about on {since} that the jobs have not written down yet[; messages that are not queued yet:"
        " {messages}].",
        "Run the jobs (memberlogic jobs, or ml.run_jobs()).",
    ),
    # Its messages.
    "care.message_withheld": Answer(
        "CARE-14",
        "The message of {milestone} was not sent: {reason}.",
        "Ask for the consent, unblock, or leave it: the run has moved on.",
    ),
    "care.message_will_be_withheld": Answer(
        "CARE-14",
        "The message of {milestone} is not going to be sent: {reason}.",
        "Change what keeps it from being sent before the relay comes to it.",
    ),
    "care.message_waits_quiet": Answer(
        "ENG-16", "The message of {milestone} waits for the end of the quiet hours, until {until}.", _GO_ON
    ),
    "care.message_waits_one_a_day": Answer(
        "CARE-14",
        "The message of {milestone} waits until {until}: the member gets one message of care a day.",
        _GO_ON,
    ),
    "care.message_waits_paused": Answer(
        "CARE-14", "The message of {milestone} waits[ until {until}], as the run is paused.", "See why it is paused."
    ),
    "care.message_ready": Answer(
        "CARE-14",
        "The message of {milestone} is queued, and leaves when the relay runs next[, from {until} on].",
        "Run the relay (ml.relay()); see in its answer whether the notifier failed.",
    ),
    "care.message_set_aside": Answer(
        "COM-17",
        "The message of {milestone} could not be sent[: {reason}], and was set aside after the last try.",
        "See what the notifier refused.",
    ),
    "care.message_sent": Answer("CARE-14", "The message of {milestone} was sent[ on {on}].", _GO_ON),
    # What ran last.
    "care.run_completed": Answer("CARE-1", "The run of {flow_name} was completed on {on}.", _GO_ON),
    "care.run_closed": Answer(
        "CARE-15",
        "The run of {flow_name} was closed on {on}[: {code}].",
        "Assign a flow again, if it was closed too early.",
    ),
    "care.run_superseded": Answer(
        "CARE-10",
        "The run of {flow_name} ended on {on}, as another flow was assigned (run {by}).",
        "Nothing has to be done: a member has one active run.",
    ),
    "care.run_restarted": Answer(
        "CARE-11", "The run of {flow_name} ended on {on}, as the flow was begun anew (run {by}).", _GO_ON
    ),
    "care.run_ended": Answer("CARE-15", "The run of {flow_name} ended on {on}: {reason}.", _GO_ON),
    # Why nothing was assigned.
    "care.nothing_runs": Answer("CARE-17", "Nothing runs.", "See below why, and assign a flow by hand if one may be."),
    "care.no_studio": Answer(
        "CARE-9",
        "No studio was named, and the member has no home studio and no contract.",
        "Ask again with a studio.",
    ),
    "care.no_configuration": Answer(
        "CARE-7",
        "No configuration is active at the studio {studio}: nothing is assigned there.",
        "Activate a configuration at the studio.",
    ),
    "care.no_contract": Answer(
        "CARE-8", "The member has no contract that could have assigned a flow.", "Draft a contract, or assign by hand."
    ),
    "care.assignment_skipped": Answer(
        "CARE-8",
        "The contract {contract} would have assigned the flow {flow} on {on}, and could not ({reason})[: {said}].",
        "Mend what is named and assign the flow by hand.",
    ),
    "care.no_flow_for_rate": Answer(
        "CARE-8",
        "The configuration of {studio} has no flow for the rate {rate} of the contract {contract}.",
        "Give the rate a flow, for contracts to come; assign by hand for this one.",
    ),
    "care.not_first_contract": Answer(
        "CARE-8",
        "A default flow is for a member's first contract; {contract} is not the first that was paid.",
        "Give the rate a flow, or assign by hand.",
    ),
    "care.no_default_flow": Answer(
        "CARE-6", "The configuration of {studio} has no default flow.", "Name a default flow, for contracts to come."
    ),
    "care.another_ran": Answer(
        "CARE-8",
        "The default flow was not assigned with the contract {contract}, as the run {run} was active.",
        "Assign by hand what is to take its place.",
    ),
    "care.contract_follows": Answer(
        "CARE-8",
        "The contract {contract} follows another one: a switch assigns the flow of the new rate only, a transfer none.",
        "Give the new rate a flow, or assign by hand.",
    ),
    "care.switch_unpaid": Answer(
        "CARE-8",
        "The contract {contract} follows by a switch whose fee is awaited until {until}: its flow is assigned with the"
        " payment.",
        "Record the payment.",
    ),
    "care.switch_lapsed": Answer(
        "CARE-8",
        "The contract {contract} was to follow by a switch that lapsed on {on}, as its fee was not paid.",
        "File the switch again, or assign by hand.",
    ),
    "care.joined_later": Answer(
        "CARE-8",
        "The member came onto the contract {contract} on {on}, after it was drafted: that assigns nothing.",
        "Assign by hand.",
    ),
    "care.no_tier_then": Answer(
        "COM-14",
        "The organization had no tier for Member Care when the contract {contract} was drafted on {on}.",
        "Assign by hand.",
    ),
    "care.configured_later": Answer(
        "CARE-7",
        "The contract {contract} would assign the flow {flow} today; when it was drafted on {on} nothing said so.",
        "Assign by hand: what is configured governs contracts to come.",
    ),
    "care.may_be_assigned": Answer(
        "CARE-9", "Flows that may be assigned by hand at the studio {studio}: {flows}.", "Assign one (care.assign)."
    ),
    "care.none_by_hand": Answer(
        "CARE-9",
        "No flow may be assigned by hand at the studio {studio}.",
        "See what keeps each from it (care.available_flows), and put flows that are in use on the manual list.",
    ),
}
"""By their codes, in the order in which the page of the documentation lists them."""


def because(code: str, /, **figures: JSON) -> Because:
    """An answer with the figures that it goes by; those that are None are left out."""
    return Because(ANSWERS[code].rule, code, {name: each for name, each in figures.items() if each is not None})


def sentence(answer: Because) -> str:
    """What an answer says, in one sentence; instants by the clock that they are told in."""
    return filled(ANSWERS[answer.code].sentence, lambda name: _said(answer.figures.get(name)))


def _said(figure: JSON) -> str:
    if isinstance(figure, Mapping):
        return ", ".join(f"{name} {each}" for name, each in figure.items())
    said = "" if figure is None else str(figure)
    if len(said) < 20 or said[10] != "T":
        return said
    try:
        return datetime.fromisoformat(said).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return said
