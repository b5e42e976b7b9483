"""The jobs and the relay in your own process, by APScheduler 3."""

from __future__ import annotations

from datetime import UTC

from apscheduler.schedulers.background import BackgroundScheduler

from memberlogic import MemberLogic
from memberlogic.notifying import Notifier

__all__ = ["scheduled"]


def scheduled(ml: MemberLogic, notifier: Notifier) -> BackgroundScheduler:
    """A scheduler that is yours to start and to shut down. What it missed while it was down it does once."""
    once = {"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600}
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults=once)
    scheduler.add_job(ml.relay, "interval", seconds=30, args=[notifier], id="relay")
    scheduler.add_job(ml.run_jobs, "cron", minute=5, id="jobs")
    return scheduler
