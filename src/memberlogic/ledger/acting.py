"""PTS-1: who may act on a wallet. Every rule by which points are spent, held or sent asks the same."""

from __future__ import annotations

from typing import Protocol

from memberlogic.actors import Actor
from memberlogic.errors import MemberLogicError, NotFound
from memberlogic.ids import MemberId
from memberlogic.ledger.model import Holder, Wallet
from memberlogic.ledger.refusals import EveryHolderBlocked, HolderAnonymised, HolderBlocked, HolderUnverified
from memberlogic.members import MemberState
from memberlogic.rules import policy

__all__ = ["Acting", "asking", "somebody_may_send", "taking_no_part"]


class Acting(Protocol):
    """What these rules look at, in the facts of any command."""

    @property
    def spending(self) -> Wallet:
        """The settled wallet that points are taken from."""
        ...

    @property
    def asking(self) -> MemberId | None:
        """The member who asks; None if staff acts for the account as a whole."""
        ...

    @property
    def unverified_may_spend(self) -> bool:
        """Whether the organization lets members act before they are verified."""
        ...


def taking_no_part(holder: Holder, wallet: Wallet) -> MemberLogicError | None:
    """The refusal of a holder who is blocked, or was anonymised."""
    if holder.state.takes_part:
        return None
    refusal = HolderBlocked if holder.state is MemberState.BLOCKED else HolderAnonymised
    return refusal(member=str(holder.member), account=str(wallet.id.account))


@policy("PTS-1", "A holder who is blocked cannot act on a joint account, the others can.")
def somebody_may_send(t: Acting) -> MemberLogicError | None:
    """Whoever asks is not blocked, and verified unless the organization lets the others spend too."""
    account = str(t.spending.id.account)
    asking = t.spending.holder(t.asking) if t.asking is not None else None
    refusal = None if asking is None else taking_no_part(asking, t.spending)
    if refusal is not None:
        return refusal
    acting = [asking] if asking is not None else [h for h in t.spending.holders if h.state.takes_part]
    if not acting:
        return EveryHolderBlocked(account=account)
    if t.unverified_may_spend or any(h.state is MemberState.ACTIVE for h in acting):
        return None
    return HolderUnverified(account=account)


def asking(wanted_holder: MemberId | None, actor: Actor, wallet: Wallet) -> MemberId | None:
    """Which member asks: the actor, or the holder that staff named.

    Raises:
        NotFound: if a member acts who does not hold the account: it does not exist for them (COM-11). If somebody else
            is named as the holder: there is no such holder.
    """
    if actor.member_id is not None and wallet.holder(actor.member_id) is None:
        raise NotFound(kind="account", id=wallet.id.account)
    if wanted_holder is not None and (
        wallet.holder(wanted_holder) is None or wanted_holder != (actor.member_id or wanted_holder)
    ):
        raise NotFound(kind="holder", id=wanted_holder)
    return actor.member_id or wanted_holder
