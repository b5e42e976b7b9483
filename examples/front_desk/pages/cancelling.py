"""Cancelling a contract: first to which day and why, then the button; and taking a cancellation back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from attrs import frozen
from examples.front_desk.asking import Asked, Problems
from examples.front_desk.pages import contracts, previewing
from examples.front_desk.pages.contracts import ContractShown
from examples.front_desk.words import before, day
from starlette.responses import Response

from memberlogic.contracts.cancellations import Moved, Reckoned
from memberlogic.contracts.freeze_telling import FreezeTold

__all__ = ["ask_withdraw", "cancel", "form", "withdraw"]

_FIELDS = {
    "received_on": "received",
    "to": "last",
    "reason": "reason",
    "note": "note",
    "cancellation.reason_unknown": "reason",
    "cancellation.received_in_the_future": "received",
    "cancellation.received_before_signing": "received",
    "cancellation.before_receipt": "last",
    "cancellation.ends_before": "last",
    "cancellation.not_by_notice": "last",
    "cancellation.later_than_filed": "last",
}
_MOVED = {
    Moved.ENDS_ANYWAY: "The contract ends before that by itself.",
    Moved.FILED_LATER: "That day is over; the cancellation takes effect today.",
    Moved.NEVER_PAID: "It was never fully paid; it ends at once.",
}


@frozen
class Wanted:
    """What was typed. The last day is the last on which the contract is in force."""

    received: date | None
    last: date | None
    extraordinary: bool

    @classmethod
    def of(cls, asked: Asked, problems: Problems) -> Wanted:
        """Nothing, as long as nothing was asked for."""
        received, last = asked.day("received", problems), asked.day("last", problems)
        extraordinary = asked.text("extraordinary") == "yes"
        if asked.sent and received is None:
            problems.setdefault("received", "Say on which day it came.")
        if extraordinary and last is None:
            problems.setdefault("last", "Who keeps no notice names a last day.")
        return cls(received, last, extraordinary)

    @property
    def to(self) -> date | None:
        """The first day on which it is no longer in force."""
        return previewing.first_after(self.last)


def form(asked: Asked) -> Response:
    """The day on which it came, and once it is there to which day it would be. Asking changes nothing."""
    problems = Problems()
    return _shown(asked, contracts.of_address(asked), Wanted.of(asked, problems), problems)


def cancel(asked: Asked) -> Response:
    """It is meant."""
    contract, problems = contracts.of_address(asked), Problems()
    wanted = Wanted.of(asked, problems)
    received = wanted.received
    reason = asked.chosen("reason", asked.org.settings.get().cancellation_reasons, problems)
    reckoned = _reckoned(asked, contract, wanted, problems)
    if reckoned is not None and reckoned.last_day.isoformat() != asked.text("shown"):
        problems[""] = previewing.CHANGED
    if received is None or problems:
        return _shown(asked, contract, wanted, problems)
    done = asked.attempt(
        lambda: asked.org.contracts.cancel(
            contract.told.contract,
            received_on=received,
            reason=reason,
            note=asked.text("note") or None,
            to=wanted.to,
            extraordinary=wanted.extraordinary,
            idempotency_key=asked.text("key"),
        ),
        _FIELDS,
        problems,
    )
    if done is None:
        return _shown(asked, contract, wanted, problems)
    said = "cancelled" if done.reckoned.replaces is None else "cancelled_again"
    return previewing.done(asked, said)


def _reckoned(asked: Asked, contract: ContractShown, wanted: Wanted, problems: Problems) -> Reckoned | None:
    """To which day it would be; None if the days are none."""
    received = wanted.received
    closed = contract.over or not asked.may("members.cancellations:create")
    if received is None or closed or {*problems} & {"received", "last"}:
        return None
    return asked.attempt(
        lambda: asked.org.contracts.preview_cancellation(
            contract.told.contract, received_on=received, to=wanted.to, extraordinary=wanted.extraordinary
        ),
        _FIELDS,
        problems,
    )


def _shown(asked: Asked, contract: ContractShown, wanted: Wanted, problems: Problems) -> Response:
    title = "Cancel a contract"
    if not asked.may("members.cancellations:create"):
        return asked.closed(title, "You may not cancel contracts. Ask somebody who may.", status=403)
    if contract.over:
        return asked.closed(title, "The contract has ended; there is nothing to cancel.", problems=problems)
    filed = contract.told.cancelled_to
    if filed is not None and not problems:
        last = day(before(filed))
        return asked.closed(title, f"The contract is cancelled already; its last day is {last}.")
    reckoned = _reckoned(asked, contract, wanted, problems)
    return previewing.shown(
        asked,
        "cancel.html",
        contract,
        failed=problems,
        only_asked={},
        wanted=wanted,
        reasons=asked.org.settings.get().cancellation_reasons,
        reckoned=reckoned,
        cut=[] if reckoned is None else [*_cut(contract, reckoned.effective_on)],
        facts=[] if reckoned is None else [*_facts(reckoned)],
        moved=None if reckoned is None or reckoned.moved is None else _MOVED[reckoned.moved],
    )


def _cut(contract: ContractShown, over: date) -> Iterator[tuple[FreezeTold, date | None]]:
    """Freezes that would be cut off, each with its last day then; none if nothing is left of it."""
    for each in contract.frozen:
        if each.until is None or each.until > over:
            yield each, None if each.since >= over else before(over)


def _facts(reckoned: Reckoned) -> Iterator[tuple[str, date | str]]:
    """What leads to the day, each by its last day."""
    if reckoned.counted_from is not None and reckoned.counted_from != reckoned.received_on:
        yield "Counts as if it had come on", reckoned.counted_from
    for label, first_after in (
        ("Notice runs until", reckoned.notice_end),
        ("Minimum term until", reckoned.minimum_end),
        ("Term until", reckoned.term_end),
        ("Would end by itself after", reckoned.ends_anyway_on),
        ("Takes the place of a cancellation to", reckoned.replaces),
    ):
        if first_after is not None:
            yield label, before(first_after)
    for each in reckoned.early_termination:
        yield "May be left early", f"{each.code.replace('-', ' ')}{'' if each.fee is None else f', {each.fee}'}"


def ask_withdraw(asked: Asked) -> Response:
    """Is it meant?"""
    return _withdraw_shown(asked, contracts.of_address(asked), Problems())


def withdraw(asked: Asked) -> Response:
    """The cancellation is on file no longer."""
    contract, problems = contracts.of_address(asked), Problems()
    done = asked.attempt(
        lambda: asked.org.contracts.withdraw_cancellation(contract.told.contract, idempotency_key=asked.text("key")),
        {},
        problems,
    )
    if done is None:
        return _withdraw_shown(asked, contract, problems)
    return previewing.done(asked, "cancellation_withdrawn")


def _withdraw_shown(asked: Asked, contract: ContractShown, problems: Problems) -> Response:
    title = "Take the cancellation back"
    if not asked.may("members.cancellations:delete"):
        return asked.closed(title, "You may not take cancellations back. Ask somebody who may.", status=403)
    if contract.over:
        return asked.closed(title, "The contract has ended; its cancellation stays.", problems=problems)
    told = asked.org.contracts.cancellation(contract.told.contract)
    if told.cancellation is None:
        return asked.closed(title, "There is no cancellation on file to take back.", problems=problems)
    cancelled_to = contract.told.cancelled_to
    return asked.page(
        "confirm.html",
        status=409 if problems else 200,
        title=title,
        name=previewing.name(asked),
        member=asked.id("member"),
        facts=[
            ("Contract", contract.rate.terms.name),
            *([] if cancelled_to is None else [("Cancelled, last day", before(cancelled_to))]),
            *([] if told.cancellation is None else [("Reason", told.cancellation.reason.replace("_", " "))]),
            *([] if told.note is None else [("Note", told.note)]),
        ],
        sentence="The contract runs on as if there had been no cancellation.",
        button="Take the cancellation back",
        problems=problems,
    )
