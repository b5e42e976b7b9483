"""What a store promises of messages (COM-17): in the command's transaction, at least once, nothing lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from memberlogic.certification.base import Certification
from memberlogic.errors import NotFound
from memberlogic.ids import AccountId, MemberId, new_id
from memberlogic.ledger.model import Move, WalletId
from memberlogic.notifying import Message
from memberlogic.relaying import RelayRun
from memberlogic.storing import Command
from memberlogic.testing.notifiers import RecordingNotifier
from memberlogic.testing.worlds import World

__all__ = ["OutboxPromises"]


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


class OutboxPromises(Certification):
    """The port ``Outbox``."""

    @pytest.fixture(autouse=True)
    def _emptied(self, world: World) -> None:
        """Send what tests before this one left, where stores are shared."""
        world.ml.relay(RecordingNotifier(), attempts=1)

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
