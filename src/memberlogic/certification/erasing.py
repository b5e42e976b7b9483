"""What a store promises of what is erased (MEM-8, MEM-9)."""

from __future__ import annotations

from memberlogic.certification.base import Certification
from memberlogic.ids import ExternalId, MemberId, new_id
from memberlogic.members import InquiryKind
from memberlogic.notifying import Delivery, Message
from memberlogic.storing import Command
from memberlogic.testing.worlds import World

__all__ = ["ErasingPromises"]


def doing(world: World) -> Command:
    """A command."""
    return Command(organization=world.organization.id, name="test", actor="system")


def message(world: World, member: MemberId) -> Message:
    """Something to be said to a member."""
    return Message(id=new_id(), kind="greeting", member=member, figures={"said": "hello"}, not_before=world.clock.now())


class ErasingPromises(Certification):
    """What goes, and what stays beside it."""

    def test_external_ids_go_one_by_one_and_can_be_anothers(self, world: World) -> None:
        """Those of other kinds and of other records stay."""
        ids = [ExternalId("crm", "7"), ExternalId("books", "7")]
        ana = world.org.members.register(member_type="customer", external_ids=ids).id
        account = world.org.loyalty.open_account(club=world.club.id, member=ana, external_ids=ids).id
        with world.storage.work(doing(world), world.clock) as uow:
            uow.members.locked(ana)
            uow.external_ids.remove("member", ana, ids[:1])
            uow.finish(None)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.external_ids.of("member", ana) == ids[1:]
            assert uow.external_ids.of("account", account) == sorted(ids, key=lambda each: each.source)
        assert world.org.members.register(member_type="customer", external_ids=ids[:1]).id != ana

    def test_notes_go_and_inquiries_stay(self, world: World) -> None:
        """Those of others stay."""
        ana, ben = world.member(), world.member()
        for member in (ana, ana, ben):
            world.org.members.record_inquiry(member, kind=InquiryKind.WEB, note="hello")
        with world.storage.work(doing(world), world.clock) as uow:
            uow.members.locked(ana)
            uow.leads.forget_notes(ana)
            uow.finish(None)
        assert [each.note for each in world.org.members.lead(ana).inquiries] == [None, None]
        assert [each.note for each in world.org.members.lead(ben).inquiries] == ["hello"]

    def test_tags_that_nobody_carries_go(self, world: World) -> None:
        """What was taken off in the same unit counts; another organization's stay."""
        ana, ben = world.member(), world.member()
        world.org.members.add_tags(ana, ["both", "hers"])
        world.org.members.add_tags(ben, ["both"])
        other = World(world.storage)
        other.org.members.add_tags(other.member(), ["old"])
        other.org.members.remove_tags(other.member(), ["old"])
        hers = [each.tag.id for each in world.org.members.tags(ana).tags]
        with world.storage.work(doing(world), world.clock) as uow:
            uow.members.locked(ana)
            uow.tags.take(ana, hers)
            uow.tags.forget_unused()
            uow.finish(None)
        assert [each.tag.text for each in world.org.members.all_tags()] == ["both"]
        assert [each.tag.text for each in other.org.members.all_tags()] == ["old"]

    def test_a_members_messages_are_silent_and_what_waits_is_withheld(self, world: World) -> None:
        """Also what the same unit queued before; what was sent counts as sent. Those of others stay."""
        ana, ben = world.member(), world.member()
        with world.storage.work(doing(world), world.clock) as uow:
            uow.members.all_locked(sorted([ana, ben]))
            uow.put((), [message(world, ana), message(world, ben)])
            uow.finish(None)
        with world.storage.work(doing(world), world.clock) as uow:
            uow.members.locked(ana)
            uow.put((), [message(world, ana)])
            uow.messages.cancel(ana, "gone")
            uow.finish(None)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            hers, his = uow.messages.of(ana), uow.messages.of(ben)
        assert [(each.delivery, each.reason, dict(each.message.figures)) for each in hers] == [
            (Delivery.WITHHELD, "gone", {})
        ] * 2
        assert [each.message.id for each in hers] == sorted(each.message.id for each in hers)
        assert [(each.delivery, dict(each.message.figures)) for each in his] == [(Delivery.QUEUED, {"said": "hello"})]

    def test_whatever_a_member_holds_is_found(self, world: World) -> None:
        """Alone or with others, closed accounts among them; not what they left."""
        ana, ben = world.member(), world.member()
        own, joint, left = world.account(member=ana), world.account(member=ben), world.account()
        world.org.loyalty.close_account(own)
        for account in (joint, left):
            world.org.loyalty.join_account(account, ana)
        world.org.loyalty.leave_account(left, ana)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert list(uow.accounts.held_by(ana)) == sorted([own, joint])
            assert list(uow.accounts.held_by(ben)) == [joint]
            assert list(uow.accounts.held_by(MemberId(new_id()))) == []
