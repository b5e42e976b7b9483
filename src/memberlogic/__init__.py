"""memberlogic: membership and loyalty rules as a library. This is the shelf: what a host imports every day."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memberlogic.actors import Actor as Actor
    from memberlogic.amounts import Money as Money
    from memberlogic.amounts import Rounding as Rounding
    from memberlogic.application import AsyncMemberLogic as AsyncMemberLogic
    from memberlogic.application import Handle as Handle
    from memberlogic.application import MemberLogic as MemberLogic
    from memberlogic.calendar import CalendarPeriod as CalendarPeriod
    from memberlogic.calendar import Days as Days
    from memberlogic.calendar import Term as Term
    from memberlogic.care.catalogues import Catalogues as Catalogues
    from memberlogic.clock import Clock as Clock
    from memberlogic.clock import FixedClock as FixedClock
    from memberlogic.clock import SystemClock as SystemClock
    from memberlogic.contracts.batches import FreezeAll as FreezeAll
    from memberlogic.contracts.batches import Named as Named
    from memberlogic.contracts.batches import OpenAt as OpenAt
    from memberlogic.contracts.cancellation_importing import CancellationRow as CancellationRow
    from memberlogic.contracts.freeze_importing import FreezeRow as FreezeRow
    from memberlogic.contracts.giving import GiveDays as GiveDays
    from memberlogic.contracts.importing import ContractRow as ContractRow
    from memberlogic.contracts.model import CancellationKind as CancellationKind
    from memberlogic.contracts.model import ContractStatus as ContractStatus
    from memberlogic.contracts.passes import PassKind as PassKind
    from memberlogic.contracts.rate_importing import RateRow as RateRow
    from memberlogic.contracts.rates import DayOfYear as DayOfYear
    from memberlogic.contracts.rates import EarlyTermination as EarlyTermination
    from memberlogic.contracts.rates import EndsWithTerm as EndsWithTerm
    from memberlogic.contracts.rates import Extends as Extends
    from memberlogic.contracts.rates import FreezePolicy as FreezePolicy
    from memberlogic.contracts.rates import FreezeUnit as FreezeUnit
    from memberlogic.contracts.rates import Notice as Notice
    from memberlogic.contracts.rates import NoticeMode as NoticeMode
    from memberlogic.contracts.rates import RateTerms as RateTerms
    from memberlogic.contracts.rates import RunsOn as RunsOn
    from memberlogic.contracts.rates import SwitchesTo as SwitchesTo
    from memberlogic.contracts.rates import SwitchPath as SwitchPath
    from memberlogic.contracts.services import OnlyServices as OnlyServices
    from memberlogic.contracts.services import ServiceTerms as ServiceTerms
    from memberlogic.contracts.services import VisitLimit as VisitLimit
    from memberlogic.errors import MemberLogicError as MemberLogicError
    from memberlogic.ids import ExternalId as ExternalId
    from memberlogic.importing import RefusedRow as RefusedRow
    from memberlogic.ledger.journals import JournalRow as JournalRow
    from memberlogic.ledger.journals import LineKind as LineKind
    from memberlogic.ledger.model import AdjustingPolicy as AdjustingPolicy
    from memberlogic.ledger.model import After as After
    from memberlogic.ledger.model import Arrivals as Arrivals
    from memberlogic.ledger.model import FixedDay as FixedDay
    from memberlogic.ledger.model import Inactivity as Inactivity
    from memberlogic.ledger.model import Maximum as Maximum
    from memberlogic.ledger.model import Never as Never
    from memberlogic.ledger.model import Order as Order
    from memberlogic.ledger.model import Shortfall as Shortfall
    from memberlogic.ledger.model import TransferPolicy as TransferPolicy
    from memberlogic.ledger.model import WalletId as WalletId
    from memberlogic.loyalty.importing import PurchaseRow as PurchaseRow
    from memberlogic.loyalty.model import Scheme as Scheme
    from memberlogic.loyalty.programme import AwardRule as AwardRule
    from memberlogic.loyalty.programme import Basis as Basis
    from memberlogic.loyalty.programme import Earning as Earning
    from memberlogic.loyalty.programme import EarningRule as EarningRule
    from memberlogic.loyalty.programme import Fixed as Fixed
    from memberlogic.loyalty.programme import Hours as Hours
    from memberlogic.loyalty.programme import LineCondition as LineCondition
    from memberlogic.loyalty.programme import LineField as LineField
    from memberlogic.loyalty.programme import MostOften as MostOften
    from memberlogic.loyalty.programme import Multiplier as Multiplier
    from memberlogic.loyalty.programme import Offer as Offer
    from memberlogic.loyalty.programme import Rate as Rate
    from memberlogic.loyalty.programme import Redeeming as Redeeming
    from memberlogic.loyalty.programme import StoredValue as StoredValue
    from memberlogic.loyalty.progression import AnniversaryYear as AnniversaryYear
    from memberlogic.loyalty.progression import CalendarYear as CalendarYear
    from memberlogic.loyalty.progression import Daily as Daily
    from memberlogic.loyalty.progression import Downgrade as Downgrade
    from memberlogic.loyalty.progression import Metric as Metric
    from memberlogic.loyalty.progression import Monthly as Monthly
    from memberlogic.loyalty.progression import OnAnniversary as OnAnniversary
    from memberlogic.loyalty.progression import Pin as Pin
    from memberlogic.loyalty.progression import PinKind as PinKind
    from memberlogic.loyalty.progression import Progression as Progression
    from memberlogic.loyalty.progression import Rolling as Rolling
    from memberlogic.loyalty.progression import SinceChange as SinceChange
    from memberlogic.loyalty.progression import Upgrade as Upgrade
    from memberlogic.loyalty.progression import Yearly as Yearly
    from memberlogic.loyalty.purchases import PurchaseLine as PurchaseLine
    from memberlogic.loyalty.redeeming import RedeemBlocks as RedeemBlocks
    from memberlogic.loyalty.returns import ReturnLine as ReturnLine
    from memberlogic.members.contact_points import ContactKind as ContactKind
    from memberlogic.members.importing import PersonRow as PersonRow
    from memberlogic.members.people import Address as Address
    from memberlogic.members.people import EmergencyContact as EmergencyContact
    from memberlogic.members.search_keys import SearchKind as SearchKind
    from memberlogic.organizations.model import Feature as Feature
    from memberlogic.organizations.model import Studio as Studio
    from memberlogic.organizations.model import Tier as Tier
    from memberlogic.organizations.quieting import QuietHours as QuietHours

__version__ = "0.1.0"

# Loaded when first asked for (PEP 562): importing a hundred attrs classes takes longer than most scripts run.
_SHELF = {
    "Actor": "actors",
    "AdjustingPolicy": "ledger.model",
    "After": "ledger.model",
    "FixedDay": "ledger.model",
    "Inactivity": "ledger.model",
    "Order": "ledger.model",
    "JournalRow": "ledger.journals",
    "LineKind": "ledger.journals",
    "AsyncMemberLogic": "application",
    "FixedClock": "clock",
    "WalletId": "ledger.model",
    "Arrivals": "ledger.model",
    "CalendarPeriod": "calendar",
    "Catalogues": "care.catalogues",
    "Clock": "clock",
    "ExternalId": "ids",
    "Feature": "organizations.model",
    "Handle": "application",
    "Maximum": "ledger.model",
    "MemberLogic": "application",
    "MemberLogicError": "errors",
    "Money": "amounts",
    "Never": "ledger.model",
    "Scheme": "loyalty.model",
    "Daily": "loyalty.progression",
    "CalendarYear": "loyalty.progression",
    "AnniversaryYear": "loyalty.progression",
    "Downgrade": "loyalty.progression",
    "Metric": "loyalty.progression",
    "Monthly": "loyalty.progression",
    "OnAnniversary": "loyalty.progression",
    "PinKind": "loyalty.progression",
    "Pin": "loyalty.progression",
    "Progression": "loyalty.progression",
    "SinceChange": "loyalty.progression",
    "Rolling": "loyalty.progression",
    "Upgrade": "loyalty.progression",
    "Yearly": "loyalty.progression",
    "SystemClock": "clock",
    "Term": "calendar",
    "Tier": "organizations.model",
    "QuietHours": "organizations.quieting",
    "Shortfall": "ledger.model",
    "TransferPolicy": "ledger.model",
    "AwardRule": "loyalty.programme",
    "MostOften": "loyalty.programme",
    "Basis": "loyalty.programme",
    "Earning": "loyalty.programme",
    "EarningRule": "loyalty.programme",
    "Fixed": "loyalty.programme",
    "Hours": "loyalty.programme",
    "LineCondition": "loyalty.programme",
    "LineField": "loyalty.programme",
    "Multiplier": "loyalty.programme",
    "Offer": "loyalty.programme",
    "Rate": "loyalty.programme",
    "Redeeming": "loyalty.programme",
    "StoredValue": "loyalty.programme",
    "Studio": "organizations.model",
    "PurchaseLine": "loyalty.purchases",
    "CancellationRow": "contracts.cancellation_importing",
    "ContractRow": "contracts.importing",
    "FreezeRow": "contracts.freeze_importing",
    "PersonRow": "members.importing",
    "RateRow": "contracts.rate_importing",
    "RefusedRow": "importing",
    "PurchaseRow": "loyalty.importing",
    "RedeemBlocks": "loyalty.redeeming",
    "Address": "members.people",
    "ContactKind": "members.contact_points",
    "EmergencyContact": "members.people",
    "SearchKind": "members.search_keys",
    "ReturnLine": "loyalty.returns",
    "Rounding": "amounts",
    "Days": "calendar",
    "DayOfYear": "contracts.rates",
    "EarlyTermination": "contracts.rates",
    "EndsWithTerm": "contracts.rates",
    "Extends": "contracts.rates",
    "FreezePolicy": "contracts.rates",
    "FreezeUnit": "contracts.rates",
    "Notice": "contracts.rates",
    "NoticeMode": "contracts.rates",
    "RateTerms": "contracts.rates",
    "RunsOn": "contracts.rates",
    "SwitchPath": "contracts.rates",
    "SwitchesTo": "contracts.rates",
    "OnlyServices": "contracts.services",
    "ServiceTerms": "contracts.services",
    "VisitLimit": "contracts.services",
    "PassKind": "contracts.passes",
    "FreezeAll": "contracts.batches",
    "Named": "contracts.batches",
    "OpenAt": "contracts.batches",
    "GiveDays": "contracts.giving",
    "CancellationKind": "contracts.model",
    "ContractStatus": "contracts.model",
}

__all__ = [*_SHELF]  # noqa: PLE0604 - names, all of them texts


def __getattr__(name: str) -> Any:
    if name not in _SHELF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_SHELF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_SHELF])
