"""What a store promises of units of work: all or nothing, keys, tenants, fresh values."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from memberlogic.actors import Actor
from memberlogic.application import CannotRelay, MemberLogic
from memberlogic.certification.base import Certification, conserved
from memberlogic.errors import (
    ConcurrencyConflict,
    Duplicate,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    RuleViolation,
)
from memberlogic.events import Recorded
from memberlogic.ids import AccountId, ClubId, ExternalId, MemberId, OrganizationId, new_id
from memberlogic.ledger.model import Move, WalletId
from memberlogic.members.registering import MemberVerified
from memberlogic.storing import Command
from memberlogic.testing.notifiers import RecordingNotifier
from memberlogic.testing.worlds import World

__all__ = ["StoragePromises"]


class StoragePromises(Certification):
    """COM-1, COM-9, COM-10, COM-19 on a store."""

    def test_an_exception_inside_a_unit_leaves_nothing_behind(self, world: World) -> None:
        """A unit of work is left cleanly or not at all."""
        account = world.account(credits=[100])
        command = Command(organization=world.organization.id, name="test", actor="system")
        with pytest.raises(ZeroDivisionError), world.storage.work(command, world.clock) as uow:
            uow.wallets.moving([Move(WalletId(account))])
            uow.put([MemberVerified(member=MemberId(new_id()))])
            raise ZeroDivisionError
        assert not [each for each in world.events() if isinstance(each.event, MemberVerified)]
        assert world.available(account) == 100

    def test_a_refused_command_leaves_nothing_behind(self, world: World) -> None:
        """Not even what fell due on the way is written."""
        account = world.account(credits=[100])
        before = world.entries(account), world.wallet(account)
        with pytest.raises(RuleViolation):
            world.org.ledger.transfer(source=account, target=world.account(), points=101)
        assert (world.entries(account), world.wallet(account)) == before

    def test_a_key_answers_the_first_result_and_does_nothing(self, world: World) -> None:
        """COM-9: same key, command, actor and input."""
        account = world.account()
        first = world.org.ledger.credit(account, 10, reason="welcome", idempotency_key="k")
        world.wait(days=40)
        assert world.org.ledger.credit(account, 10, reason="welcome", idempotency_key="k") == first
        assert world.available(account) == 10

    @pytest.mark.parametrize("difference", ["input", "command", "actor"])
    def test_a_key_used_for_something_else_is_refused(self, world: World, difference: str) -> None:
        """COM-9: with anything else it is an IdempotencyConflict."""
        account, other = world.account(), world.account()
        world.org.ledger.credit(account, 10, reason="welcome", idempotency_key="k")
        with pytest.raises(IdempotencyConflict) as refusal:
            if difference == "input":
                world.org.ledger.credit(account, 11, reason="welcome", idempotency_key="k")
            elif difference == "command":
                world.org.ledger.transfer(source=account, target=other, points=1, idempotency_key="k")
            else:
                staff = world.staff("members.points:create")
                staff.ledger.credit(account, 10, reason="welcome", idempotency_key="k")
        assert refusal.value.details["difference"] == difference
        assert world.available(account) == 10

    def test_a_refusal_frees_the_key(self, world: World) -> None:
        """COM-9: what was refused can be sent again with the same key."""
        source, target = world.account(), world.account()
        with pytest.raises(RuleViolation):
            world.org.ledger.transfer(source=source, target=target, points=5, idempotency_key="k")
        world.org.ledger.credit(source, 5, reason="welcome")
        world.org.ledger.transfer(source=source, target=target, points=5, idempotency_key="k")
        assert world.available(target) == 5

    def test_keys_of_two_organizations_do_not_meet(self, world: World) -> None:
        """COM-9: a key is scoped to the organization."""
        other = World(world.storage)
        for each in (world, other):
            account = each.account()
            each.org.ledger.credit(account, 10, reason="welcome", idempotency_key="k")
            assert each.available(account) == 10

    def test_keys_differ_by_case_and_accent(self, world: World) -> None:
        """A key is compared as it is, on every database."""
        account = world.account()
        for key in ("key", "KEY", "kéy", "key2"):
            world.org.ledger.credit(account, 1, reason="welcome", idempotency_key=key)
        assert world.available(account) == 4

    def test_another_organizations_records_do_not_exist(self, world: World) -> None:
        """COM-1: they are answered exactly as ones that are not there."""
        other = World(world.storage)
        account, member = other.account(credits=[10]), other.member()
        mine = world.account(credits=[10])
        nobody = AccountId(new_id())
        for foreign in (account, nobody):
            for refused in (
                lambda id: world.org.ledger.credit(id, 1, reason="welcome"),
                lambda id: world.org.ledger.balance(id),
                lambda id: world.org.ledger.transfer(source=id, target=mine, points=1),
                lambda id: world.org.ledger.transfer(source=mine, target=id, points=1),
                lambda id: world.org.ledger.check_transfer(source=mine, target=id, points=1),
                lambda id: world.org.ledger.settle([WalletId(id)]),
                lambda id: world.org.loyalty.account(id),
            ):
                with pytest.raises(NotFound) as refusal:
                    refused(foreign)
                assert refusal.value.to_json() == NotFound(kind="account", id=foreign).to_json()
        for refused_member in (member, MemberId(new_id())):
            with pytest.raises(NotFound):
                world.org.loyalty.open_account(club=world.club.id, member=refused_member)
        for refused_club in (other.club.id, ClubId(new_id())):
            with pytest.raises(NotFound):
                world.org.loyalty.open_account(club=refused_club, member=world.member())
        assert (world.available(mine), other.available(account)) == (10, 10)

    def test_an_organization_that_is_not_there_is_not_found(self, world: World) -> None:
        """COM-1."""
        with pytest.raises(NotFound):
            world.ml.organization(OrganizationId(new_id()), Actor.system())

    def test_an_organizations_id_is_taken_once(self, world: World) -> None:
        """A second organization with the same id is a Duplicate."""
        with pytest.raises(Duplicate):
            world.ml.open_organization(name="Twin", zone=world.organization.zone, id=world.organization.id)

    def test_external_ids_find_their_record(self, world: World) -> None:
        """COM-19: unique per organization and kind of record."""
        external = ExternalId("till", "A-1")
        member = world.org.members.register(member_type="customer", verified=True, external_ids=[external])
        club = world.club.id
        account = world.org.loyalty.open_account(club=club, member=member.id, external_ids=[external])
        assert world.org.members.find("till", "A-1") == member
        assert world.org.loyalty.find_account("till", "A-1").id == account.id
        with pytest.raises(Duplicate):
            world.org.members.register(member_type="customer", external_ids=[external])
        with pytest.raises(NotFound):
            world.org.members.find("till", "a-1")
        with pytest.raises(NotFound):
            World(world.storage).org.members.find("till", "A-1")

    def test_many_external_ids_are_entered_at_once(self, world: World) -> None:
        """COM-19: each finds its record; one that came in between is a conflict, and leaves nothing behind."""
        command = Command(organization=world.organization.id, name="test", actor="system")
        records = {ExternalId("old", f"F-{number}"): new_id() for number in range(3)}
        with world.storage.work(command, world.clock) as uow:
            uow.external_ids.enter("freeze", records)
            uow.external_ids.enter("freeze", {})
            uow.finish(None)
        again = {ExternalId("old", "F-9"): new_id(), ExternalId("old", "F-1"): new_id()}
        with pytest.raises(ConcurrencyConflict), world.storage.work(command, world.clock) as uow:
            uow.external_ids.enter("freeze", again)
            uow.finish(None)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.external_ids.known("freeze", [*records, *again]) == records
            assert uow.external_ids.known("contract", [*records]) == {}

    def test_what_is_rehearsed_is_seen_by_itself_and_undone(self, world: World) -> None:
        """Commands see those before them; nothing is left, nor of what was refused in it."""
        account, other = world.account(credits=[100]), world.account()
        events = len(world.events())
        with world.ml.rehearsal() as trial:
            org = trial.organization(world.organization.id, world.org.actor)
            org.ledger.transfer(source=account, target=other, points=60, idempotency_key="k")
            with pytest.raises(RuleViolation):
                org.ledger.transfer(source=account, target=other, points=60)
            member = org.members.register(member_type="customer", external_ids=[ExternalId("till", "R-1")])
            assert org.members.find("till", "R-1") == member
            assert (org.ledger.balance(account).available, org.ledger.balance(other).available) == (40, 60)
            trial.run_jobs()
        assert (world.available(account), world.available(other), len(world.events())) == (100, 0, events)
        with pytest.raises(NotFound):
            world.org.members.find("till", "R-1")
        world.org.ledger.transfer(source=account, target=other, points=1, idempotency_key="k")
        assert world.available(other) == 1

    def test_a_rehearsal_that_breaks_off_is_undone(self, world: World) -> None:
        """Whatever ends it."""
        account = world.account()
        with pytest.raises(ZeroDivisionError), world.ml.rehearsal() as trial:
            org = trial.organization(world.organization.id, world.org.actor)
            org.ledger.credit(account, 5, reason="welcome")
            raise ZeroDivisionError
        assert world.available(account) == 0

    def test_a_rehearsal_inside_a_rehearsal_is_undone_alone(self, world: World) -> None:
        """What the outer one did before is there still."""
        account = world.account()
        with world.ml.rehearsal() as outer:
            org = outer.organization(world.organization.id, world.org.actor)
            org.ledger.credit(account, 5, reason="welcome")
            with outer.rehearsal() as inner:
                inside = inner.organization(world.organization.id, world.org.actor)
                inside.ledger.credit(account, 7, reason="welcome")
                assert inside.ledger.balance(account).available == 12
            assert org.ledger.balance(account).available == 5
        assert world.available(account) == 0

    def test_no_message_leaves_a_rehearsal(self, world: World) -> None:
        """COM-17: what was not committed is not sent."""
        with world.ml.rehearsal() as trial, pytest.raises(CannotRelay):
            trial.relay(RecordingNotifier())

    def test_a_key_is_answered_before_a_natural_key_is_refused(self, world: World) -> None:
        """COM-9, COM-11: idempotency comes before everything that looks at what is stored."""
        external = ExternalId("till", "A-9")
        again = [
            world.org.members.register(member_type="customer", external_ids=[external], idempotency_key="m")
            for _ in range(2)
        ]
        assert again[0] == again[1]
        member = world.member()
        opened = [
            world.org.loyalty.open_account(
                club=world.club.id, member=member, external_ids=[external], idempotency_key="a"
            )
            for _ in range(2)
        ]
        assert opened[0] == opened[1]

    def test_a_clock_of_another_zone_tells_the_same_instant(self, world: World) -> None:
        """COM-2: every instant is kept in UTC, the clock's too."""
        noon = world.clock.now()

        class Abroad:
            def now(self) -> datetime:
                return noon.astimezone(ZoneInfo("Asia/Tokyo"))

        account = world.account()
        abroad = MemberLogic(world.storage, clock=Abroad()).organization(world.organization.id, world.org.actor)
        abroad.ledger.credit(account, 1, reason="welcome")
        (entry,) = world.entries(account)
        assert (entry.effective_at, entry.effective_at.utcoffset()) == (noon, timedelta(0))
        assert world.wallet(account).lots[0].earned_at == noon

    def test_a_naive_clock_is_refused(self, world: World) -> None:
        """COM-2."""

        class Naive:
            def now(self) -> datetime:
                return datetime(2026, 1, 1)  # noqa: DTZ001 - what is tried

        account = world.account()
        naive = MemberLogic(world.storage, clock=Naive()).organization(world.organization.id, world.org.actor)
        with pytest.raises(InvalidInput):
            naive.ledger.credit(account, 1, reason="welcome")

    def test_a_refusal_is_not_its_own_cause(self, world: World) -> None:
        """Whoever walks the causes of an error gets to an end."""
        with pytest.raises(NotFound) as refusal:
            world.org.ledger.credit(AccountId(new_id()), 1, reason="welcome")
        assert refusal.value.__cause__ is not refusal.value

    def test_events_are_read_in_order_and_in_pages(self, world: World) -> None:
        """COM-10: commands' events and the ledger's entries in one history, entries written once."""
        account = world.account(credits=[5])
        world.org.ledger.transfer(source=account, target=world.account(), points=5)
        events = world.events()
        assert [each.event.type for each in events[-3:]] == [
            "account.opened",
            "points.transferred_out",
            "points.transferred_in",
        ]
        paged: list[Recorded] = []
        after: UUID | None = None
        with world.storage.reading(world.organization.id, world.clock) as uow:
            while page := uow.history.events(after=after, limit=2):
                paged += page
                after = page[-1].id
        assert paged == events

    def test_what_was_stored_is_read_as_it_was(self, world: World) -> None:
        """Entries and wallets come back with every instant, day, reason and explanation."""
        account = world.account()
        credited = world.org.ledger.credit(account, 7, reason="welcome", reference="Receipt 7/ä")
        (entry,) = world.entries(account)
        (lot,) = world.wallet(account).lots
        assert (entry.id, entry.because) == (credited.entry, credited.because)
        assert (entry.reference, entry.reason, entry.actor) == ("Receipt 7/ä", "welcome", "system")
        assert entry.effective_at == entry.recorded_at == lot.earned_at == world.clock.now()
        assert entry.opened == (lot,)
        conserved(world, account)
