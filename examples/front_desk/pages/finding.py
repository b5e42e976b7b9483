"""The one box: a card is checked in at once, whatever else leads to somebody is looked for."""

from __future__ import annotations

import re
from itertools import islice

from attrs import frozen
from examples.front_desk.asking import Asked, Problems
from examples.front_desk.desk import CARD
from examples.front_desk.pages.coming import came
from examples.front_desk.pages.visits import checked_in
from examples.front_desk.words import name_of, plain_day, word
from starlette.responses import Response

from memberlogic.errors import InvalidInput, NotFound
from memberlogic.ids import MemberId
from memberlogic.members.finding import Found

__all__ = ["home", "look_up"]

_SHOWN, _CAME = 20, 8
_LONGEST = 200
_LIKE_A_SUPPORT_ID = re.compile(r"\w{4}[\s-]?\w{4}[\s-]?\w")


@frozen
class Hit:
    """Somebody who was found."""

    id: MemberId
    name: str
    support_id: str
    details: str

    @classmethod
    def of(cls, found: Found) -> Hit:
        """With what tells two people of one name apart."""
        born = found.person.birth_date
        state = "" if found.member.state.takes_part else f" - {word(found.member.state)}"
        details = f"{'' if born is None else f'born {plain_day(born)}, '}{found.member.support_id}{state}"
        return cls(found.member.id, name_of(found.person), found.member.support_id, details)


def look_up(asked: Asked) -> Response:
    """What was typed or scanned. A card's whole number checks its holder in; everything else only looks."""
    text = asked.text("q")
    try:
        holder = asked.org.members.find(CARD, text).id
    except (NotFound, InvalidInput):
        return asked.go("/", q=text)
    return checked_in(asked, holder, key=f"{asked.text('key')}-scan")


def home(asked: Asked) -> Response:
    """The box, and whom it found: exactly one leads straight to their page."""
    text = asked.text("q")
    problems: Problems = {}
    hits: list[Hit] = []
    if text:
        found = asked.attempt(lambda: list(islice(asked.org.members.search(text), _SHOWN + 1)), {"text": "q"}, problems)
        hits = [Hit.of(each) for each in found or ()]
    nobody = bool(text) and not hits and not problems
    if len(hits) == 1:
        return asked.go(f"/members/{hits[0].id}")
    more = len(hits) > _SHOWN
    status = 422 if problems else 200
    if nobody:
        problems["q"] = _why_nobody(asked, text)
    looked_for = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
    return asked.page(
        "home.html",
        status=status,
        hits=hits[:_SHOWN],
        more=more,
        looked_for=looked_for,
        came=() if hits else came(asked, asked.desk.studio.code, asked.desk.today, _CAME),
        problems=problems,
    )


def _why_nobody(asked: Asked, text: str) -> str:
    if _LIKE_A_SUPPORT_ID.fullmatch(text):
        try:
            asked.org.members.find_by_support_id(text)
        except InvalidInput as mistyped:
            said = mistyped.details
            return f"Nobody is found by this. If it is a support id: expected {said['expected']}, got {said['got']}."
        except NotFound:
            pass
    return "Nobody is found by this. Try the beginning of a name, the support id, an e-mail address or a phone number."
