"""Django on the databases of the tests."""

from __future__ import annotations

import sys
from importlib.util import find_spec


def described(url):
    """A database as Django's settings describe it."""
    return {
        "ENGINE": {"sqlite": "django.db.backends.sqlite3", "postgresql": "django.db.backends.postgresql"}.get(
            url.get_backend_name(), "django.db.backends.mysql"
        ),
        "NAME": url.database,
        "USER": url.username or "",
        "PASSWORD": url.password or "",
        "HOST": url.host or "",
        "PORT": str(url.port or ""),
    }


def connected(databases, store, **options):
    """Django's connections, with the store's database under its name; in a zone that is not UTC. MariaDB by mysqlclient
    where that is installed, else by PyMySQL.
    """
    if "MySQLdb" not in sys.modules and find_spec("MySQLdb") is None:
        import pymysql

        pymysql.install_as_MySQLdb()
    from django.conf import settings

    if not settings.configured:
        import django

        settings.configure(USE_TZ=True, TIME_ZONE="Asia/Kolkata", DATABASES={"default": {}}, LOGGING_CONFIG=None)
        django.setup()
    from django.db import connections

    connections.settings[store] = described(databases.engine(store).url) | {"OPTIONS": options}
    connections.configure_settings(connections.settings)
    return connections
