"""Which strategy makes values of which type, where nothing has to exist already."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from hypothesis import strategies as st

from memberlogic.actors import Actor
from memberlogic.amounts import Money
from memberlogic.calendar import Days, Term
from memberlogic.care.configurations import ConfigurationTerms, RateFlow
from memberlogic.care.flows import Action, FlowTerms, MessageContent, Milestone, On, Unseen
from memberlogic.care.flows import After as Delay
from memberlogic.care.simulating import PlannedEvent
from memberlogic.clock import FixedClock
from memberlogic.contracts.batches import FreezeAll, Named, OpenAt
from memberlogic.contracts.cancellation_importing import CancellationRow
from memberlogic.contracts.freeze_importing import FreezeRow
from memberlogic.contracts.giving import GiveDays
from memberlogic.contracts.importing import ContractRow
from memberlogic.contracts.rate_importing import RateRow
from memberlogic.contracts.rates import (
    DayOfYear,
    EarlyTermination,
    EndsWithTerm,
    Extends,
    FreezePolicy,
    Notice,
    RateTerms,
    RunsOn,
    SwitchesTo,
    SwitchPath,
)
from memberlogic.contracts.services import AllServices, OnlyServices, ServiceTerms, VisitLimit
from memberlogic.ids import ContractId, ExternalId, RateId
from memberlogic.importing import RefusedRow
from memberlogic.ledger.journals import JournalRow
from memberlogic.ledger.model import (
    AdjustingPolicy,
    After,
    FixedDay,
    Inactivity,
    Maximum,
    Never,
    TransferPolicy,
    WalletId,
)
from memberlogic.loyalty.importing import PurchaseRow
from memberlogic.loyalty.model import Scheme
from memberlogic.loyalty.programme import (
    AwardRule,
    Earning,
    EarningRule,
    Fixed,
    Hours,
    LineCondition,
    MostOften,
    Multiplier,
    Offer,
    Rate,
    Redeeming,
)
from memberlogic.loyalty.progression import (
    AnniversaryYear,
    CalendarYear,
    Daily,
    Monthly,
    OnAnniversary,
    Pin,
    Progression,
    Rolling,
    SinceChange,
    Yearly,
)
from memberlogic.loyalty.purchases import PurchaseLine
from memberlogic.loyalty.redeeming import RedeemBlocks
from memberlogic.loyalty.returns import ReturnLine
from memberlogic.members.importing import PersonRow
from memberlogic.members.membership import MembershipSpan
from memberlogic.members.people import Address, EmergencyContact
from memberlogic.organizations.model import Studio
from memberlogic.organizations.quieting import QuietHours
from memberlogic.testing.strategies import basics, care, contracts, ledger, loyalty, people

__all__ = ["KINDS"]

_TODAY = date(2026, 1, 15)
_RATE = (RateId(basics.SOME_ID),)


KINDS: Mapping[type, st.SearchStrategy[Any]] = {
    Actor: basics.actors(),
    Days: basics.days(),
    ExternalId: basics.external_ids(),
    FixedClock: basics.clocks(),
    Money: basics.money(),
    QuietHours: basics.quiet_hours(),
    Studio: basics.studios(),
    Term: basics.terms(),
    # people
    Address: people.addresses(),
    EmergencyContact: people.emergency_contacts(),
    MembershipSpan: care.memberships(least=1).map(lambda spans: spans[-1]),
    PersonRow: people.person_rows(),
    RefusedRow: people.refused_rows(),
    # contracts
    AllServices: st.just(AllServices()),
    CancellationRow: contracts.cancellation_rows(["c-1"], today=_TODAY),
    ContractRow: contracts.contract_rows(["m-1"], ["r-1"], ["north"], today=_TODAY),
    DayOfYear: contracts.days_of_the_year(),
    EarlyTermination: contracts.early_terminations(),
    EndsWithTerm: st.just(EndsWithTerm()),
    Extends: st.builds(Extends, basics.terms()),
    FreezeAll: contracts.freezes_of_all(),
    FreezePolicy: contracts.freeze_policies(),
    FreezeRow: contracts.freeze_rows(["c-1"], first=_TODAY),
    GiveDays: contracts.gifts(),
    Named: contracts.named([ContractId(basics.SOME_ID)]),
    Notice: contracts.notices(),
    OnlyServices: contracts.only_services(),
    OpenAt: contracts.open_at(basics.codes()),
    RateRow: contracts.rate_rows(),
    RateTerms: contracts.rates(),
    RunsOn: st.just(RunsOn()),
    ServiceTerms: contracts.services(),
    SwitchPath: contracts.switch_paths(_RATE),
    SwitchesTo: st.builds(SwitchesTo, st.sampled_from(_RATE)),
    VisitLimit: contracts.limits(),
    # care
    Action: care.actions(),
    ConfigurationTerms: care.configurations(),
    Delay: care.delays(),
    FlowTerms: care.flows(),
    MessageContent: care.messages(templates=["welcome"]),
    Milestone: care.milestones(),
    On: care.signals(),
    PlannedEvent: care.planned_events(),
    RateFlow: care.rate_flows(),
    Unseen: care.absences(),
    # points
    AdjustingPolicy: ledger.adjusting(),
    After: ledger.after_a_term(),
    FixedDay: ledger.fixed_days(),
    Inactivity: ledger.by_inactivity(),
    JournalRow: ledger.journal_rows(),
    Maximum: ledger.maxima(),
    Never: st.just(Never()),
    TransferPolicy: ledger.transfers(),
    WalletId: ledger.wallets(),
    # earning, ranks, purchases
    AnniversaryYear: st.just(AnniversaryYear()),
    AwardRule: loyalty.award_rules(),
    CalendarYear: st.just(CalendarYear()),
    Daily: st.just(Daily()),
    Earning: loyalty.earnings(),
    EarningRule: loyalty.earning_rules(),
    Fixed: loyalty.bonuses(),
    Hours: loyalty.hours(),
    LineCondition: loyalty.conditions(),
    Monthly: loyalty.monthly(),
    MostOften: loyalty.most_often(),
    Multiplier: loyalty.multipliers(),
    Offer: loyalty.offers(),
    OnAnniversary: st.just(OnAnniversary()),
    Pin: loyalty.pins(),
    Progression: loyalty.progressions(),
    PurchaseLine: loyalty.purchase_lines(),
    PurchaseRow: loyalty.purchase_rows(),
    Rate: loyalty.points_for_money(),
    RedeemBlocks: loyalty.redeem_blocks(),
    Redeeming: loyalty.redeemings(),
    ReturnLine: st.builds(ReturnLine, position=st.integers(0, 5)),
    Rolling: st.builds(Rolling, basics.terms()),
    Scheme: loyalty.ladders().map(lambda ladder: ladder[-1]),
    SinceChange: st.just(SinceChange()),
    Yearly: loyalty.yearly(),
}
"""A strategy for each class that commands take, alone or inside another."""
