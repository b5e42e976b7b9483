"""The in-memory adapter of memberlogic: everything in dictionaries, gone when the process ends.

It keeps every promise of the ports (one writer at a time, versions, idempotency, nothing left by a refusal), so that
tests and simulations on it say what a database would.
"""

from memberlogic_memory.storage import MemoryStorage

__all__ = ["MemoryStorage"]
__version__ = "0.1.0"
