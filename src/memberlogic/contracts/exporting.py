"""MEM-11: what contracts hold of a member, for an access request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import cast

from attrs import evolve

from memberlogic import converting
from memberlogic.calendar import Days, local_day
from memberlogic.contracts.model import Contract
from memberlogic.contracts.passes import VisitorPass
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.spanning import status
from memberlogic.errors import JSON
from memberlogic.ids import MemberId

__all__ = ["ContractsOfMember"]

_EVER = Days(date(1000, 1, 1), date(9999, 1, 1))


class ContractsOfMember:
    """What contracts contribute to an export."""

    def export(self, uow: ContractsWork, member: MemberId) -> Mapping[str, JSON]:
        """Every contract that the member is or was on, with payments, freezes and cancellation; what billing said last;
        suspensions, visitor passes and visits.
        """
        contracts = uow.contracts.of([member])
        return {
            "contracts": [self._told(uow, each, member) for each in contracts.values()],
            "billing": converting.to_json(uow.billing.of(member)),
            "suspensions": [converting.to_json(each) for each in uow.suspensions.of(member, tuple(contracts))],
            "passes": [self._pass(uow, each) for each in uow.passes.of(member)],
            "visits": [converting.to_json(each) for each in uow.visits.over(member, _EVER)],
        }

    def _pass(self, uow: ContractsWork, visitor_pass: VisitorPass) -> JSON:
        external_ids = [converting.to_json(each) for each in uow.external_ids.of("pass", visitor_pass.id)]
        return {**cast("Mapping[str, JSON]", converting.to_json(visitor_pass)), "external_ids": external_ids}

    def _told(self, uow: ContractsWork, contract: Contract, member: MemberId) -> JSON:
        own = tuple(sorted((c for c in contract.coverage if c.member == member), key=lambda c: (c.since, c.id)))
        now_is = status(contract, local_day(uow.now, contract.studio.zone))
        return {
            "contract": converting.to_json(evolve(contract, coverage=own)),
            "status": None if now_is is None else now_is.value,
            "people": len(contract.members),
            "external_ids": [converting.to_json(each) for each in uow.external_ids.of("contract", contract.id)],
        }
