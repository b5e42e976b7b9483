"""PTS-13: warnings of expiry: one message for each wallet, expiry day and lead time, with the amount still left at
that moment; none if it was spent meanwhile. The jobs write them to the outbox with what schedules the next look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from attrs import evolve

from memberlogic.calendar import local_day
from memberlogic.ids import NewId
from memberlogic.ledger import settling
from memberlogic.ledger.model import Wallet
from memberlogic.ledger.ports import LedgerWork
from memberlogic.ledger.stating import upcoming
from memberlogic.notifying import Message
from memberlogic.warning import Warned, due_lead, messages, next_moment

__all__ = ["EXPIRING", "still", "to_be_warned", "warn"]

EXPIRING = "points.expiring"
"""The kind of message: ``points`` of ``unit`` are gone on ``day``."""


def to_be_warned(wallet: Wallet, now: datetime) -> tuple[Warned, ...]:
    """What there is to say of a wallet that is settled to now, with all its lots: held points are not left, pending
    ones are.
    """
    terms, since = wallet.terms, wallet.next_warning
    if since is None or since > now:
        return ()
    left = upcoming([(lot.expires_at, lot.unreserved) for lot in wallet.lots], terms)
    leads = [(each, due_lead(each.day, terms.warnings, terms.zone, since, now)) for each in left]
    return tuple(
        Warned(
            kind=EXPIRING,
            account=wallet.id.account,
            day=each.day,
            lead=lead,
            figures={"unit": wallet.id.unit, "points": each.points},
        )
        for each, lead in leads
        if lead is not None
    )


def looked_at(wallet: Wallet, now: datetime) -> Wallet:
    """A wallet of which everything that was due has been said."""
    terms = wallet.terms
    days = [local_day(lot.expires_at, terms.zone) for lot in wallet.lots if lot.expires_at is not None]
    return evolve(wallet, next_warning=next_moment(days, terms.warnings, terms.zone, now))


def warn(uow: LedgerWork, wallets: Sequence[Wallet], new_id: NewId) -> int:
    """Queue the warnings that are due by now of locked wallets with all their lots, and their next looks, in the same
    transaction; how many messages that came to. Warnings are of now, also where what fell due is written down as of an
    instant before it: nobody is told what would have been said then.
    """
    due = [each for each in wallets if each.next_warning is not None and each.next_warning <= uow.now]
    said: list[Message] = []
    for wallet in due:
        warnings = to_be_warned(settling.settle(wallet, uow.now, new_id).facts, uow.now)
        members = [holder.member for holder in wallet.holders if holder.state.takes_part]
        said += messages(warnings, members, uow.now, new_id)
    uow.wallets.post([looked_at(wallet, uow.now) for wallet in due], ())
    uow.put((), said)
    return len(said)


def still(message: Message, left: Mapping[date, int]) -> Message | None:
    """The message with what is left at the moment of sending, by day; None if nothing is."""
    points = left.get(date.fromisoformat(str(message.figures["day"])), 0)
    return evolve(message, figures={**message.figures, "points": points}) if points else None
