"""COM-17, COM-18: the recipes of docs/how-to/schedule.md, each run as it is written."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from examples.scheduling.with_apscheduler import scheduled
from examples.scheduling.with_procrastinate import tasks
from procrastinate import PsycopgConnector
from tests.notifiers.outboxes import message, queue

from memberlogic import After, SystemClock, Term
from memberlogic.notifiers import CallingNotifier
from memberlogic.testing import RecordingNotifier, World
from memberlogic_sqlalchemy import SqlAlchemyStorage, upgrade
from sqlalchemy import create_engine

pytestmark = [pytest.mark.rule("COM-17", "COM-18")]

CRONTAB = Path(__file__).parents[2] / "examples" / "scheduling" / "crontab"


def used(engine):
    """A world of yesterday, in which points expired since and a message waits; the clock is the system's."""
    world = World(SqlAlchemyStorage(engine), at=datetime.now(UTC) - timedelta(days=40), expiry=After(Term.of_days(30)))
    world.account(credits=[10])
    world.ml.clock = SystemClock()
    queue(world, message(world))
    return world


def test_apscheduler_relays_and_runs_the_jobs(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/club.db")
    upgrade(engine)
    world, sent = used(engine), threading.Event()
    scheduler = scheduled(world.ml, CallingNotifier(lambda _: sent.set()))
    assert {each.id for each in scheduler.get_jobs()} == {"relay", "jobs"}
    scheduler.start(paused=True)
    for each in scheduler.get_jobs():
        each.modify(next_run_time=datetime.now(UTC))
    scheduler.resume()
    assert sent.wait(30)
    scheduler.shutdown(wait=True)
    assert world.ml.run_jobs().wallets == 0, "they had run"
    engine.dispose()


def test_procrastinate_relays_and_runs_the_jobs(databases):
    with databases.empty("postgresql") as engine:
        upgrade(engine)
        world, notifier = used(engine), RecordingNotifier()
        # libpq knows no drivers.
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        app = tasks(PsycopgConnector(conninfo=url), world.ml, notifier)
        with app.open():
            app.schema_manager.apply_schema()
            for name in ("relay", "jobs"):
                app.tasks[name].defer(timestamp=0)
        app.run_worker(wait=False, install_signal_handlers=False)
        assert len(notifier.sent) == 1
        assert world.ml.run_jobs().wallets == 0, "they had run"


def test_every_line_of_the_crontab_runs(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/club.db")
    upgrade(engine)
    world = used(engine)
    (tmp_path / "club").mkdir()
    (tmp_path / "club" / "__init__.py").touch()
    (tmp_path / "club" / "sending.py").write_text(
        "from pathlib import Path\n"
        "from memberlogic.notifiers import CallingNotifier\n"
        "notifier = CallingNotifier(lambda message: Path('sent').write_text(str(message.id)))\n"
    )
    lines = [each for each in CRONTAB.read_text().splitlines() if each and not each.startswith("#")]
    assert len(lines) == 2
    for line in lines:
        command = line.split(maxsplit=5)[5].split()
        assert command[0] == "memberlogic"
        done = subprocess.run(
            [sys.executable, "-c", "from memberlogic_sqlalchemy.cli import main; main()", *command[1:]],
            cwd=tmp_path,
            env={**os.environ, "MEMBERLOGIC_DATABASE": f"sqlite:///{tmp_path}/club.db"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "sent").exists()
    assert world.ml.run_jobs().wallets == 0, "they had run"
    engine.dispose()
