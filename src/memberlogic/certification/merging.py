"""What a store promises of records of one person that became one (MEM-17)."""

from __future__ import annotations

import pytest

from memberlogic.care.configurations import ConfigurationTerms
from memberlogic.care.flows import Action, ActionKind, After, DelayUnit, FlowTerms, Milestone
from memberlogic.certification.base import Certification
from memberlogic.contracts.passes import PassKind
from memberlogic.ids import ExternalId, MemberId, new_id
from memberlogic.ledger.journals import JournalRow, LineKind
from memberlogic.ledger.model import Move, WalletId
from memberlogic.loyalty.programme import Earning, EarningRule, Rate
from memberlogic.loyalty.purchases import PurchaseLine
from memberlogic.members import InquiryKind
from memberlogic.members.contact_points import ContactKind
from memberlogic.storing import Command, Signpost
from memberlogic.testing.worlds import World

__all__ = ["MergingPromises"]


def doing(world: World, key: str | None = None) -> Command:
    """A command."""
    return Command(organization=world.organization.id, name="test", actor="system", key=key, fingerprint=key)


class MergingPromises(Certification):
    """Where records lead, and what they take along."""

    def test_a_record_that_was_merged_leads_to_the_other(self, world: World) -> None:
        """Looked up or locked, alone or with others; by its support id it is the other. Others lead nowhere."""
        ana, ben, cleo = world.member(), world.member(), world.member()
        support = world.org.members.get(ben).support_id
        world.org.members.merge(survivor=ana, duplicate=ben)
        with world.storage.work(doing(world), world.clock) as uow:
            for look in (uow.members.get, uow.members.locked, lambda each: uow.members.all_locked([each, cleo])):
                with pytest.raises(Signpost) as met:
                    look(ben)
                assert met.value.leads == {ben: ana}
            assert uow.members.by_support_id(support).id == ana
            assert uow.mergings.leads([ana, ben, cleo, new_id()]) == {ben: ana}
            assert uow.mergings.leads([]) == {}
            assert [each.id for each in uow.mergings.led_to(ana)] == [ben]
            assert list(uow.mergings.led_to(ben)) == list(uow.mergings.led_to(cleo)) == []
            assert uow.members.several([ben])[ben].deleted

    def test_what_is_kept_of_a_member_is_the_others(self, world: World) -> None:
        """What leads to the one leads to the other; another organization's is not touched."""
        org = world.org.members
        ana, ben, old = world.member(), world.member(), world.member()
        org.add_contact_point(ben, kind=ContactKind.EMAIL, value="ben@example.org")
        point = org.contact_points(ben)[0].id
        org.ask_confirmation(point)
        org.give_consent(ben, purpose="terms", source="paper", wording="v1")
        org.record_inquiry(ben, kind=InquiryKind.WEB, note="hello")
        org.merge(survivor=ben, duplicate=old)
        other = World(world.storage)
        stranger = other.member()
        with world.storage.work(doing(world), world.clock) as uow:
            uow.members.all_locked([ana, ben])
            uow.mergings.merge(ben, ana)
            uow.finish(None)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert [each.id for each in uow.contact_points.of(ana)] == [point]
            assert [each.member for each in uow.consents.of(ana).consents] == [ana]
            assert [each.note for each in uow.leads.of(ana).inquiries] == ["hello"]
            assert len(uow.external_ids.of("member", ana)) == 3
            assert list(uow.external_ids.of("member", ben)) == []
            assert uow.mergings.leads([old, ben]) == {old: ana, ben: ana}
        assert other.org.members.get(stranger).id == stranger

    def test_contracts_and_visits_are_the_others(self, world: World) -> None:
        """Counted before, under the one id after."""
        contracts, ana, ben = world.org.contracts, world.member(), world.member()
        guest = world.member()
        world.contract(member=ben)
        contracts.check_in(ben, studio=world.studio())
        contracts.issue_pass(ben, PassKind.TRIAL)
        contracts.issue_pass(guest, PassKind.GUEST, host=ben)
        contracts.suspend_member(ben, reason="house_ban")
        with world.storage.work(doing(world), world.clock) as uow:
            uow.members.all_locked([ana, ben])
            assert uow.contract_mergings.counted(ben) == {"visits": 1, "passes": 1, "suspensions": 1}
            assert uow.contract_mergings.counted(ana) == {"visits": 0, "passes": 0, "suspensions": 0}
        world.org.members.merge(survivor=ana, duplicate=ben)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.contract_mergings.counted(ana) == {"visits": 1, "passes": 1, "suspensions": 1}
            assert [each.members for each in uow.contracts.of([ana]).values()] == [(ana,)]
            assert uow.contracts.of([ben]) == {}
            assert [each.host for each in uow.passes.of(guest)] == [ana]

    def test_an_account_that_became_one_with_another_leads_to_it(self, world: World) -> None:
        """Its wallets too, moving or viewed; it is held by nobody as an account."""
        ana, ben = world.member(), world.member()
        one, other = world.account(member=ana, credits=[1]), world.account(member=ben, credits=[2])
        third = world.account()
        world.org.members.merge(survivor=ana, duplicate=ben)
        with world.storage.work(doing(world), world.clock) as uow:
            for look in (
                lambda: uow.accounts.get(other),
                lambda: uow.accounts.locked(other),
                lambda: uow.wallets.viewing([WalletId(third), WalletId(other)]),
                lambda: uow.wallets.moving([Move(WalletId(other), takes=1), Move(WalletId(third))]),
                lambda: uow.purchases.arriving([Move(WalletId(other))], []),
            ):
                with pytest.raises(Signpost) as met:
                    look()
                assert met.value.leads == {other: one}
            assert list(uow.accounts.held_by(ana)) == [one]
            assert list(uow.account_mergings.led_to(one)) == [other]
            assert uow.account_mergings.formerly([one, third]) == {one: [other], third: []}
            assert uow.account_mergings.formerly([]) == {}
            assert uow.account_mergings.leads([one, other, third]) == {other: one}
            assert len(uow.wallets.entries(WalletId(other))) == 2

    def test_accounts_change_hands(self, world: World) -> None:
        """Once, where both held one; and whose own they were are the other's."""
        ana, ben = world.member(), world.member()
        own, joint = world.account(member=ben), world.account()
        world.org.loyalty.join_account(joint, ben)
        world.org.loyalty.join_account(joint, ana)
        with world.storage.work(doing(world), world.clock) as uow:
            uow.members.all_locked([ana, ben])
            for each in sorted([own, joint]):
                uow.accounts.locked(each)
            uow.account_mergings.hand_over([own, joint], ben, ana)
            uow.finish(None)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert (uow.accounts.get(own).owner, uow.accounts.get(own).holders) == (ana, (ana,))
            assert uow.accounts.get(joint).holders.count(ana) == 1
            assert ben not in uow.accounts.get(joint).holders
            assert list(uow.accounts.own(ana, world.club.id)) == [own]
            assert list(uow.accounts.held_by(ben)) == []

    def test_purchases_and_cards_go_along_and_entries_stay(self, world: World) -> None:
        """What led to the account leads on."""
        club = world.another_club(earning=Earning(rules=[EarningRule(key="base", gives=Rate(1, 100))]))
        cards = {}
        for name in ("a", "b", "c"):
            card = ExternalId("card", f"{name}-{new_id()}")
            cards[name] = world.org.loyalty.open_account(club=club.id, member=world.member(), external_ids=[card]).id
            world.org.loyalty.record_purchase(
                account=cards[name],
                purchase=ExternalId("till", name),
                lines=[PurchaseLine("item", 500)],
                currency="EUR",
            )
        owners = {name: world.org.loyalty.account(each).owner for name, each in cards.items()}
        world.org.members.merge(survivor=owners["b"], duplicate=owners["a"])
        world.org.members.merge(survivor=owners["c"], duplicate=owners["b"])
        with world.storage.reading(world.organization.id, world.clock) as uow:
            last = cards["c"]
            bought = uow.purchases.of_account(last, after=None, limit=9)
            assert sorted(each.external_id.value for each, _ in bought) == ["a", "b", "c"]
            assert {each.account for each, _ in bought} == {last}
            assert len(uow.external_ids.of("account", last)) == 3
            assert list(uow.account_mergings.led_to(last)) == sorted([cards["a"], cards["b"]])
            assert {each.wallet.account for each in uow.wallets.entries(WalletId(cards["a"]))} == {cards["a"]}

    def test_a_drafted_line_names_where_its_account_leads(self, world: World) -> None:
        """Until it is posted."""
        ana, ben = world.member(), world.member()
        one, other = world.account(member=ana), world.account(member=ben)
        drafts = {}
        for name in ("posted", "drafted"):
            row = JournalRow(kind=LineKind.EARN, account=other, points=5)
            drafts[name] = world.org.ledger.draft_journal(f"{name}-{new_id()}", [row]).id
        world.org.ledger.post_journal(drafts["posted"])
        world.org.members.merge(survivor=ana, duplicate=ben)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            said = {name: uow.journals.lines(id, limit=9)[0].said for name, id in drafts.items()}
        assert {name: each and each.account for name, each in said.items()} == {"posted": other, "drafted": one}

    def test_runs_are_the_others_and_one_is_active(self, world: World) -> None:
        """The one that is named, or none; whoever had none before has it from then on."""
        care, studio = world.org.care, world.studio()
        call = Action(kind=ActionKind.PHONE_CALL)
        milestone = Milestone(name="Call", schedule=After(length=3, unit=DelayUnit.DAYS), action=call)
        flow = care.save_flow(FlowTerms(name="Welcome", milestones=[milestone])).flow.id
        care.activate(
            care.create_configuration(ConfigurationTerms(name="North", manual=[flow])).id,
            studio=studio,
        )
        ana, ben, cleo = world.member(), world.member(), world.member()
        runs = [care.assign(each, flow, studio=studio).run for each in (ana, ben)]
        for duplicate, survivor, active in ((ana, cleo, runs[0]), (cleo, ben, runs[1])):
            with world.storage.work(doing(world), world.clock) as uow:
                uow.members.all_locked([duplicate, survivor])
                uow.care_runs.held(sorted([duplicate, survivor]))
                uow.care_runs.merge(duplicate, survivor, active)
                uow.finish(None)
            with world.storage.reading(world.organization.id, world.clock) as uow:
                assert {member: run.id for member, run in uow.care_runs.active([duplicate, survivor]).items()} == {
                    survivor: active
                }
                assert list(uow.care_runs.of(duplicate)) == []
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert {each.id for each in uow.care_runs.of(ben)} == set(runs)
            assert {each.member for each in uow.care_runs.of(ben)} == {ben}

    def test_a_key_is_looked_up_before_a_signpost_is_met(self, world: World) -> None:
        """COM-9: a command that was done on a record before it was merged answers as it did."""
        ana, ben = world.member(), world.member()
        other = world.account(member=ben)
        first = world.org.ledger.credit(other, 5, reason="welcome", idempotency_key="once")
        world.org.members.merge(survivor=ana, duplicate=ben)
        assert world.org.ledger.credit(other, 5, reason="welcome", idempotency_key="once") == first
        assert world.available(other) == 5

    def test_events_concern_the_survivor_once(self, world: World) -> None:
        """What concerned either, and both."""
        ana, ben = world.member(), world.member()
        world.org.members.merge(survivor=ana, duplicate=ben)
        kinds = [each.kind for each in world.org.members.timeline(ana)]
        assert sorted(kinds) == ["member.merged", "member.registered", "member.registered"]
        nobody = MemberId(new_id())
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.mergings.leads([nobody]) == {}
