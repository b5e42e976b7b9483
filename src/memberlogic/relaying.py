"""COM-17: the relay. It sends what the outbox holds, after commit, at least once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, assert_never

from attrs import frozen

from memberlogic.actors import Actor
from memberlogic.engagement.completing import completed
from memberlogic.errors import ConcurrencyConflict, MemberLogicError, StorageUnavailable
from memberlogic.members import MemberState
from memberlogic.notifying import Claimed, Delivery, Later, Looked, Message, Notifier, Outbox, Withheld, next_try

if TYPE_CHECKING:
    from memberlogic.application import Handle, MemberLogic

__all__ = ["RelayRun", "keep_relaying", "relay"]


@frozen(kw_only=True)
class RelayRun:
    """What a relay did: messages sent, withheld, to be tried again, set aside after the last try, and postponed because
    they have to wait.
    """

    sent: int = 0
    withheld: int = 0
    retried: int = 0
    set_aside: int = 0
    postponed: int = 0


def relay(ml: MemberLogic, outbox: Outbox, notifier: Notifier, *, attempts: int, chunk: int) -> RelayRun:
    """Send everything that is due now, each message once at the most."""
    now = ml.clock.now()
    counted = dict.fromkeys(Delivery, 0)
    postponed = 0
    while batch := outbox.claim(now, chunk):
        for claimed in batch:
            match _deliver(ml, notifier, claimed, attempts):
                case Later(not_before):
                    # What is looked at and told to wait for what has come is not looked at again in this run.
                    outbox.postpone(claimed, not_before if not_before > now else next_try(now, 1))
                    postponed += 1
                case (delivery, reason):
                    outbox.settle(claimed, delivery, reason, now)
                    counted[delivery] += 1
    return RelayRun(
        sent=counted[Delivery.SENT],
        withheld=counted[Delivery.WITHHELD],
        retried=counted[Delivery.QUEUED],
        set_aside=counted[Delivery.SET_ASIDE],
        postponed=postponed,
    )


def keep_relaying(
    run: Callable[[], RelayRun],
    stopped: Callable[[float], bool],
    pause: float,
    told: Callable[[RelayRun | MemberLogicError], object] | None,
) -> None:
    """Relay again and again until ``stopped``, which waits for so many seconds, says so. A store that cannot be reached
    now is tried again.
    """
    while True:
        try:
            done: RelayRun | MemberLogicError = run()
        except (StorageUnavailable, ConcurrencyConflict) as problem:
            done = problem
        if told is not None:
            told(done)
        if stopped(pause):
            return


def _deliver(
    ml: MemberLogic, notifier: Notifier, claimed: Claimed, attempts: int
) -> tuple[Delivery, str | None] | Later:
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
    if told is not None and org.organization.quiet_hours is not None:
        allowed = org.messages.earliest(told.id)
        if allowed.waits:
            return Later(allowed.not_before)
    try:
        return _handed(org, notifier, _looked(org, message))
    except Exception as error:
        # Only the class of the error: its text may name the person.
        last = claimed.attempts >= attempts
        return (Delivery.SET_ASIDE if last else Delivery.QUEUED), type(error).__name__[:64]


def _looked(org: Handle, message: Message) -> Looked:
    look = org.looks.get(message.kind)
    return message if look is None else look(message)


def _handed(org: Handle, notifier: Notifier, looked: Looked) -> tuple[Delivery, str | None] | Later:
    match looked:
        case None:
            return Delivery.WITHHELD, "nothing_left"
        case Withheld(reason):
            return Delivery.WITHHELD, reason
        case Later():
            return looked
        case Message():
            notifier.send(completed(org.messages, looked))
            return Delivery.SENT, None
        case _:
            assert_never(looked)
