"""ENG-13, COM-17: a queued message that names a template says what it says at the moment of sending.

Its figures name the template (``template``) and what whoever queued it knows (``values``); when it is sent, what it
says stands beside them: ``subject``, ``body``, ``html``, ``language``. A template that is not kept here is the host's
to render.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from attrs import evolve

from memberlogic.engagement.placeholders import Value
from memberlogic.engagement.service import MessagesService
from memberlogic.errors import InvalidInput, NotFound
from memberlogic.notifying import Message

__all__ = ["completed"]


def completed(messages: MessagesService, message: Message) -> Message:
    """The message with what it says, if it names a template of ours."""
    code: Any = message.figures.get("template")
    if not isinstance(code, str) or message.member is None:
        return message
    values = cast("Mapping[str, Value]", message.figures.get("values") or {})
    if not _is_ours(messages, code):
        return message
    said = messages.render(code, message.member, values=values)
    what = {"subject": said.subject, "body": said.body, "html": said.html, "language": said.language}
    return evolve(message, figures={**message.figures, **what}, channel=message.channel or said.channel)


def _is_ours(messages: MessagesService, code: str) -> bool:
    """Whether a template is kept here; what is no code of ours is the host's name for one of theirs."""
    try:
        messages.template(code)
    except (NotFound, InvalidInput):
        return False
    return True
