"""The suite that an adapter author runs: one class per port, one promise per test, and the machines: one for each theme
of the ledger, which try commands in any order against a plain model (:data:`MACHINES`, :func:`certify_ledger`).

An adapter's test module derives each class and gives it a ``storage`` fixture that makes an empty (or shared, tenants
do not meet) store; pytest does the rest::

    class TestWallets(WalletsPromises):
        @pytest.fixture
        def storage(self):
            return MyStorage()

What a store declares in ``capabilities`` is tested; what it does not declare must not be there.
"""

from memberlogic.certification.adjustments import AdjustmentsPromises
from memberlogic.certification.awards import AwardsPromises
from memberlogic.certification.base import Certification
from memberlogic.certification.buying import BuyingMachine
from memberlogic.certification.care_configurations import CareConfigurationsPromises
from memberlogic.certification.care_flows import CareFlowsPromises
from memberlogic.certification.care_reports import CareReportsPromises
from memberlogic.certification.care_runs import CareRunsPromises
from memberlogic.certification.care_work import CareWorkPromises
from memberlogic.certification.caring import CaringMachine, certify_care
from memberlogic.certification.clerks import ClerksPromises
from memberlogic.certification.concurrency import ConcurrencyPromises
from memberlogic.certification.consents import ConsentsPromises
from memberlogic.certification.contract_batches import ContractBatchesPromises
from memberlogic.certification.contracts import ContractsPromises
from memberlogic.certification.correcting import CorrectingMachine
from memberlogic.certification.earning import EarningMachine
from memberlogic.certification.erasing import ErasingPromises
from memberlogic.certification.habits import HabitsPromises
from memberlogic.certification.joining import Host, JoiningPromises
from memberlogic.certification.journaling import JournalingMachine
from memberlogic.certification.journals import JournalsPromises
from memberlogic.certification.leads import LeadsPromises
from memberlogic.certification.living import LivingMachine
from memberlogic.certification.machine import LedgerMachine, certify_ledger
from memberlogic.certification.merging import MergingPromises
from memberlogic.certification.message_templates import MessageTemplatesPromises
from memberlogic.certification.notes import NotesPromises
from memberlogic.certification.parameters import ParametersPromises
from memberlogic.certification.people import PeoplePromises
from memberlogic.certification.prospects import ProspectsPromises
from memberlogic.certification.purchases import PurchasesPromises
from memberlogic.certification.relaying import OutboxPromises
from memberlogic.certification.returns import ReturnsPromises
from memberlogic.certification.schemes import SchemesPromises
from memberlogic.certification.statements import StatementsPromises
from memberlogic.certification.storing import StoragePromises
from memberlogic.certification.tags import TagsPromises
from memberlogic.certification.timelines import TimelinesPromises
from memberlogic.certification.uniting import LivingTogetherMachine, UnitingMachine
from memberlogic.certification.visits import VisitsPromises
from memberlogic.certification.waiting import WaitingMachine
from memberlogic.certification.wallets import WalletsPromises

MACHINES: tuple[type[LedgerMachine], ...] = (
    LedgerMachine,
    BuyingMachine,
    CorrectingMachine,
    JournalingMachine,
    WaitingMachine,
    LivingMachine,
    EarningMachine,
    UnitingMachine,
    LivingTogetherMachine,
)
"""Together they drive every command that moves points."""

__all__ = [
    "MACHINES",
    "AdjustmentsPromises",
    "AwardsPromises",
    "BuyingMachine",
    "CareConfigurationsPromises",
    "CareFlowsPromises",
    "CareReportsPromises",
    "CareRunsPromises",
    "CareWorkPromises",
    "CaringMachine",
    "Certification",
    "ClerksPromises",
    "ConcurrencyPromises",
    "ConsentsPromises",
    "ContractBatchesPromises",
    "ContractsPromises",
    "CorrectingMachine",
    "EarningMachine",
    "ErasingPromises",
    "HabitsPromises",
    "Host",
    "JoiningPromises",
    "JournalingMachine",
    "JournalsPromises",
    "LeadsPromises",
    "LedgerMachine",
    "LivingMachine",
    "LivingTogetherMachine",
    "MergingPromises",
    "MessageTemplatesPromises",
    "NotesPromises",
    "OutboxPromises",
    "ParametersPromises",
    "PeoplePromises",
    "ProspectsPromises",
    "PurchasesPromises",
    "ReturnsPromises",
    "SchemesPromises",
    "StatementsPromises",
    "StoragePromises",
    "TagsPromises",
    "TimelinesPromises",
    "UnitingMachine",
    "VisitsPromises",
    "WaitingMachine",
    "WalletsPromises",
    "certify_care",
    "certify_ledger",
]
