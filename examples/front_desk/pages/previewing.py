"""What freezing and cancelling share: first the days and what they would come to, then the button that does it."""

from __future__ import annotations

from datetime import date

from examples.front_desk.asking import Asked, Problems
from examples.front_desk.pages.contracts import ContractShown
from examples.front_desk.words import after, name_of
from starlette.responses import Response

from memberlogic.ids import MemberId

__all__ = ["CHANGED", "done", "first_after", "name", "shown"]

CHANGED = "What would come of it is not what was shown: somebody changed the contract meanwhile. Look again."


def first_after(last: date | None) -> date | None:
    """The first day after the last one that was typed; None for none, and for the last day that there is."""
    return None if last is None or last == date.max else after(last)


def name(asked: Asked) -> str:
    """Whose page it is."""
    return name_of(asked.org.members.person(MemberId(asked.id("member"))))


def shown(
    asked: Asked, template: str, contract: ContractShown, *, failed: Problems, only_asked: Problems, **what: object
) -> Response:
    """The page, with what is wrong beside the fields.

    Args:
        failed: what was refused.
        only_asked: what would be refused.
    """
    return asked.page(
        template,
        status=422 if failed else 200,
        member=asked.id("member"),
        name=name(asked),
        contract=contract,
        failed=failed,
        problems=only_asked | failed,
        **what,
    )


def done(asked: Asked, what: str) -> Response:
    """Back to the member, where it is said."""
    return asked.go_saying(f"/members/{asked.id('member')}", what)
