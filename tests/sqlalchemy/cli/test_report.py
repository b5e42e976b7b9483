"""The pages of ``memberlogic report``: well-formed, needing nothing, and every figure on them the services' own."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from html.parser import HTMLParser

import pytest

from memberlogic import (
    After,
    CalendarPeriod,
    CalendarYear,
    Downgrade,
    Earning,
    EarningRule,
    ExternalId,
    Fixed,
    Metric,
    Monthly,
    Progression,
    PurchaseLine,
    Rate,
    Redeeming,
    Scheme,
    Term,
    TransferPolicy,
    Upgrade,
)
from memberlogic.converting import to_json
from memberlogic.ids import new_id
from memberlogic.testing import World
from memberlogic_sqlalchemy import SqlAlchemyStorage
from memberlogic_sqlalchemy.cli.drawing import Flow, Series, bars, curve, flows, ranks
from memberlogic_sqlalchemy.cli.group import run
from memberlogic_sqlalchemy.cli.words import amount, day, money, percent, tenths

VOID = {"meta", "br", "hr", "img", "link", "input"}
NAME = '<script>alert("x")</script> & Co'


class Read(HTMLParser):
    """A page read back: tables as rows of cells, sections, drawings; refuses tags that do not close."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tables, self.svgs, self.texts, self.tags = [], [], [], [], set()
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        if tag == "tr" and self.tables:
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag == "svg":
            self.svgs.append(dict(attrs))

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)
        if any(each in ("td", "th") for each in self.open):
            self.tables[-1][-1][-1] += data

    def table(self, *columns):
        """The rows of the table with these headings."""
        (found,) = [table[1:] for table in self.tables if table[0] == list(columns)]
        return found


@pytest.fixture
def ask(capsys, tmp_path):
    """Write a report; answer its figures, the page read back, and its text."""

    def ask(database, *arguments):
        capsys.readouterr()
        out = tmp_path / "page.html"
        code = run(["report", "--database", database, "--out", str(out), "--json", *arguments])
        captured = capsys.readouterr()
        if code:
            return code, captured.out, captured.err
        text = out.read_text(encoding="utf-8")
        return json.loads(captured.out), Read(text), text

    return ask


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def club(request, databases):
    """Half a year of a club with three accounts, on each database; nothing was settled since."""
    world = World(
        SqlAlchemyStorage(databases.engine(request.param)),
        at=datetime(2026, 1, 10, 12, tzinfo=UTC),
        name=NAME,
        currency="JPY",
        expiry=After(Term.of_days(60)),
        schemes=[
            Scheme(code="base", name="Base"),
            Scheme(code="silver", name="Silver <b>", threshold=2_000),
            Scheme(code="gold", name="Gold", threshold=90_000),
        ],
        earning=Earning(rules=[EarningRule(key="base", gives=Rate(1, 1))]),
        redeeming=Redeeming(points=10, value=5),
        transfer=TransferPolicy(factor=Fraction(1, 2)),
        progression=Progression(
            metric=Metric.MONEY_SPENT,
            window=Term.of_days(60),
            upgrade=Upgrade.AT_REVIEW,
            downgrade=Downgrade.TO_REACHED,
            review=Monthly(day=1),
        ),
    )
    ana, ben, _ = accounts = [world.account() for _ in range(3)]
    for number, (account, cents, redeem) in enumerate(
        [(ana, 2500, 0), (ben, 700, 0), (ana, 300, 500), (ben, 2100, 30), (ana, 10, 10)]
    ):
        world.org.loyalty.record_purchase(
            account=account,
            purchase=ExternalId("till", f"{number}<i>"),
            lines=[PurchaseLine("tea", cents), PurchaseLine("cup", 100), PurchaseLine("pot", 100)],
            currency="JPY",
            redeem=redeem,
        )
        world.wait(days=25)
    world.org.ledger.transfer(source=ben, target=ana, points=7)
    return world, databases.url(request.param), accounts


def whole(cell):
    """A figure of a cell."""
    return int(cell.replace("−", "-").replace(",", "").replace(" JPY", "").replace("+", ""))


def needs_nothing(page, text):
    """No script, nothing fetched, nothing that was typed by somebody taken for markup."""
    assert not {"script", "link", "img", "iframe", "object", "i", "b"} & page.tags - {"i"}
    assert not re.search(r"""(?:src|href|xlink)\s*=|url\(|@import|https?:|<i>|<b>|\son\w+=""", text)
    for part in (
        'name="viewport"',
        "prefers-color-scheme: dark",
        "@media print",
        'lang="en"',
        '<meta charset="utf-8">',
    ):
        assert part in text
    assert all(svg["role"] == "img" and svg["aria-label"] for svg in page.svgs)
    sections = text.split("<section>")[1:]
    assert all("<table>" in section for section in sections if "<svg" in section)
    assert all(section.lstrip().startswith("<h2>") for section in sections)


@pytest.mark.rule("PTS-17", "SCH-8", "COM-8")
def test_the_page_of_a_club_says_what_the_services_say(ask, club):
    """Issued, redeemed, expired and outstanding by month, liability, what expires when, schemes and moves."""
    world, database, _ = club
    at = world.clock.now()
    figures, page, text = ask(database, "--club", str(world.club.id), "--as-of", at.isoformat(), "--months", "4")
    needs_nothing(page, text)
    assert NAME in "".join(page.texts)
    assert NAME not in text
    org = world.org
    moved = org.ledger.movements(world.club.id, at.date().replace(month=1, day=1), at.date() + timedelta(days=1))
    counted = org.ledger.outstanding(world.club.id)
    by_month = page.table("Month", "Issued", "Redeemed", "Expired", "Other", "Left at its end")
    assert [[whole(cell) for cell in row[1:]] for row in by_month] == [
        [month.issued, month.redeemed, month.expired, month.other, month.outstanding] for month in moved.months
    ]
    assert [row[0] for row in by_month] == [f"{month.month:%b %Y}" for month in moved.months]
    left = page.table("Month", "Outstanding", "Liability")
    assert [(whole(row[1]), whole(row[2])) for row in left] == [
        (month.outstanding, (month.outstanding * 5 + 9) // 10) for month in moved.months
    ]
    assert moved.months[-1].outstanding == counted.outstanding
    ahead = page.table("Month", "Points", "Worth")
    assert [whole(row[1]) for row in ahead] == [each.points for each in counted.expiring_by_month]
    assert sum(whole(row[1]) for row in ahead) == counted.available
    rates = page.table("Month", "Issued", "Redeemed", "Rate")
    assert [row[3] for row in rates] == [percent(m.redeemed, m.issued) for m in moved.months if m.issued]
    standing = {each.scheme: each.accounts for each in org.loyalty.accounts_by_scheme(world.club.id).schemes}
    assert [whole(row[1]) for row in page.table("Scheme", "Accounts", "Share")] == list(standing.values())
    migration = org.loyalty.migration(world.club.id, moved.since, moved.until)
    moves = page.table("From", "To", "", "Moves")
    assert sum(whole(row[3]) for row in moves if row[2] == "up") == migration.upgrades > 0
    assert sum(whole(row[3]) for row in moves if row[2] == "down") == migration.downgrades > 0
    assert figures["outstanding"]["outstanding"] == counted.outstanding
    liability = org.loyalty.liability(world.club.id)
    assert figures["liability"] == liability.outstanding.value == (counted.outstanding * 5 + 9) // 10
    assert [whole(row[2]) for row in ahead] == [each.value for each in liability.expiring]
    said = "".join(page.texts)
    for tile in (
        f"{counted.issued:,}",
        f"{counted.redeemed:,}",
        f"{counted.expired:,}",
        f"{figures['liability']:,} JPY",
    ):
        assert tile in said


@pytest.mark.rule("PTS-16", "PTS-18", "SCH-8", "COM-12")
def test_the_page_of_an_account_explains_every_entry(ask, club):
    """Each entry with its reasons, the balance after it, what expires next, scheme and progress; ids and no more."""
    world, database, (ana, ben, _) = club
    at = world.clock.now().isoformat()
    for account in (ana, ben):
        _, page, text = ask(database, "--account", str(account), "--as-of", at)
        needs_nothing(page, text)
        opened = world.org.loyalty.account(account).opened_at.date()
        today = world.clock.now().date() + timedelta(days=1)
        said = world.org.ledger.statement(account, since=opened, until=today)
        rows = [row for row in page.table("Day", "What", "Points", "Balance") if len(row) == 4]
        assert [row[1] for row in (rows[0], rows[-1])] == ["opening balance", "closing balance"]
        assert [(row[0], whole(row[2]), whole(row[3])) for row in rows[1:-1]] == [
            (day(line.business_day), line.points, line.balance) for line in said.lines
        ]
        assert [row[1].split(" (")[0] for row in rows[1:-1]] == [
            line.kind.value.replace("_", " ") for line in said.lines
        ]
        words = "".join(page.texts)
        for why in (why for line in said.lines for why in line.because):
            assert f"{why.code} ({why.rule})" in words
        assert "lines 0–2" in words
        expiring = page.table("Day", "Points", "Worth")
        assert [(row[0], whole(row[1])) for row in expiring] == [(day(e.day), e.points) for e in said.expiring]
        assert [whole(row[2]) for row in expiring] == [e.points * 5 // 10 for e in said.expiring]
        assert sum(whole(row[1]) for row in expiring) == said.available
        changes = world.org.loyalty.scheme_history(account).changes
        assert [(row[0], whole(row[3])) for row in page.table("Day", "From", "To", "Counted")] == [
            (day(change.day), change.measured) for change in changes
        ]
        assert page.table("Month", "Points")[-1][1] == f"{said.closing:,}"
        assert not re.search(
            r"[0-9a-f]{8}-[0-9a-f]{4}", text.replace(str(account), "").replace(str(ana), "").replace(str(ben), "")
        )


@pytest.mark.rule("SCH-9", "PTS-8", "COM-12")
def test_the_page_of_an_account_says_what_is_missing_and_what_the_balance_is_worth(ask, club):
    """What progress and balance answer: to the next scheme, to keep this one and until when, in steps of ten points."""
    world, database, (ana, ben, _) = club
    for account in (ana, ben):
        figures, page, _ = ask(database, "--account", str(account), "--as-of", world.clock.now().isoformat())
        progress, balance = world.org.loyalty.progress(account), world.org.ledger.balance(account)
        assert figures["progress"] == to_json(progress)
        named = {"base": "Base", "silver": "Silver <b>", "gold": "Gold"}
        asked = [("rise to", each.scheme, each, progress.measured) for each in [progress.next] if each]
        asked += [("keep", each.scheme, each, each.measured) for each in [progress.keep] if each]
        rows = [row for row in page.table("To", "Needed", "Counted", "Missing", "By") if len(row) == 5]
        assert [(row[0], *map(whole, row[1:4])) for row in rows] == [
            (f"{to} {named[scheme]}", each.threshold, counted, each.missing) for to, scheme, each, counted in asked
        ]
        assert [row[4] for row in rows if row[0].startswith("keep")] == [
            day(each.last_day) for each in [progress.keep] if each
        ]
        words = "".join(page.texts)
        for why in progress.explain().reasons:
            assert f"{why.code} ({why.rule})" in words
        steps = balance.available // 10 * 10
        assert f"{balance.available:,} points are worth {balance.available // 2:,} JPY: 10 pay 5 JPY." in words
        assert f"{steps:,} of them, {steps // 2:,} JPY, could pay now" in words


@pytest.mark.rule("SCH-9")
def test_the_page_of_an_account_knows_how_far_it_is_however_many_are_nearer(ask, databases):
    """A year that ends, a member at the end of the line, a club that moves by hand."""
    schemes = [Scheme(code="base", name="Base"), Scheme(code="gold", name="Gold", threshold=1_000)]
    world = World(
        SqlAlchemyStorage(databases.engine("sqlite")),
        at=datetime(2026, 3, 10, 12, tzinfo=UTC),
        schemes=schemes,
        progression=Progression(
            metric=Metric.MONEY_SPENT,
            window=CalendarYear(),
            upgrade=Upgrade.AT_REVIEW,
            downgrade=Downgrade.TO_REACHED,
            review=Monthly(day=1),
        ),
    )
    by_hand = world.another_club(schemes=schemes)
    for account, missing in ((world.account(), True), (world.account(club=by_hand), False)):
        _, page, _ = ask(databases.url("sqlite"), "--account", str(account), "--as-of", world.clock.now().isoformat())
        words = "".join(page.texts)
        assert ("10.00 EUR more for Gold, until 31 Dec 2026; it rises at the review after that." in words) is missing
        assert ("This club moves accounts by hand only." in words) is not missing
        assert "Points do not pay in this club." in words


def test_an_account_without_anything_has_a_page(ask, club):
    """Nothing earned, nothing to expire, no change: said in words."""
    world, database, (*_, empty) = club
    _, page, text = ask(database, "--account", str(empty), "--as-of", world.clock.now().isoformat())
    needs_nothing(page, text)
    assert "Nothing will expire." in text


@pytest.mark.rule("COM-11")
def test_what_cannot_be_reported_is_one_line(ask, databases):
    world = World(SqlAlchemyStorage(databases.engine("sqlite")))
    world.account(credits=[5])
    database, whose = databases.url("sqlite"), ("--club", str(world.club.id))
    for code, told, arguments in (
        (2, "either --club or --account", ()),
        (2, "either --club or --account", (*whose, "--account", str(new_id()))),
        (2, "has no time zone", (*whose, "--as-of", "2026-01-01")),
        (1, "no club", ("--club", str(new_id()))),
        (1, "no account", ("--account", str(new_id()))),
        (1, "took effect at 2026-01-15T12:00:00+00:00", (*whose, "--as-of", "2026-01-15T11:59:59Z")),
        (1, "No such file or directory", (*whose, "--out", "/nowhere/at/all.html")),
    ):
        got, out, err = ask(database, *arguments)
        assert (got, out, err.count("\n")) == (code, "", 1), err
        assert told in err


def test_it_is_as_of_now_unless_said(ask, databases):
    """By the system's clock: what was credited long ago for a month has expired."""
    world = World(SqlAlchemyStorage(databases.engine("sqlite")), at=datetime(2020, 1, 1, tzinfo=UTC))
    account = world.account()
    world.org.ledger.credit(account, 9, reason="welcome", expires_at=datetime(2020, 2, 1, tzinfo=UTC))
    figures, page, _ = ask(databases.url("sqlite"), "--club", str(world.club.id), "--months", "0")
    assert (figures["outstanding"]["outstanding"], figures["liability"]) == (0, None)
    assert [row[1:] for row in page.table("Month", "Issued", "Redeemed", "Expired", "Left at its end")] == [["0"] * 4]


@pytest.mark.rule("PTS-5", "PTS-17")
def test_pending_points_are_said_once_where_the_pages_say_what_expires(ask, databases):
    """10 points and 25 that are held back go on one day, which is said the same everywhere; none of them for ever."""
    world = World(
        SqlAlchemyStorage(databases.engine("sqlite")),
        at=datetime(2026, 1, 2, 12, tzinfo=UTC),
        expiry=After(Term.of_days(10), CalendarPeriod.YEAR),
        earning=Earning(
            rules=[
                EarningRule(key="base", gives=Rate(1, 100)),
                EarningRule(key="bonus", gives=Fixed(25), pending=Term.of_days(14)),
            ]
        ),
    )
    account, at, database = world.account(), world.clock.now().isoformat(), databases.url("sqlite")
    world.org.loyalty.record_purchase(
        account=account, purchase=ExternalId("till", "1"), lines=[PurchaseLine("tea", 1000)], currency="EUR"
    )
    _, page, _ = ask(database, "--account", str(account), "--as-of", at)
    assert page.table("Day", "Points") == [["1 Jan 2027", "35"]]
    told = [each.strip() for each in page.texts if each.strip()]
    assert told[told.index("Next expiry") :][1:3] == ["1 Jan 2027", "35 points"]
    _, page, _ = ask(database, "--club", str(world.club.id), "--as-of", at)
    assert page.table("Month", "Points", "Worth") == [["Jan 2027", "35", "–"]]
    assert "do not expire" not in "".join(page.texts)


def test_days_below_a_curve_do_not_touch():
    """The name of a quarter that begins soon after the first day is left out; one in the middle has room."""
    drawn = curve([(date(2025, 10, 20), 1), (date(2027, 4, 1), 2)], label="c")
    assert re.findall(r">(\d[^<]*)</text>", drawn)[-3:] == ["20 Oct 25", "1 Aug 26", "1 Apr 27"]


def test_drawings_are_as_high_as_their_figures():
    """Bars and bands in proportion; what is typed into a name stays a text."""
    drawn = bars(["a", "<b>"], [Series("up", [100, 50], "c1"), Series("down", [0, -50], "c2")], label='say "it"')
    heights = [float(each) for each in re.findall(r'<rect[^>]* height="([\d.]+)"', drawn)]
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.2)
    assert heights[1] == pytest.approx(heights[2], abs=0.2)
    assert "<b>" not in drawn
    assert 'aria-label="say &#34;it&#34;"' in drawn
    widths = [
        float(each)
        for each in re.findall(r'<rect[^>]* width="([\d.]+)"', ranks([("x", 30, "c1"), ("y", 10, "c2")], label="r"))
    ]
    assert widths == [480, 160]
    sankey = flows([Flow("a", "b", 3, "c3"), Flow("b", "a", 1, "c2")], ["a", "b"], label="f")
    bands = [[float(n) for n in re.findall(r"[\d.]+", path)] for path in re.findall(r' d="([^"]+)"', sankey)]
    assert [round(band[8] - band[7]) for band in bands] == [150, 50]
    assert flows([], ["a"], label="f") == "" == curve([], label="c")
    for page in (drawn, sankey):
        Read(str(page))


def test_figures_read_as_people_write_them():
    """Thousands apart, money by its currency's digits, shares half up."""
    assert money(123456789, "USD") == "1,234,567.89 USD"
    assert [amount(-1, "EUR"), amount(-120000, "EUR"), money(1234, "JPY"), money(1234567, "KWD")] == [
        "−0.01",
        "−1,200.00",
        "1,234 JPY",
        "1,234.567 KWD",
    ]
    assert [tenths(Fraction(-1, 4)), tenths(Fraction(1, 20)), tenths(Fraction(12345))] == ["−0.3", "0.1", "12,345.0"]
    assert [percent(1, 3), percent(1, 3, 2), percent(0, 0)] == ["33.3 %", "33.33 %", "–"]
    assert day(date(2018, 1, 2)) == "2 Jan 2018"
