"""What a store promises of leads (MEM-12)."""

from __future__ import annotations

from datetime import date, timedelta

from attrs import evolve

from memberlogic.certification.base import Certification
from memberlogic.ids import InquiryId, new_id
from memberlogic.members.inquiries import Inquiry, InquiryKind, InquiryTold, Lead
from memberlogic.storing import Command
from memberlogic.testing.worlds import World

__all__ = ["LeadsPromises"]


class LeadsPromises(Certification):
    """The port ``Leads``."""

    def test_everything_asked_comes_back_in_order_with_what_was_noted(self, world: World) -> None:
        """By instant, then by id; of this member only."""
        ana, ben, now = world.member(), world.member(), world.clock.now()
        first = Inquiry(
            id=InquiryId(new_id()),
            member=ana,
            kind=InquiryKind.WALK_IN,
            at=now,
            studio=None,
            day=date(2026, 1, 15),
            day_began=now - timedelta(hours=3),
            recorded_at=now + timedelta(days=1),
            actor="staff:sam",
        )
        second = evolve(first, id=InquiryId(new_id()), kind=InquiryKind.OTHER)
        earlier = evolve(second, id=InquiryId(new_id()), at=now - timedelta(microseconds=1), day=date(1000, 1, 2))
        note = "Two lines:\n'; --\t😀" + "x" * 1980
        told = (
            InquiryTold(inquiry=earlier, note=None),
            InquiryTold(inquiry=first, note=note),
            InquiryTold(inquiry=second, note="x"),
        )
        command = Command(organization=world.organization.id, name="test", actor="system")
        with world.storage.work(command, world.clock) as uow:
            uow.members.locked(ana)
            for each in (told[2], told[1], told[0]):
                uow.leads.ask(each)
            uow.finish(None)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.leads.of(ana) == Lead(member=ana, source=None, inquiries=told)
            assert uow.leads.of(ben) == Lead(member=ben, source=None, inquiries=())
        other = World(world.storage)
        with world.storage.reading(other.organization.id, world.clock) as uow:
            assert uow.leads.of(ana).inquiries == ()

    def test_a_source_replaces_the_one_before(self, world: World) -> None:
        """And is gone if nobody knows any more."""
        ana, ben = world.member(), world.member()
        for source in ("flyer", "search", None, "flyer"):
            for member in (ana, ben):
                command = Command(organization=world.organization.id, name="test", actor="system")
                with world.storage.work(command, world.clock) as uow:
                    uow.members.locked(member)
                    uow.leads.come_from(member, source if member == ana else "friend")
                    uow.finish(None)
            with world.storage.reading(world.organization.id, world.clock) as uow:
                assert (uow.leads.of(ana).source, uow.leads.of(ben).source) == (source, "friend")
