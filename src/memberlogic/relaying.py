"""COM-17: the relay. It sends what the outbox holds, after commit, at least once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import frozen

from memberlogic.actors import Actor
from memberlogic.ids import AccountId
from memberlogic.ledger import warning
from memberlogic.loyalty import falling
from memberlogic.members import MemberState
from memberlogic.notifying import Claimed, Delivery, Message, Notifier, Outbox

if TYPE_CHECKING:
    from memberlogic.application import Handle, MemberLogic

__all__ = ["RelayRun", "relay"]


@frozen(kw_only=True)
class RelayRun:
    """What a relay did: messages sent, withheld, to be tried again, and set aside after the last try."""

    sent: int = 0
    withheld: int = 0
    retried: int = 0
    set_aside: int = 0


def relay(ml: MemberLogic, outbox: Outbox, notifier: Notifier, *, attempts: int, chunk: int) -> RelayRun:
    """Send everything that is due now, each message once at the most."""
    now = ml.clock.now()
    counted = dict.fromkeys(Delivery, 0)
    while batch := outbox.claim(now, chunk):
        for claimed in batch:
            delivery, reason = _deliver(ml, notifier, claimed, attempts)
            outbox.settle(claimed, delivery, reason)
            counted[delivery] += 1
    return RelayRun(
        sent=counted[Delivery.SENT],
        withheld=counted[Delivery.WITHHELD],
        retried=counted[Delivery.QUEUED],
        set_aside=counted[Delivery.SET_ASIDE],
    )


def _still_expiring(org: Handle, message: Message) -> Message | None:
    figures = message.figures
    account = AccountId(UUID(str(figures["account"])))
    if message.member not in org.loyalty.account(account).holders:
        return None
    left = org.ledger.expiring(account, unit=str(figures["unit"])).days
    return warning.still(message, {each.day: each.points for each in left})


def _still_falling(org: Handle, message: Message) -> Message | None:
    account = AccountId(UUID(str(message.figures["account"])))
    if message.member not in org.loyalty.account(account).holders:
        return None
    return falling.still(message, org.loyalty.progress(account))


_STILL: Mapping[str, Callable[[Handle, Message], Message | None]] = {
    warning.EXPIRING: _still_expiring,
    falling.FALLING: _still_falling,
    falling.GRACE: _still_falling,
}
"""What a kind of message looks at again at the moment of sending: the message as it is true then, or None."""


def _current(org: Handle, message: Message) -> Message | None:
    look = _STILL.get(message.kind)
    return message if look is None else look(org, message)


def _deliver(ml: MemberLogic, notifier: Notifier, claimed: Claimed, attempts: int) -> tuple[Delivery, str | None]:
    message = claimed.message
    org = ml.organization(claimed.organization, Actor.system())
    told = None if message.member is None else org.members.get(message.member)
    if told is not None and told.state is MemberState.ANONYMISED:
        return Delivery.WITHHELD, "member_anonymised"
    told = None if message.service else told
    if told is not None and told.state is MemberState.BLOCKED:
        return Delivery.WITHHELD, "member_blocked"
    if told is not None and message.purpose is not None:
        checked = org.members.check_sending(told.id, purpose=message.purpose, channel=message.channel)
        for refusal in checked.refusals:
            return Delivery.WITHHELD, refusal.code
    try:
        current = _current(org, message)
        if current is None:
            return Delivery.WITHHELD, "nothing_left"
        notifier.send(current)
    except Exception as error:
        # Only the class of the error: its text may name the person.
        last = claimed.attempts >= attempts
        return (Delivery.SET_ASIDE if last else Delivery.QUEUED), type(error).__name__[:64]
    return Delivery.SENT, None
