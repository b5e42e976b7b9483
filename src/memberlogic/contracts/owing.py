"""CON-14: what the host's billing says of a member: kept, shown, and never decided on."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from attrs import field, frozen

from memberlogic.amounts import Money
from memberlogic.contracts.suspensions import Billing
from memberlogic.errors import InvalidInput, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import MemberId
from memberlogic.inputs import an_id, an_instant, code, instance, optional, to_utc_or_none
from memberlogic.outcomes import Outcome

__all__ = ["BillingTold", "MemberBillingTold", "TellBilling", "tell_billing"]


@frozen(kw_only=True)
class TellBilling:
    """What billing says of a member: what they owe and how that stands, as of an instant; now where none is given."""

    member: MemberId = field(validator=an_id)
    owed: Money | None = field(default=None, validator=optional(instance(Money, "an amount of money")))
    status: str | None = field(default=None, validator=optional(code("a billing status")))
    as_of: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))

    def __attrs_post_init__(self) -> None:
        if self.owed is not None and self.owed.minor < 0:
            raise InvalidInput(path="owed", expected="an amount of at least 0", got="a negative amount")


@frozen(kw_only=True)
class MemberBillingTold(Event):
    """Billing said something of a member."""

    type: ClassVar[str] = "member.billing_told"
    member: MemberId
    owed: int | None
    currency: str | None
    status: str | None


@frozen(kw_only=True)
class BillingTold:
    """What is known now; what was told is old news if something newer is known."""

    member: MemberId
    known: Billing
    old_news: bool


class BillingToCome(RuleViolation):
    """Billing knows no future."""

    code = "billing.to_come"
    rule = "CON-14"
    sentence = "What billing says is as of {as_of}, and it is {now}."


def tell_billing(
    wanted: TellBilling, before: Billing, now: datetime
) -> Outcome[tuple[Billing, ...], Event, BillingTold]:
    """What billing says takes the place of what it said before, unless that was newer.

    Raises:
        BillingToCome: if it is as of an instant that is to come.
    """
    as_of = wanted.as_of or now
    if as_of > now:
        raise BillingToCome(as_of=as_of.isoformat(), now=now.isoformat())
    if before.as_of is not None and as_of < before.as_of:
        return Outcome((), (), BillingTold(member=wanted.member, known=before, old_news=True))
    said = Billing(member=wanted.member, owed=wanted.owed, status=wanted.status, as_of=as_of)
    event = MemberBillingTold(
        members=(wanted.member,),
        member=wanted.member,
        owed=None if wanted.owed is None else wanted.owed.minor,
        currency=None if wanted.owed is None else wanted.owed.currency,
        status=wanted.status,
    )
    return Outcome((said,), (event,), BillingTold(member=wanted.member, known=said, old_news=False))
