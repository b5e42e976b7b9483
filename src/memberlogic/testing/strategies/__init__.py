"""Hypothesis strategies for everything that commands take: valid by construction, so that what is refused was refused
by a rule, and small where nothing else is asked for, so that what fails is shown as simply as it can be.

A strategy is a function; what must exist already (rates, accounts, codes of a catalogue) it takes as an argument. Once
this package is imported Hypothesis knows the types too: ``st.from_type(RateTerms)`` draws what :func:`rates` draws.

Needs the extra ``memberlogic[testing]``.
"""

from hypothesis import strategies as _st

from memberlogic.testing.strategies.basics import *  # noqa: F403
from memberlogic.testing.strategies.care import *  # noqa: F403
from memberlogic.testing.strategies.contracts import *  # noqa: F403
from memberlogic.testing.strategies.histories import *  # noqa: F403
from memberlogic.testing.strategies.kinds import KINDS as KINDS
from memberlogic.testing.strategies.ledger import *  # noqa: F403
from memberlogic.testing.strategies.loyalty import *  # noqa: F403
from memberlogic.testing.strategies.people import *  # noqa: F403

for _kind, _strategy in KINDS.items():
    _st.register_type_strategy(_kind, _strategy)
