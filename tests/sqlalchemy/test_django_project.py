"""A Django project as a stranger writes it: tables made when it migrates, views with
ATOMIC_REQUESTS, tests in a transaction each."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("django", reason="a Django project needs it: pip install --group test")

from tests.sqlalchemy.djangos import described

pytestmark = pytest.mark.rule("COM-15")

MANAGE = """
import os, sys

if {mysql}:
    import pymysql
    pymysql.install_as_MySQLdb()
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""

SETTINGS = """
SECRET_KEY = "not one"
DATABASES = {{"default": {database!r} | {{"ATOMIC_REQUESTS": True, "TEST": {{"NAME": {test!r}}}}}}}
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "shop.urls"
ALLOWED_HOSTS = ["testserver"]
USE_TZ = {use_tz}
TIME_ZONE = "America/New_York"
"""

APPS = """
from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


def upgrade_memberlogic(using, **said):
    from memberlogic_sqlalchemy import upgrade
    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url

    engine = create_engine(make_url({url!r}).set(database=connections[using].settings_dict["NAME"]))
    upgrade(engine)
    engine.dispose()


class Shop(AppConfig):
    name = "shop"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        post_migrate.connect(upgrade_memberlogic, sender=self)
"""

MODELS = """
from django.db import models


class Order(models.Model):
    note = models.CharField(max_length=40)
    account = models.UUIDField()
"""

MIGRATION = """
from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel(
            "Order",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("note", models.CharField(max_length=40)),
                ("account", models.UUIDField()),
            ],
        )
    ]
"""

URLS = """
from uuid import UUID

from django.http import JsonResponse
from django.urls import path

from memberlogic import Actor, MemberLogic, MemberLogicError
from memberlogic_sqlalchemy.django import DjangoStorage
from shop.models import Order

ml = MemberLogic(DjangoStorage())


def buy(request, organization, account, points):
    Order.objects.create(note="coffee", account=account)
    org = ml.organization(organization, Actor.system())
    try:
        org.ledger.transfer(source=account, target=UUID(request.GET["to"]), points=points)
    except MemberLogicError as refusal:
        return JsonResponse(refusal.to_json(), status=409)
    if "fail" in request.GET:
        raise RuntimeError("the card was declined")
    return JsonResponse({"available": org.ledger.balance(account).available})


urlpatterns = [path("<uuid:organization>/<uuid:account>/<int:points>", buy)]
"""

TESTS = """
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.test import TestCase, TransactionTestCase

from memberlogic import Actor
from shop.models import Order
from shop.urls import ml


def opened():
    tenant = ml.open_organization(name="Shop", zone=ZoneInfo("Asia/Tokyo"))
    org = ml.organization(tenant.id, Actor.system())
    club = org.loyalty.open_club(name="Regulars", zone=tenant.zone, member_types=["customer"])
    ids = []
    for name in ("Ana", "Ben"):
        email = f"{name}@example.org"
        member = org.members.register(member_type="customer", given_name=name, email=email, verified=True)
        ids.append(org.loyalty.open_account(club=club.id, member=member.id).id)
    org.ledger.credit(ids[0], 50, reason="welcome")
    return org, *ids


class Requests(TestCase):
    def setUp(self):
        self.org, self.ana, self.ben = opened()

    def buy(self, points, said=""):
        url = f"/{self.org.organization.id}/{self.ana}/{points}?to={self.ben}{said}"
        return self.client.get(url)

    def test_a_view_gives_points_in_the_transaction_of_its_request(self):
        self.assertEqual(self.buy(9).json(), {"available": 41})
        self.assertEqual(Order.objects.get().account, self.ana)

    def test_a_refusal_leaves_the_request_usable(self):
        answer = self.buy(900)
        self.assertEqual((answer.status_code, answer.json()["code"]), (409, "points.insufficient"))
        self.assertEqual(Order.objects.count(), 1)

    def test_an_error_of_the_view_takes_the_points_back(self):
        with self.assertRaises(RuntimeError):
            self.buy(9, "&fail=yes")
        self.assertEqual((self.org.ledger.balance(self.ana).available, Order.objects.count()), (50, 0))

    def test_instants_are_what_they_are(self):
        (entry,) = self.org.ledger.entries(self.ana)
        self.assertLess(abs(datetime.now(UTC) - entry.recorded_at), timedelta(minutes=1))


class Isolated(TestCase):
    def test_nothing_of_the_other_tests_is_there(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM ml_organizations")
            self.assertEqual(cursor.fetchone(), (0,))


class Autocommit(TransactionTestCase):
    def test_without_a_block_nothing_is_written(self):
        from memberlogic_sqlalchemy.joining import NoTransaction

        with self.assertRaises(NoTransaction):
            opened()
"""


@pytest.mark.parametrize(("store", "use_tz"), [("sqlite", True), ("postgresql", False), ("mariadb", True)])
def test_a_django_project_gives_points_in_its_requests(databases, store, use_tz, tmp_path):
    url = databases.engine(store).url
    test = str(tmp_path / "test.db") if store == "sqlite" else f"{url.database}_django"
    files = {
        "manage.py": MANAGE.format(mysql=store == "mariadb"),
        "settings.py": SETTINGS.format(database=described(url), test=test, use_tz=use_tz),
        "shop/__init__.py": "",
        "shop/apps.py": APPS.format(url=url.render_as_string(hide_password=False)),
        "shop/models.py": MODELS,
        "shop/migrations/__init__.py": "",
        "shop/migrations/0001_initial.py": MIGRATION,
        "shop/urls.py": URLS,
        "shop/tests.py": TESTS,
    }
    (tmp_path / "shop" / "migrations").mkdir(parents=True)
    for name, content in files.items():
        (tmp_path / name).write_text(content.lstrip())
    done = subprocess.run(
        [sys.executable, "-W", "error", "manage.py", "test", "--noinput"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ran 6 tests" in done.stderr
