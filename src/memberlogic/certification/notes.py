"""What a store promises of notes (COM-10)."""

from __future__ import annotations

from memberlogic.certification.base import Certification
from memberlogic.ids import NoteId, new_id
from memberlogic.storing import Command
from memberlogic.testing.worlds import World

__all__ = ["NotesPromises"]


class NotesPromises(Certification):
    """The port ``Notes``."""

    def test_a_note_comes_back_as_it_was_written_until_it_is_erased(self, world: World) -> None:
        """Those of one member go, those of others stay; nothing of another organization is told."""
        ana, ben = world.member(), world.member()
        long = "Two lines:\n'; --\t😀" + "x" * 1980
        notes = {NoteId(new_id()): (ana, long), NoteId(new_id()): (ana, "x"), NoteId(new_id()): (ben, " y ")}
        command = Command(organization=world.organization.id, name="test", actor="system")
        with world.storage.work(command, world.clock) as uow:
            for id, (member, text) in notes.items():
                uow.notes.add(id, member, text)
            uow.finish(None)
        asked = [*notes, NoteId(new_id())]
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.notes.texts(asked) == {id: text for id, (_, text) in notes.items()}
            assert uow.notes.texts([]) == {}
        with world.storage.reading(World(world.storage).organization.id, world.clock) as uow:
            assert uow.notes.texts(asked) == {}
        with world.storage.work(command, world.clock) as uow:
            uow.notes.erase(ana)
            uow.finish(None)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert set(uow.notes.texts(asked).values()) == {" y "}
