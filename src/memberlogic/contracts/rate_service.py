"""What a host calls to put rates on sale (CON-1).
:class:`~memberlogic.contracts.service.ContractsService` is one of these.
"""

from __future__ import annotations

from collections.abc import Sequence

from memberlogic.actors import Actor
from memberlogic.contracts import selling
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.rates import Rate, RateTerms
from memberlogic.contracts.selling import OfRate, OpenRate, ReviseRate
from memberlogic.ids import ExternalId, RateId
from memberlogic.running import Asks, Runner

__all__ = ["RateService"]

OPEN_RATE = Asks("contracts.open_rate", "settings.rates:create", Rate)
REVISE_RATE = Asks("contracts.revise_rate", "settings.rates:update", Rate)
RETIRE_RATE = Asks("contracts.retire_rate", "settings.rates:update", Rate)
RATE = Asks("contracts.rate", "settings.rates:read", Rate)
RATES = Asks("contracts.rates", "settings.rates:read", tuple[Rate, ...])


class RateService:
    """What is sold."""

    _runner: Runner[ContractsWork]

    def open_rate(
        self,
        *,
        code: str,
        terms: RateTerms,
        external_ids: Sequence[ExternalId] = (),
        idempotency_key: str | None = None,
    ) -> Rate:
        """Put a rate on sale.

        Raises:
            InvalidInput: naming the field.
            Duplicate: if the code or an external id is taken.
            NotFound: if there is no rate that it would switch to, or could be switched to.
            RuleViolation: if that one is retired, or switches back.
        """
        wanted = OpenRate(code=code, terms=terms, external_ids=external_ids)
        return self._runner.run(OPEN_RATE, wanted, idempotency_key, self.open_rate_step)

    def open_rate_step(self, uow: ContractsWork, _: Actor, wanted: OpenRate) -> Rate:
        """Opening a rate, inside a unit of work."""
        following = selling.following(uow.rates, wanted.terms)
        selling.require_paths(uow.rates, wanted.terms)
        outcome = selling.open_rate(RateId(self._runner.new_id()), wanted, following)
        uow.external_ids.add("rate", outcome.facts.id, wanted.external_ids)
        uow.rates.add(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def revise_rate(self, rate: RateId, *, terms: RateTerms, idempotency_key: str | None = None) -> Rate:
        """Sell a rate on other terms from now on, in a new version; contracts keep the one they were sold on.

        Raises:
            NotFound: if there is no such rate, or none that it would or could switch to.
            RuleViolation: if it is retired, or the one that it switches to is, or that one switches back.
        """
        wanted = ReviseRate(rate=rate, terms=terms)
        return self._runner.run(REVISE_RATE, wanted, idempotency_key, self.revise_rate_step)

    def revise_rate_step(self, uow: ContractsWork, _: Actor, wanted: ReviseRate) -> Rate:
        """Revising a rate, inside a unit of work."""
        before = uow.rates.locked(wanted.rate)
        selling.require_paths(uow.rates, wanted.terms)
        outcome = selling.revise_rate(before, wanted, selling.following(uow.rates, wanted.terms))
        uow.rates.change(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def retire_rate(self, rate: RateId, *, idempotency_key: str | None = None) -> Rate:
        """Sell a rate no more; contracts on it go on. Raises ``NotFound``."""
        return self._runner.run(RETIRE_RATE, OfRate(rate=rate), idempotency_key, self.retire_rate_step)

    def retire_rate_step(self, uow: ContractsWork, _: Actor, wanted: OfRate) -> Rate:
        """Retiring a rate, inside a unit of work."""
        outcome = selling.retire_rate(uow.rates.locked(wanted.rate))
        uow.rates.change(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def rate(self, rate: RateId) -> Rate:
        """One rate as it is sold now, or was last. Raises ``NotFound``."""
        return self._runner.ask(RATE, OfRate(rate=rate), self.rate_step)

    def rate_step(self, uow: ContractsWork, _: Actor, wanted: OfRate) -> Rate:
        """Looking a rate up, inside a unit of work."""
        return uow.rates.get(wanted.rate)

    def rates(self) -> tuple[Rate, ...]:
        """Every rate, retired ones too, in order of their codes."""
        return self._runner.ask(RATES, None, self.rates_step)

    def rates_step(self, uow: ContractsWork, _: Actor, __: None) -> tuple[Rate, ...]:
        """Listing rates, inside a unit of work."""
        return tuple(uow.rates.all())
