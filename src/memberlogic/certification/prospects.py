"""What a store promises of what became of leads (MEM-12)."""

from __future__ import annotations

from datetime import datetime, timedelta

from memberlogic.calendar import Days
from memberlogic.certification.base import Certification
from memberlogic.members.inquiries import InquiryKind
from memberlogic.members.membership import MembershipDetail, MembershipSpan, MembershipStatus
from memberlogic.members.prospecting import LeadCounts, Stage, Staged
from memberlogic.storing import Command
from memberlogic.testing.worlds import World

__all__ = ["ProspectsPromises"]


def a_member(since: datetime, until: datetime | None) -> MembershipSpan:
    """A span of membership."""
    return MembershipSpan(status=MembershipStatus.MEMBER, detail=MembershipDetail.ACTIVE, since=since, until=until)


class ProspectsPromises(Certification):
    """The port ``Prospects``."""

    def test_inquiries_prospects_and_conversions_are_counted_by_people(self, world: World) -> None:
        """Somebody who asks twice is one prospect; who was a member before is none; who is one later is converted."""
        members, now = world.org.members, world.clock.now()
        ana, ben, cara = world.member(), world.member(), world.member()
        members.set_lead_source(ana, "flyer")
        members.set_lead_source(ben, "flyer")
        for member in (ana, ana, ben, cara):
            members.record_inquiry(member, kind=InquiryKind.PHONE)
        before, later = now - timedelta(days=1), now + timedelta(days=1)
        command = Command(organization=world.organization.id, name="test", actor="system")
        with world.storage.work(command, world.clock) as uow:
            uow.memberships.write(
                {
                    ana: [
                        MembershipSpan(
                            since=now, until=None, status=MembershipStatus.MEMBER, detail=MembershipDetail.ACTIVE
                        )
                    ],
                    ben: [
                        MembershipSpan(
                            since=before, until=later, status=MembershipStatus.MEMBER, detail=MembershipDetail.ACTIVE
                        )
                    ],
                    cara: [
                        MembershipSpan(
                            since=later, until=None, status=MembershipStatus.MEMBER, detail=MembershipDetail.ACTIVE
                        )
                    ],
                }
            )
            uow.finish(None)
        day = now.date()
        with world.storage.reading(world.organization.id, world.clock) as uow:
            report = uow.prospects.report(Days(day, day + timedelta(days=1)), now)
            assert (
                report.rows
                == report.sources
                == (
                    LeadCounts(source=None, studio=None, inquiries=1, prospects=1, conversions=0),
                    LeadCounts(source="flyer", studio=None, inquiries=3, prospects=1, conversions=1),
                )
            )
            assert report.studios == (report.total,)
            assert report.total == LeadCounts(source=None, studio=None, inquiries=4, prospects=2, conversions=1)
            assert uow.prospects.report(Days(day + timedelta(days=1), day + timedelta(days=2)), now).rows == ()
            people = [Staged(member=each, status=MembershipStatus.MEMBER) for each in (ana, ben)]
            assert list(uow.prospects.staged(Stage.MEMBERS, now, limit=9)) == people
            assert [each.member for each in uow.prospects.staged(Stage.PROSPECTS, now, limit=9)] == [cara]
            assert list(uow.prospects.staged(Stage.MEMBERS, now, after=ana, limit=9)) == people[1:]
