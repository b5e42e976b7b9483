"""Templates against their versions, and messages against what became of them."""

from __future__ import annotations

from collections.abc import Sequence

from memberlogic.notifying import Delivery
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check, counting, differing, summed, there
from sqlalchemy import and_, func, null, or_

__all__ = ["CHECKS"]

_t, _v, _o = tables.message_templates.c, tables.message_template_versions.c, tables.outbox.c
_kept = counting({"code": _v.code}, {"latest": func.max(_v.version), "versions": func.count()})

_VERSION = differing(
    "template.version",
    "ENG-13",
    "A template is in the last of its versions, and all of them are kept.",
    of=tables.message_templates.outerjoin(_kept, there(tables.message_templates, _kept, code="code")),
    ids={"template": _t.code},
    stored=_t.version,
    counted=summed(_kept.c.versions),
    wrong=or_(_t.version != summed(_kept.c.versions), _t.version != summed(_kept.c.latest)),
)
_WAITING = differing(
    "message.settled_at",
    "COM-17",
    "A message that waits was not sent, withheld or set aside.",
    of=tables.outbox,
    ids={"message": _o.id},
    stored=_o.settled_at,
    counted=null(),
    wrong=and_(_o.state == Delivery.QUEUED.value, _o.settled_at.is_not(None)),
)

CHECKS: Sequence[Check] = (_VERSION, _WAITING)
