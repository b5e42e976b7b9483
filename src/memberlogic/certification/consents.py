"""What a store promises of consents (MEM-5)."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve

from memberlogic.certification.base import Certification
from memberlogic.ids import ConsentId, new_id
from memberlogic.members.consents import Consent
from memberlogic.storing import Command
from memberlogic.testing.worlds import World

__all__ = ["ConsentsPromises"]


class ConsentsPromises(Certification):
    """The port ``Consents``."""

    def test_everything_said_comes_back_in_the_order_in_which_it_was_said(self, world: World) -> None:
        """By its instant, then by when it was recorded, then by its id; of this member only."""
        ana, ben, now = world.member(), world.member(), world.clock.now()
        yes = Consent(
            id=ConsentId(new_id()),
            member=ana,
            purpose="marketing",
            channel="email",
            given=True,
            at=now - timedelta(microseconds=1),
            source="web_form",
            wording="2026-01",
            recorded_at=now,
            actor="staff:sam",
        )
        no = evolve(yes, id=ConsentId(new_id()), channel=None, given=False, wording=None)
        known = evolve(yes, id=ConsentId(new_id()), recorded_at=now - timedelta(days=1))
        earlier = evolve(yes, id=ConsentId(new_id()), at=now - timedelta(days=9), actor=f"member:{ana}")
        command = Command(organization=world.organization.id, name="test", actor="system")
        with world.storage.work(command, world.clock) as uow:
            uow.members.locked(ana)
            for each in (yes, no, known, earlier, evolve(yes, id=ConsentId(new_id()), member=ben)):
                uow.consents.add(each)
            uow.finish(None)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.consents.of(ana).consents == (earlier, known, yes, no)
            assert len(uow.consents.of(ben).consents) == 1
        other = World(world.storage)
        with world.storage.reading(other.organization.id, world.clock) as uow:
            assert uow.consents.of(ana).consents == ()
