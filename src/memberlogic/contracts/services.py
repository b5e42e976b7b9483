"""What a rate lets its members use (CON-13), as data: services and facilities by status, where, and how often."""

from __future__ import annotations

from attrs import field, frozen

from memberlogic.calendar import CalendarPeriod
from memberlogic.converting import tagged
from memberlogic.errors import InvalidInput
from memberlogic.inputs import as_tuple, code, describe, instance, many, whole

__all__ = ["EVERYTHING", "AllServices", "OnlyServices", "ServiceTerms", "Usable", "VisitLimit"]

_codes = many(code("a service's code"), "a service's code", most=500)


@frozen
class AllServices:
    """Everything that there is."""

    def includes(self, _: str | None) -> bool:
        """Whether a service may be used; the studio itself, where none is named."""
        return True


@frozen
class OnlyServices:
    """These services and facilities and no others; nothing at all if none is named."""

    codes: tuple[str, ...] = field(default=(), converter=as_tuple, validator=_codes)

    def includes(self, service: str | None) -> bool:
        """Whether a service may be used; the studio itself may be entered for any of them."""
        return bool(self.codes) if service is None else service in self.codes


Usable = AllServices | OnlyServices
tagged(Usable)

EVERYTHING = AllServices()

_usable = instance((AllServices, OnlyServices), "AllServices or OnlyServices")
_NOTHING = OnlyServices()


@frozen(kw_only=True)
class VisitLimit:
    """How many visits a member may make in a period of the calendar: visits for these services, or all visits where no
    service is named.
    """

    visits: int = field(validator=whole(least=1, most=10_000))
    period: CalendarPeriod = field(validator=instance(CalendarPeriod, "a period (CalendarPeriod)"))
    services: tuple[str, ...] = field(default=(), converter=as_tuple, validator=_codes)

    def counts(self, service: str | None) -> bool:
        """Whether a visit for a service counts towards it."""
        return not self.services or service in self.services


@frozen(kw_only=True)
class ServiceTerms:
    """What may be used in which status, at which studios, and how often. A contract that has ended gives nothing."""

    active: Usable = field(default=EVERYTHING, validator=_usable)
    frozen: Usable = field(default=_NOTHING, validator=_usable)
    pending: Usable = field(default=_NOTHING, validator=_usable)
    on_hold: Usable = field(default=_NOTHING, validator=_usable)
    studios: tuple[str, ...] = field(
        default=(), converter=as_tuple, validator=many(code("a studio's code"), "a studio's code", most=500)
    )
    """Where; everywhere if none is named."""
    limits: tuple[VisitLimit, ...] = field(default=(), converter=as_tuple)

    def __attrs_post_init__(self) -> None:
        for index, each in enumerate(self.limits if isinstance(self.limits, tuple) else (self.limits,)):
            if not isinstance(each, VisitLimit):
                raise InvalidInput(path=f"limits[{index}]", expected="a limit of visits", got=describe(each))

    def at(self, studio: str) -> bool:
        """Whether anything may be used at a studio."""
        return not self.studios or studio in self.studios
