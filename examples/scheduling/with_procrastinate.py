"""The jobs and the relay as tasks of procrastinate, in the PostgreSQL that you have already."""

from __future__ import annotations

from procrastinate import App
from procrastinate.connector import BaseConnector

from memberlogic import MemberLogic
from memberlogic.notifying import Notifier

__all__ = ["tasks"]


def tasks(connector: BaseConnector, ml: MemberLogic, notifier: Notifier) -> App:
    """An app with two periodic tasks; ``app.run_worker()`` works them off. A task that waits already is not queued
    again.
    """
    app = App(connector=connector)

    @app.periodic(cron="* * * * *")
    @app.task(name="relay", queueing_lock="relay")
    def relay(timestamp: int) -> None:
        ml.relay(notifier)

    @app.periodic(cron="5 * * * *")
    @app.task(name="jobs", queueing_lock="jobs")
    def jobs(timestamp: int) -> None:
        ml.run_jobs()

    return app
