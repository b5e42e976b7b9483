"""What a store promises of messages (COM-17): in the command's transaction, at least once, nothing lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from memberlogic.application import Handle
from memberlogic.certification.base import Certification
from memberlogic.engagement.retrying import MessageRetried, NotSetAside
from memberlogic.errors import NotFound
from memberlogic.ids import AccountId, MemberId, new_id
from memberlogic.ledger.model import Move, WalletId
from memberlogic.notifying import Claimed, Delivery, Later, Looked, Message, Posted, Withheld
from memberlogic.relaying import RelayRun
from memberlogic.storing import Command
from memberlogic.testing.notifiers import RecordingNotifier
from memberlogic.testing.worlds import World

__all__ = ["OutboxPromises", "empty_outbox"]


def queue(world: World, count: int = 1, *, member: MemberId | None = None, service: bool = False) -> list[Message]:
    """Messages queued by a command that is committed."""
    messages = [
        Message(
            id=new_id(),
            kind="test.message",
            member=member,
            figures={"points": 5 + index},
            not_before=world.clock.now() + timedelta(seconds=index),
            service=service,
        )
        for index in range(count)
    ]
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        uow.put((), messages)
        uow.finish(None)
    return messages


def posted(world: World, member: MemberId) -> list[Posted]:
    """What became of a member's messages."""
    with world.storage.reading(world.organization.id, world.clock) as uow:
        return list(uow.messages.of(member))


def empty_outbox(storage: object) -> None:
    """Settle what tests before this one left, where stores are shared: also what waits."""
    outbox: Any = getattr(storage, "outbox")  # noqa: B009 - a store that owns its transactions has one
    some_day = datetime(2200, 1, 1, tzinfo=UTC)
    while left := outbox.claim(some_day, 500):
        for each in left:
            outbox.settle(each, Delivery.SENT, None, some_day)


def withdraw(world: World, messages: Sequence[Message], reason: str) -> None:
    """Withdraw messages in a command of their own."""
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        uow.messages.withdraw([each.id for each in messages], reason)
        uow.finish(None)


def postpone(world: World, messages: Sequence[Message], not_before: datetime) -> None:
    """Postpone messages in a command of their own."""
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        uow.messages.postpone([each.id for each in messages], not_before)
        uow.finish(None)


def _waiting(until: datetime, _: Message) -> Later:
    return Later(until)


@contextmanager
def looking(look: Callable[[Message], Looked]) -> Iterator[None]:
    """Look at messages of the tests' kind in this way."""

    def made(self: Handle, runner: Any, *rest: Any) -> None:
        plain(self, runner, *rest)
        self.looks = {**self.looks, "test.message": look}

    plain = Handle.__init__
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Handle, "__init__", made)
        yield


class OutboxPromises(Certification):
    """The port ``Outbox``."""

    @pytest.fixture(autouse=True)
    def _emptied(self, world: World) -> None:
        """Nothing that tests before this one left."""
        empty_outbox(world.storage)

    def test_a_message_leaves_after_commit_once(self, world: World) -> None:
        """With its id, kind and figures as they were queued, in the order in which they are due."""
        messages = queue(world, 3, member=world.member())
        notifier = RecordingNotifier()
        assert world.ml.relay(notifier).sent == 1
        world.wait(seconds=5)
        assert world.ml.relay(notifier, chunk=1) == RelayRun(sent=2)
        assert notifier.sent == messages
        assert world.ml.relay(notifier) == RelayRun()

    def test_nothing_is_sent_for_a_command_that_was_rolled_back(self, world: World) -> None:
        """The message is gone with everything else."""
        command = Command(organization=world.organization.id, name="test", actor="system")
        message = Message(id=new_id(), kind="test", member=None, not_before=world.clock.now())
        with pytest.raises(NotFound), world.storage.work(command, world.clock) as uow:
            uow.put((), [message])
            uow.wallets.moving([Move(WalletId(AccountId(new_id())))])
        assert world.ml.relay(RecordingNotifier()) == RelayRun()

    def test_a_message_is_not_sent_before_its_time(self, world: World) -> None:
        """``not_before`` is inclusive."""
        queue(world, 2)
        notifier = RecordingNotifier()
        world.ml.relay(notifier)
        assert len(notifier.sent) == 1
        world.wait(seconds=1)
        world.ml.relay(notifier)
        assert len(notifier.sent) == 2

    def test_what_fails_is_tried_again_later_with_the_same_id_and_set_aside_at_last(self, world: World) -> None:
        """After a minute, two, four …"""
        (message,) = queue(world)
        notifier = RecordingNotifier(failing=True)
        assert world.ml.relay(notifier, attempts=3) == RelayRun(retried=1)
        assert world.ml.relay(notifier, attempts=3) == RelayRun()
        world.wait(minutes=1)
        assert world.ml.relay(notifier, attempts=3) == RelayRun(retried=1)
        world.wait(minutes=1)
        assert world.ml.relay(notifier, attempts=3) == RelayRun()
        world.wait(minutes=1)
        assert world.ml.relay(notifier, attempts=3) == RelayRun(set_aside=1)
        world.wait(days=9)
        assert world.ml.relay(notifier, attempts=3) == RelayRun()
        assert [each.id for each in notifier.tried] == [message.id] * 3

    def test_a_relay_that_dies_has_lost_nothing(self, world: World) -> None:
        """What it claimed is claimed again when its next try comes."""
        messages = queue(world, 2)
        world.wait(seconds=2)

        class Killed(BaseException):
            """The process dies in the middle of sending."""

        class Dying(RecordingNotifier):
            def send(self, message: Message) -> None:
                raise Killed

        notifier = RecordingNotifier()
        with pytest.raises(Killed):
            world.ml.relay(Dying())
        assert world.ml.relay(notifier) == RelayRun()
        world.wait(minutes=1)
        world.ml.relay(notifier)
        assert [each.id for each in notifier.sent] == [each.id for each in messages]

    def test_a_member_who_was_blocked_since_gets_service_messages_only(self, world: World) -> None:
        """Checked again at sending time."""
        member = world.member()
        queue(world, member=member)
        (service,) = queue(world, member=member, service=True)
        world.org.members.block(member, reason="abuse")
        notifier = RecordingNotifier()
        assert world.ml.relay(notifier) == RelayRun(sent=1, withheld=1)
        assert [each.id for each in notifier.sent] == [service.id]

    def test_what_is_told_to_wait_is_put_back_and_that_was_no_try(self, world: World) -> None:
        """However often: the tries that are left are the same; at its instant it is looked at again."""
        member = world.member()
        queue(world, member=member)
        free = world.clock.now() + timedelta(hours=8)
        notifier = RecordingNotifier()
        for _ in range(3):
            with looking(partial(_waiting, free)):
                assert world.ml.relay(notifier, attempts=1) == RelayRun(postponed=1)
                world.wait(hours=8, microseconds=-1)
                assert world.ml.relay(notifier, attempts=1) == RelayRun()
                world.wait(microseconds=1)
            free += timedelta(hours=8)
        notifier.failing = True
        assert world.ml.relay(notifier, attempts=2) == RelayRun(retried=1)
        (waiting,) = posted(world, member)
        assert (waiting.delivery, waiting.settled_at) == (Delivery.QUEUED, None)
        notifier.failing = False
        world.wait(minutes=1)
        assert world.ml.relay(notifier, attempts=2) == RelayRun(sent=1)

    def test_what_is_told_to_wait_for_what_has_come_does_not_hold_the_relay_up(self, world: World) -> None:
        """It is looked at again a minute later."""
        queue(world)
        with looking(lambda _: Later(world.clock.now())):
            assert world.ml.relay(RecordingNotifier()) == RelayRun(postponed=1)
            world.wait(minutes=1)
            assert world.ml.relay(RecordingNotifier()) == RelayRun(postponed=1)

    def test_what_a_look_withholds_is_not_sent_and_says_why(self, world: World) -> None:
        """With the instant at which that was settled."""
        member = world.member()
        queue(world, member=member)
        notifier = RecordingNotifier()
        with looking(lambda _: Withheld("stale")):
            assert world.ml.relay(notifier) == RelayRun(withheld=1)
        (withheld,) = posted(world, member)
        said = (withheld.delivery, withheld.reason, withheld.settled_at)
        assert said == (Delivery.WITHHELD, "stale", world.clock.now())
        assert notifier.tried == []

    def test_it_is_known_when_a_message_was_sent(self, world: World) -> None:
        """The instant of the relay, not that from which it might be sent."""
        member = world.member()
        queue(world, member=member)
        world.wait(hours=2)
        world.ml.relay(RecordingNotifier())
        (sent,) = posted(world, member)
        assert (sent.delivery, sent.settled_at) == (Delivery.SENT, world.clock.now())

    def test_what_is_withdrawn_before_it_is_sent_is_not_sent(self, world: World) -> None:
        """By its id, with a reason; others are not, nor is what was settled before or is unknown."""
        member = world.member()
        (sent,) = queue(world, member=member)
        world.ml.relay(RecordingNotifier())
        taken, left = queue(world, 2, member=member)
        world.wait(seconds=1)
        withdraw(world, [sent, taken, taken], "run_cancelled")
        other = World(world.storage, at=world.clock.now())
        withdraw(other, [left], "run_cancelled")
        states = {each.message.id: (each.delivery, each.reason, each.settled_at) for each in posted(world, member)}
        assert states[taken.id] == (Delivery.WITHHELD, "run_cancelled", world.clock.now())
        assert states[sent.id][:2] == (Delivery.SENT, None)
        assert states[left.id][:2] == (Delivery.QUEUED, None)
        notifier = RecordingNotifier()
        assert world.ml.relay(notifier) == RelayRun(sent=1)
        assert [each.id for each in notifier.sent] == [left.id]

    def test_what_is_postponed_is_not_sent_before_then(self, world: World) -> None:
        """Nor is it lost; others are sent when they are due."""
        member = world.member()
        waits, goes = queue(world, 2, member=member)
        world.wait(seconds=1)
        free = world.clock.now() + timedelta(days=1)
        postpone(world, [waits], free)
        notifier = RecordingNotifier()
        assert world.ml.relay(notifier) == RelayRun(sent=1)
        world.wait(days=1)
        assert world.ml.relay(notifier) == RelayRun(sent=1)
        assert [each.id for each in notifier.sent] == [goes.id, waits.id]
        postpone(world, [waits], free + timedelta(days=1))
        world.wait(days=2)
        assert world.ml.relay(notifier) == RelayRun()

    def test_what_was_set_aside_is_listed_and_sent_again_when_asked_for(self, world: World) -> None:
        """From its first try on, all of the asked for or none, in its own organization only."""
        member = world.member()
        messages = queue(world, 3, member=member)
        world.wait(seconds=3)
        world.ml.relay(RecordingNotifier(failing=True), attempts=1)
        aside = world.clock.now()
        told = list(world.org.messages.unsent())
        assert [each.message for each in told] == [each.id for each in messages]
        assert {(each.kind, each.member, each.reason, each.set_aside_at) for each in told} == {
            ("test.message", member, "ConnectionError", aside)
        }
        with world.storage.reading(world.organization.id, world.clock) as uow:
            page = uow.messages.unsent(limit=2)
            last = page[-1].message
            rest = uow.messages.unsent(after=(last.not_before, last.id), limit=2)
        assert [each.message.id for each in (*page, *rest)] == [each.id for each in messages]
        other = World(world.storage, at=world.clock.now())
        assert list(other.org.messages.unsent()) == []
        for asked in ([messages[0].id, new_id()], [messages[0].id]):
            with pytest.raises(NotFound):
                (other if len(asked) == 1 else world).org.messages.retry(asked)
        again = [messages[0].id, messages[2].id]
        assert world.org.messages.retry([*again, *again]).messages == tuple(again)
        with pytest.raises(NotSetAside):
            world.org.messages.retry([messages[1].id, messages[0].id])
        assert [each.message for each in world.org.messages.unsent()] == [messages[1].id]
        failing, notifier = RecordingNotifier(failing=True), RecordingNotifier()
        assert world.ml.relay(failing, attempts=2) == RelayRun(retried=2), "as if none had been tried"
        world.wait(minutes=1)
        assert world.ml.relay(notifier, attempts=2) == RelayRun(sent=2)
        assert [each.id for each in notifier.sent] == again
        events = [each.event for each in world.events() if each.event.type == "message.retried"]
        assert [(each.message_id, each.members) for each in events if isinstance(each, MessageRetried)] == [
            (id, (member,)) for id in again
        ]

    @pytest.mark.parametrize("settling", [Delivery.QUEUED, Delivery.WITHHELD, Delivery.SET_ASIDE, None])
    def test_what_is_withdrawn_while_a_relay_has_it_stays_withdrawn(
        self, world: World, settling: Delivery | None
    ) -> None:
        """Unless it was sent: then it says so."""
        member = world.member()
        for really in (False, True):
            (message,) = queue(world, member=member)
            outbox: Any = getattr(world.storage, "outbox")  # noqa: B009 - a store that owns its transactions has one
            claimed: Claimed = next(each for each in outbox.claim(world.clock.now(), 100))
            withdraw(world, [message], "run_cancelled")
            if really:
                outbox.settle(claimed, Delivery.SENT, None, world.clock.now())
            elif settling is None:
                outbox.postpone(claimed, world.clock.now())
            else:
                outbox.settle(claimed, settling, "other", world.clock.now())
            state = posted(world, member)[-1]
            expected = (Delivery.SENT, None) if really else (Delivery.WITHHELD, "run_cancelled")
            assert (state.delivery, state.reason) == expected
            assert outbox.claim(world.clock.now(), 100) == []
