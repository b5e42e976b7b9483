"""Statements in one round trip over psycopg 3's libpq: everything is written to the socket at once, then read.

``Connection.pipeline()`` of psycopg hands every statement to the socket alone and waits for BEGIN and COMMIT in trips
of their own; a command of ours spent more than half of its time in that. So this speaks to ``psycopg.pq``, with
prepared statements of its own, which psycopg's ROLLBACK does not discard.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from hashlib import blake2b
from typing import Any

from psycopg import errors, pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.waiting import Ready, Wait

__all__ = ["Trips"]

_MOST = 200
"""How many statements are kept prepared on a connection; more are sent as they are."""


class Trips:
    """Round trips on one driver connection; kept as long as that connection is."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, tuple[int, ...]], bytes] = {}
        self._made = 0

    def go(
        self, driver: Any, begin: Sequence[str], statements: Sequence[tuple[str, Sequence[Any]]], end: str | None
    ) -> list[Sequence[Any]]:
        """Send what begins, statements with parameters, and what ends; answer the rows of the statements. Where
        somebody had discarded what was prepared, a transaction that began with this is begun again.

        Raises:
            psycopg.Error: the first error; everything after it was skipped by the server.
        """
        try:
            return self._once(driver, begin, statements, end)
        except errors.InvalidSqlStatementName:
            # DISCARD ALL, or psycopg's DEALLOCATE ALL after a ROLLBACK, for statements of the host.
            self._names.clear()
            if not begin:
                raise
            driver.rollback()
            return self._once(driver, begin, statements, end)

    def _once(
        self, driver: Any, begin: Sequence[str], statements: Sequence[tuple[str, Sequence[Any]]], end: str | None
    ) -> list[Sequence[Any]]:
        pgconn = driver.pgconn
        transformer = Transformer(driver)
        asked: list[Any] = []
        pgconn.enter_pipeline_mode()
        try:
            for text in begin:
                pgconn.send_query_params(text.encode(), None)
                asked.append(None)
            for text, row in statements:
                self._send(driver, transformer, text, row, asked)
            if end is not None:
                pgconn.send_query_params(end.encode(), None)
                asked.append(None)
            pgconn.pipeline_sync()
            results = driver.wait(_results(pgconn))
        finally:
            if pgconn.status == pq.ConnStatus.OK:
                pgconn.exit_pipeline_mode()
        answers: list[Sequence[Any]] = []
        for what, result in zip(asked, results, strict=True):
            if result.status == pq.ExecStatus.FATAL_ERROR:
                raise errors.error_from_result(result)
            if type(what) is tuple:
                self._names[what[0]] = what[1]
            elif what is _ROWS:
                transformer.set_pgresult(result)
                answers.append(transformer.load_rows(0, result.ntuples, tuple))
        return answers

    def _send(self, driver: Any, transformer: Any, text: str, row: Sequence[Any], asked: list[Any]) -> None:
        pgconn = driver.pgconn
        parameters = transformer.dump_sequence(row, (PyFormat.AUTO,) * len(row))
        types, formats = transformer.types, transformer.formats
        name = self._names.get((text, types))
        # As psycopg does, nothing is prepared for a host that said `prepare_threshold=None`: behind a pooler that hands
        # out another connection for each transaction.
        if name is None and driver.prepare_threshold is not None and len(self._names) < _MOST:
            name = _named(self._made, text, types)
            self._made += 1
            pgconn.send_prepare(name, _numbered(text), types)
            asked.append(((text, types), name))
        if name is None:
            pgconn.send_query_params(_numbered(text), parameters, types, formats, pq.Format.BINARY)
        else:
            pgconn.send_query_prepared(name, parameters, formats, pq.Format.BINARY)
        asked.append(_ROWS)


_ROWS = object()


def _named(number: int, text: str, types: tuple[int, ...]) -> bytes:
    """New on its connection, and of this statement only: what another connection prepared is never run in its place."""
    return f"memberlogic_{number}_{blake2b(f'{text}{types}'.encode(), digest_size=16).hexdigest()}".encode()


def _numbered(text: str) -> bytes:
    """``%s`` as ``$1``, ``$2``, …"""
    first, *rest = text.split("%s")
    return "".join((first, *(f"${number}{part}" for number, part in enumerate(rest, 1)))).replace("%%", "%").encode()


def _results(pgconn: Any) -> Generator[Any, Any, list[Any]]:
    """All results up to the Sync, while psycopg waits for the socket."""
    while pgconn.flush():
        if (yield Wait.RW) & Ready.R:
            pgconn.consume_input()
    results: list[Any] = []
    while True:
        while not pgconn.is_busy():
            result = pgconn.get_result()
            if result is None:
                continue
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                return results
            results.append(result)
        if (yield Wait.R) & Ready.R:
            pgconn.consume_input()
