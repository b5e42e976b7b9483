"""What every adapter is certified for: one list, and the rules that each class of promises holds."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from memberlogic.certification import (
    AdjustmentsPromises,
    AwardsPromises,
    CareConfigurationsPromises,
    CareFlowsPromises,
    CareReportsPromises,
    CareRunsPromises,
    CareWorkPromises,
    Certification,
    ClerksPromises,
    ConcurrencyPromises,
    ConsentsPromises,
    ContractBatchesPromises,
    ContractsPromises,
    ErasingPromises,
    HabitsPromises,
    JournalsPromises,
    LeadsPromises,
    MergingPromises,
    MessageTemplatesPromises,
    NotesPromises,
    OutboxPromises,
    ParametersPromises,
    PeoplePromises,
    ProspectsPromises,
    PurchasesPromises,
    ReturnsPromises,
    SchemesPromises,
    StatementsPromises,
    StoragePromises,
    TagsPromises,
    TimelinesPromises,
    VisitsPromises,
    WalletsPromises,
)

DRIVEN = (
    "COM-8",
    "COM-21",
    "PTS-4",
    "PTS-5",
    "PTS-6",
    "PTS-7",
    "PTS-9",
    "PTS-10",
    "PTS-11",
    "PTS-12",
    "PTS-14",
    "PTS-15",
    "PTS-16",
    "MEM-17",
)
"""The rules that the machines hold."""


@pytest.mark.rule("COM-1", "COM-9", "COM-10", "COM-19", "COM-15")
class TestStorage(StoragePromises):
    """Storage."""


@pytest.mark.rule("MEM-8", "MEM-9")
class TestErasing(ErasingPromises):
    """Erasing."""


@pytest.mark.rule("MEM-17")
class TestMerging(MergingPromises):
    """Merging."""


@pytest.mark.rule("PTS-7", "PTS-9", "COM-8", "PTS-12", "COM-18")
class TestWallets(WalletsPromises):
    """Wallets."""


@pytest.mark.rule("PTS-2", "PTS-19", "COM-9", "COM-10", "COM-19")
class TestPurchases(PurchasesPromises):
    """Purchases."""


@pytest.mark.rule("PTS-15")
class TestJournals(JournalsPromises):
    """Journals."""


@pytest.mark.rule("SCH-2", "SCH-6", "SCH-8", "COM-18")
class TestSchemes(SchemesPromises):
    """Schemes."""


@pytest.mark.rule("PTS-9", "PTS-16", "PTS-17", "COM-1")
class TestStatements(StatementsPromises):
    """Statements."""


@pytest.mark.rule("COM-16", "PTS-11", "COM-18")
class TestConcurrency(ConcurrencyPromises):
    """Concurrency."""


@pytest.mark.rule("COM-17")
class TestOutbox(OutboxPromises):
    """Outbox."""


@pytest.mark.rule("PTS-14", "COM-16", "COM-1")
class TestAdjustments(AdjustmentsPromises):
    """Adjustments."""


@pytest.mark.rule("PTS-4", "SCH-2", "COM-9")
class TestAwards(AwardsPromises):
    """Awards."""


@pytest.mark.rule("MEM-1", "MEM-2", "MEM-7", "COM-1", "COM-19", "COM-20")
class TestPeople(PeoplePromises):
    """People."""


@pytest.mark.rule("PTS-10", "SCH-2", "COM-9")
class TestReturns(ReturnsPromises):
    """Returns."""


@pytest.mark.rule("MEM-6", "COM-20", "COM-1")
class TestTags(TagsPromises):
    """Tags."""


@pytest.mark.rule("MEM-5", "COM-1")
class TestConsents(ConsentsPromises):
    """Consents."""


@pytest.mark.rule("MEM-4", "COM-1")
class TestParameters(ParametersPromises):
    """Custom parameters."""


@pytest.mark.rule("MEM-12", "COM-1")
class TestLeads(LeadsPromises):
    """Leads."""


@pytest.mark.rule("CON-14", "CON-15", "COM-16", "COM-1")
class TestVisits(VisitsPromises):
    """Visits."""


@pytest.mark.rule("ENG-13", "COM-1", "COM-16")
class TestMessageTemplates(MessageTemplatesPromises):
    """Templates of messages."""


@pytest.mark.rule("COM-1", "COM-10")
class TestNotes(NotesPromises):
    """Notes."""


@pytest.mark.rule("CON-1", "CON-2", "CON-3", "CON-16", "MEM-18", "COM-16", "COM-18")
class TestContracts(ContractsPromises):
    """Contracts."""


@pytest.mark.rule("MEM-12", "COM-20")
class TestProspects(ProspectsPromises):
    """What became of leads."""


@pytest.mark.rule("COM-16", "CON-3", "CON-16", "MEM-18")
class TestClerks(ClerksPromises):
    """Clerks."""


@pytest.mark.rule("MEM-15", "COM-10", "COM-1")
class TestTimelines(TimelinesPromises):
    """What happened to members."""


@pytest.mark.rule("MEM-14", "COM-1")
class TestHabits(HabitsPromises):
    """Where members go and what they buy."""


def certified(on: type) -> Mapping[str, type]:
    """A test class for each of them, on the stores that ``on`` gives: for a test module's names."""
    ours = [each for each in Certification.__subclasses__() for each in each.__subclasses__()]
    return {
        each.__name__: type(each.__name__, (on, each), {"__doc__": f"{each.__doc__}"})
        for each in ours
        if each.__module__ == __name__
    }


@pytest.mark.rule("CON-18", "COM-1")
class TestContractBatches(ContractBatchesPromises):
    """Batches of contracts."""


@pytest.mark.rule("CARE-18")
class TestCareReports(CareReportsPromises):
    """Figures over runs."""


@pytest.mark.rule("CARE-1", "CARE-2", "CARE-4", "COM-1")
class TestCareFlows(CareFlowsPromises):
    """Flows of Member Care."""


@pytest.mark.rule("CARE-10", "CARE-16", "COM-1", "COM-16", "COM-18")
class TestCareRuns(CareRunsPromises):
    """Runs of Member Care."""


@pytest.mark.rule("CARE-13", "CARE-15", "COM-1", "COM-20")
class TestCareWork(CareWorkPromises):
    """What the care tool finds."""


@pytest.mark.rule("CARE-5", "CARE-6", "CARE-7", "COM-1", "COM-16")
class TestCareConfigurations(CareConfigurationsPromises):
    """Configurations of Member Care, and the catalogue."""
