"""What a store promises of journals: lines come back in order, a reference is taken once, what is written out is there
and stays part of the unit.
"""

from __future__ import annotations

import pytest
from attrs import evolve

from memberlogic.certification.base import Certification, conserved
from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.ids import AccountId, ExternalId, JournalId, new_id
from memberlogic.ledger.journals import Drafted, JournalRow, JournalState, LineKind
from memberlogic.storing import Command
from memberlogic.testing.worlds import World

__all__ = ["JournalsPromises"]


def _command(world: World) -> Command:
    return Command(organization=world.organization.id, name="test", actor="system")


class JournalsPromises(Certification):
    """The port ``Journals``, and ``write_out``."""

    def test_lines_come_back_as_they_went_in(self, world: World) -> None:
        """Well formed or not, in order, in pages."""
        one, two = world.account(), world.account()
        rows = [
            JournalRow(LineKind.TRANSFER, one, 2, target=two, reason="gift", reference="R 1/ä"),
            JournalRow(LineKind.EARN, one, 3, expires_at=world.clock.now()),
            JournalRow(LineKind.EARN, ExternalId("card", "nobody"), 3),
        ]
        journal = world.org.ledger.draft_journal("october", rows)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.journals.get(journal.id) == uow.journals.find("october") == journal
            first, second, third = uow.journals.lines(journal.id, limit=10)
            assert list(uow.journals.lines(journal.id, after=1, limit=1)) == [second]
            assert uow.journals.there([one, two, AccountId(new_id())]) == {one, two}
            assert list(uow.journals.page(None, after=None, limit=5)) == [journal]
            assert not uow.journals.page(None, after=journal.id, limit=5)
            assert not uow.journals.page(JournalState.POSTED, after=None, limit=5)
            with pytest.raises(NotFound):
                uow.journals.get(JournalId(new_id()))
        assert first.said is not None
        assert second.said is not None
        assert third.problem is not None
        assert (first.said.account, first.said.target, first.said.reference) == (one, two, "R 1/ä")
        assert second.said.expires_at == world.clock.now()
        assert (third.said, third.problem.field, third.problem.code) == (None, "account", "not_found")

    def test_a_reference_is_taken_once(self, world: World) -> None:
        """PTS-15: another journal cannot come in under it."""
        journal = world.org.ledger.draft_journal("october", [])
        other = evolve(journal, id=JournalId(new_id()))
        with pytest.raises(ConcurrencyConflict), world.storage.work(_command(world), world.clock) as uow:
            uow.journals.draft(Drafted(other, (), anew=False))
            uow.finish(None)

    def test_what_is_written_out_can_be_read_again(self, world: World) -> None:
        """And goes with the unit, if the unit fails."""
        account = world.account()
        rows = [JournalRow(LineKind.EARN, account, 1)] * 1001
        good = world.org.ledger.draft_journal("good", rows)
        world.org.ledger.post_journal(good.id)
        assert (world.available(account), len(world.entries(account))) == (1001, 1001)
        entries = [entry.id for entry in world.entries(account)]
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert [line.entry for line in uow.journals.lines(good.id, limit=2000)] == entries
        bad = world.org.ledger.draft_journal("bad", [*rows, JournalRow(LineKind.REDEEM, account, 5000)])
        with pytest.raises(Exception, match="Line 1002"):
            world.org.ledger.post_journal(bad.id)
        assert (world.available(account), len(world.entries(account))) == (1001, 1001)
        conserved(world, account)
