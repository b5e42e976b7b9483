"""Messages in an outbox, for the tests of notifiers."""

from __future__ import annotations

from memberlogic.ids import new_id
from memberlogic.notifying import Message
from memberlogic.storing import Command


def message(world, **said):
    """A message, due now."""
    facts = {"id": new_id(), "kind": "test", "member": None, "not_before": world.clock.now()}
    return Message(**(facts | said))


def queue(world, *messages):
    """Queue them by a command that is committed."""
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        uow.put((), messages)
        uow.finish(None)
