"""What a host calls for Member Care."""

from __future__ import annotations

from memberlogic.care.catalogue_service import CatalogueService
from memberlogic.care.catalogues import Catalogues
from memberlogic.care.closing_service import ClosingService
from memberlogic.care.configuration_service import ConfigurationService
from memberlogic.care.exchange_service import ExchangeService
from memberlogic.care.explain_service import ExplainService
from memberlogic.care.flow_service import FlowService
from memberlogic.care.gathering import CareDesk
from memberlogic.care.ports import CareWork
from memberlogic.care.run_service import RunService
from memberlogic.care.tool_service import ToolService
from memberlogic.running import Runner

__all__ = ["CareService"]


class CareService(
    FlowService,
    ConfigurationService,
    CatalogueService,
    ExchangeService,
    RunService,
    ToolService,
    ClosingService,
    ExplainService,
):
    """Member Care. It needs the tier PRO (COM-14).

    Args:
        catalogues: where the host keeps what flows refer to.
    """

    def __init__(self, runner: Runner[CareWork], catalogues: Catalogues) -> None:
        self._runner = runner
        self._catalogues = catalogues
        self.desk = CareDesk(runner.organization, catalogues, runner.new_id)
