"""COM-17: the relay. It sends what the outbox holds, after commit, at least once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from memberlogic.actors import Actor
from memberlogic.members import MemberState
from memberlogic.notifying import Claimed, Delivery, Notifier, Outbox

if TYPE_CHECKING:
    from memberlogic.application import MemberLogic

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


def _deliver(ml: MemberLogic, notifier: Notifier, claimed: Claimed, attempts: int) -> tuple[Delivery, str | None]:
    message = claimed.message
    if message.member is not None and not message.service:
        members = ml.organization(claimed.organization, Actor.system()).members
        if members.get(message.member).state is MemberState.BLOCKED:
            return Delivery.WITHHELD, "member_blocked"
    try:
        notifier.send(message)
    except Exception as error:
        # Only the class of the error: its text may name the person.
        last = claimed.attempts >= attempts
        return (Delivery.SET_ASIDE if last else Delivery.QUEUED), type(error).__name__[:64]
    return Delivery.SENT, None
