"""The tables: real columns for what people query and join, JSON text only for definitions, results and explanations.

``organization_id`` leads every primary key and is contained in every other key, so that the same schema shards by
organization. Ids are the library's UUIDv7; there is no sequence and no trigger. Instants are UTC; what never expires
expires on 9999-12-31. Every constraint is named: a failed one is translated by its name.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import mysql

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

__all__ = ["VERSION_TABLE", "metadata"]

VERSION_TABLE = "ml_schema_version"

metadata = MetaData()

# MariaDB and MySQL compare text without regard to case unless told otherwise.
_ID = Uuid().with_variant(mysql.CHAR(32, charset="ascii", collation="ascii_bin"), "mysql", "mariadb")
_INSTANT = DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def _text(length: int) -> Any:
    return String(length).with_variant(
        mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb"
    )


# Compared and ordered character by character on every database: ranges of keys that begin alike.
_EXACT_TEXT = _text(128).with_variant(String(128, collation="C"), "postgresql")
_JSON = Text().with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")
# So many bytes, as MariaDB and MySQL say it themselves when they are asked.
_SECRET = LargeBinary(32).with_variant(mysql.TINYBLOB(), "mysql", "mariadb")
_LABEL = _text(80)
_CODE = _text(64)
_KEY = _text(128)


def _table(name: str, *parts: Any, key: tuple[str, ...]) -> Table:
    return Table(
        f"ml_{name}",
        metadata,
        Column("organization_id", _ID, nullable=False),
        *parts,
        PrimaryKeyConstraint("organization_id", *key, name=f"pk_ml_{name}"),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mariadb_charset="utf8mb4",
    )


def _to(table: str, *columns: str, to: tuple[str, ...], name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", *columns], [f"ml_{table}.{column}" for column in ("organization_id", *to)], name=name
    )


def _where_there(name: str, column: str, *others: str) -> Index:
    """An index of a column that is mostly empty: where the database can, only of the rows that have it."""
    there = text(f"{column} IS NOT NULL")
    return Index(name, column, "organization_id", *others, postgresql_where=there, sqlite_where=there)


organizations = _table(
    "organizations",
    Column("name", _text(200), nullable=False),
    Column("zone", _CODE, nullable=False),
    Column("tier", _CODE, nullable=False),
    Column("settings", _JSON, nullable=False),
    Column("secret", _SECRET, nullable=False),
    Column("version", BigInteger, nullable=False, server_default="0"),
    key=(),
)

studios = _table(
    "studios",
    Column("code", _CODE, nullable=False),
    Column("name", _text(200)),
    Column("zone", _CODE, nullable=False),
    key=("code",),
)

headers = _table(
    "headers",
    Column("id", _ID, nullable=False),
    Column("command", _CODE, nullable=False),
    Column("actor", _LABEL, nullable=False),
    Column("idempotency_key", _KEY),
    Column("fingerprint", _CODE),
    Column("result", _JSON, nullable=False),
    Column("recorded_at", _INSTANT, nullable=False),
    UniqueConstraint("idempotency_key", "organization_id", name="uq_ml_headers_key"),
    key=("id",),
)

events = _table(
    "events",
    Column("id", _ID, nullable=False),
    Column("command_id", _ID, nullable=False),
    Column("type", _CODE, nullable=False),
    Column("version", Integer, nullable=False),
    Column("actor", _LABEL, nullable=False),
    Column("effective_at", _INSTANT, nullable=False),
    Column("recorded_at", _INSTANT, nullable=False),
    Column("data", _JSON, nullable=False),
    key=("id",),
)

# Whom an event concerns, newest first (MEM-15); no foreign keys: it is written with the event, and recounted.
event_members = _table(
    "event_members",
    Column("member_id", _ID, nullable=False),
    Column("effective_at", _INSTANT, nullable=False),
    Column("event_id", _ID, nullable=False),
    key=("member_id", "effective_at", "event_id"),
)

outbox = _table(
    "outbox",
    Column("id", _ID, nullable=False),
    Column("kind", _CODE, nullable=False),
    Column("member_id", _ID),
    Column("service", SmallInteger, nullable=False),
    Column("figures", _JSON, nullable=False),
    Column("not_before", _INSTANT, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", _CODE, nullable=False),
    Column("problem", _CODE),
    # What the member must have agreed to when it is sent (MEM-5).
    Column("purpose", _CODE),
    Column("channel", _CODE),
    # When it was sent, withheld or set aside.
    Column("settled_at", _INSTANT),
    Index("ix_ml_outbox_due", "state", "not_before", "organization_id", "id"),
    _where_there("ix_ml_outbox_member", "member_id", "id"),
    key=("id",),
)

external_ids = _table(
    "external_ids",
    Column("kind", _CODE, nullable=False),
    Column("source", _CODE, nullable=False),
    Column("value", _KEY, nullable=False),
    Column("id", _ID, nullable=False),
    Index("ix_ml_external_ids_id", "id", "organization_id"),
    key=("kind", "source", "value"),
)

members = _table(
    "members",
    Column("id", _ID, nullable=False),
    Column("member_type", _CODE, nullable=False),
    Column("state", _CODE, nullable=False),
    Column("before_block", _CODE),
    Column("version", BigInteger, nullable=False),
    # The id that is read aloud (MEM-3); every row has one.
    Column("support_id", _CODE),
    # Why, while blocked.
    Column("blocked_for", _CODE),
    # Left out of lists and searches (MEM-10).
    Column("deleted", SmallInteger, nullable=False, server_default=text("0")),
    # To which record this one leads, that was merged into it (MEM-17): then it is deleted.
    Column("merged_into_id", _ID),
    _where_there("ix_ml_members_merged", "merged_into_id", "id"),
    Index("uq_ml_members_support_id", "support_id", "organization_id", unique=True),
    CheckConstraint("version >= 0", name="ck_ml_members_version"),
    key=("id",),
)

people = _table(
    "people",
    Column("member_id", _ID, nullable=False),
    Column("given_name", _text(100)),
    Column("family_name", _text(100)),
    Column("known_as", _text(100)),
    Column("salutation", _text(40)),
    Column("birth_date", Date),
    Column("language", _CODE),
    Column("zone", _CODE),
    Column("photo", _text(500)),
    Column("home_studio", _CODE),
    Column("favourite_studio", _CODE),
    Column("emergency_name", _text(200)),
    Column("emergency_phone", _text(40)),
    Column("emergency_relation", _CODE),
    Column("guardian_id", _ID),
    # Lists that are read and erased with the row and looked for by nobody.
    Column("addresses", _JSON, nullable=False),
    Column("interests", _JSON, nullable=False),
    _to("members", "member_id", to=("id",), name="fk_ml_people_member"),
    _to("members", "guardian_id", to=("id",), name="fk_ml_people_guardian"),
    _where_there("ix_ml_people_guardian", "guardian_id", "member_id"),
    key=("member_id",),
)

contact_points = _table(
    "contact_points",
    Column("id", _ID, nullable=False),
    Column("member_id", _ID, nullable=False),
    Column("kind", _CODE, nullable=False),
    Column("written", _text(254), nullable=False),
    Column("match_key", _text(254), nullable=False),
    Column("verified", SmallInteger, nullable=False),
    _to("members", "member_id", to=("id",), name="fk_ml_contact_points_member"),
    UniqueConstraint("match_key", "kind", "organization_id", name="uq_ml_contact_points_key"),
    Index("ix_ml_contact_points_member", "member_id", "organization_id", "id"),
    key=("id",),
)

confirmations = _table(
    "confirmations",
    # No foreign key: a contact point whose key is made anew is written anew.
    Column("contact_point_id", _ID, nullable=False),
    Column("id", _ID, nullable=False),
    Column("member_id", _ID, nullable=False),
    Column("digest", _CODE, nullable=False),
    Column("expires_at", _INSTANT, nullable=False),
    _to("members", "member_id", to=("id",), name="fk_ml_confirmations_member"),
    UniqueConstraint("digest", "organization_id", name="uq_ml_confirmations_digest"),
    Index("ix_ml_confirmations_member", "member_id", "organization_id"),
    key=("contact_point_id",),
)

rates = _table(
    "rates",
    Column("id", _ID, nullable=False),
    Column("code", _CODE, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("on_sale", SmallInteger, nullable=False),
    UniqueConstraint("code", "organization_id", name="uq_ml_rates_code"),
    CheckConstraint("version >= 0", name="ck_ml_rates_version"),
    key=("id",),
)

rate_versions = _table(
    "rate_versions",
    Column("rate_id", _ID, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("recorded_at", _INSTANT, nullable=False),
    Column("definition", _JSON, nullable=False),
    _to("rates", "rate_id", to=("id",), name="fk_ml_rate_versions_rate"),
    key=("rate_id", "version"),
)

# What messages say, in versions.
message_templates = _table(
    "message_templates",
    Column("code", _CODE, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("in_use", SmallInteger, nullable=False),
    CheckConstraint("version >= 1", name="ck_ml_message_templates_version"),
    key=("code",),
)

message_template_versions = _table(
    "message_template_versions",
    Column("code", _CODE, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("recorded_at", _INSTANT, nullable=False),
    Column("definition", _JSON, nullable=False),
    _to("message_templates", "code", to=("code",), name="fk_ml_message_template_versions_template"),
    key=("code", "version"),
)

# What staff wrote beside something that was filed of a member: free text, which nothing else has.
notes = _table(
    "notes",
    Column("id", _ID, nullable=False),
    Column("member_id", _ID, nullable=False),
    Column("note", _text(2000), nullable=False),
    _to("members", "member_id", to=("id",), name="fk_ml_notes_member"),
    Index("ix_ml_notes_member", "member_id", "organization_id"),
    key=("id",),
)

contracts = _table(
    "contracts",
    Column("id", _ID, nullable=False),
    Column("rate_id", _ID, nullable=False),
    Column("rate_version", BigInteger, nullable=False),
    # The rates that it switches to at the end of a term, with their versions.
    Column("rates_later", _JSON, nullable=False),
    Column("studio", _CODE, nullable=False),
    Column("signed_on", Date, nullable=False),
    # Where it took over from a contract at another studio: since when it has a status.
    Column("begins_on", Date),
    # What is owed after a switch, in the place of the rate's initial fee.
    Column("switch_fee", BigInteger),
    Column("switch_currency", _CODE),
    Column("predecessor_id", _ID),
    Column("start_on", Date, nullable=False),
    Column("successor_id", _ID),
    Column("cancelled_as", _CODE),
    Column("cancelled_for", _CODE),
    Column("cancelled_received_on", Date),
    Column("cancelled_filed_on", Date),
    Column("cancelled_effective_on", Date),
    Column("cancelled_note_id", _ID),
    Column("announced_to", Date, nullable=False),
    # When the sale came into force for the first time, if it was on this contract.
    Column("started_on", Date),
    # When something changes by itself; empty if nothing does.
    Column("next_change", _INSTANT),
    # The day before which no cancellation has to be received; empty if none ever has to be.
    Column("look_from", Date),
    Column("effective_at", _INSTANT, nullable=False),
    Column("version", BigInteger, nullable=False),
    _to("rate_versions", "rate_id", "rate_version", to=("rate_id", "version"), name="fk_ml_contracts_rate"),
    _to("studios", "studio", to=("code",), name="fk_ml_contracts_studio"),
    CheckConstraint("version >= 0", name="ck_ml_contracts_version"),
    CheckConstraint("signed_on <= start_on", name="ck_ml_contracts_days"),
    CheckConstraint("switch_fee >= 0", name="ck_ml_contracts_switch_fee"),
    _to("contracts", "predecessor_id", to=("id",), name="fk_ml_contracts_predecessor"),
    _to("contracts", "successor_id", to=("id",), name="fk_ml_contracts_successor"),
    _where_there("ix_ml_contracts_predecessor", "predecessor_id"),
    _where_there("ix_ml_contracts_successor", "successor_id"),
    Index("ix_ml_contracts_rate", "rate_id", "rate_version", "organization_id"),
    Index("ix_ml_contracts_studio", "studio", "organization_id", "signed_on"),
    _where_there("ix_ml_contracts_due", "next_change", "id"),
    # Led by the organization, as it is entered by a span of days of one; only rows that have a day are in it.
    Index(
        "ix_ml_contracts_look",
        "organization_id",
        "look_from",
        "id",
        postgresql_where=text("look_from IS NOT NULL"),
        sqlite_where=text("look_from IS NOT NULL"),
    ),
    key=("id",),
)

contract_members = _table(
    "contract_members",
    Column("id", _ID, nullable=False),
    Column("contract_id", _ID, nullable=False),
    Column("member_id", _ID, nullable=False),
    Column("holder", SmallInteger, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
    _to("contracts", "contract_id", to=("id",), name="fk_ml_contract_members_contract"),
    _to("members", "member_id", to=("id",), name="fk_ml_contract_members_member"),
    CheckConstraint("since <= until", name="ck_ml_contract_members_days"),
    Index("ix_ml_contract_members_contract", "contract_id", "organization_id"),
    Index("ix_ml_contract_members_member", "member_id", "organization_id"),
    # After a transfer the same part is on two contracts.
    key=("contract_id", "id"),
)

contract_payments = _table(
    "contract_payments",
    Column("id", _ID, nullable=False),
    Column("contract_id", _ID, nullable=False),
    Column("paid_on", Date, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", _CODE, nullable=False),
    Column("reference", _KEY),
    Column("reversed_on", Date),
    _to("contracts", "contract_id", to=("id",), name="fk_ml_contract_payments_contract"),
    CheckConstraint("amount > 0", name="ck_ml_contract_payments_amount"),
    Index("ix_ml_contract_payments_contract", "contract_id", "organization_id"),
    # After a transfer the same part is on two contracts.
    key=("contract_id", "id"),
)

contract_freezes = _table(
    "contract_freezes",
    Column("id", _ID, nullable=False),
    Column("contract_id", _ID, nullable=False),
    Column("since", Date, nullable=False),
    # As filed: empty where it is open-ended.
    Column("until", Date),
    Column("ended", Date),
    Column("reason", _CODE, nullable=False),
    Column("filed_on", Date, nullable=False),
    _to("contracts", "contract_id", to=("id",), name="fk_ml_contract_freezes_contract"),
    Index("ix_ml_contract_freezes_contract", "contract_id", "organization_id"),
    # After a transfer the same part is on two contracts.
    key=("contract_id", "id"),
)

contract_gifts = _table(
    "contract_gifts",
    Column("id", _ID, nullable=False),
    Column("contract_id", _ID, nullable=False),
    Column("given_on", Date, nullable=False),
    Column("days", Integer, nullable=False),
    Column("reason", _CODE, nullable=False),
    Column("taken_back_on", Date),
    _to("contracts", "contract_id", to=("id",), name="fk_ml_contract_gifts_contract"),
    CheckConstraint("days > 0", name="ck_ml_contract_gifts_days"),
    Index("ix_ml_contract_gifts_contract", "contract_id", "organization_id"),
    key=("contract_id", "id"),
)

contract_batches = _table(
    "contract_batches",
    Column("id", _ID, nullable=False),
    Column("action", _JSON, nullable=False),
    Column("opened_at", _INSTANT, nullable=False),
    Column("undone_at", _INSTANT),
    key=("id",),
)

contract_batch_lines = _table(
    "contract_batch_lines",
    Column("batch_id", _ID, nullable=False),
    Column("contract_id", _ID, nullable=False),
    Column("state", _CODE, nullable=False),
    Column("code", _CODE),
    Column("freeze_id", _ID),
    Column("gift_id", _ID),
    # The facts of the contract as the batch left them.
    Column("stamp", _CODE),
    _to("contract_batches", "batch_id", to=("id",), name="fk_ml_contract_batch_lines_batch"),
    _to("contracts", "contract_id", to=("id",), name="fk_ml_contract_batch_lines_contract"),
    _to(
        "contract_freezes",
        "contract_id",
        "freeze_id",
        to=("contract_id", "id"),
        name="fk_ml_contract_batch_lines_freeze",
    ),
    _to("contract_gifts", "contract_id", "gift_id", to=("contract_id", "id"), name="fk_ml_contract_batch_lines_gift"),
    Index("ix_ml_contract_batch_lines_state", "batch_id", "state", "organization_id", "contract_id"),
    Index("ix_ml_contract_batch_lines_freeze", "contract_id", "freeze_id", "organization_id"),
    Index("ix_ml_contract_batch_lines_gift", "contract_id", "gift_id", "organization_id"),
    key=("batch_id", "contract_id"),
)

# What the core computes of a contract's past and known future, to be found by.
contract_spans = _table(
    "contract_spans",
    Column("contract_id", _ID, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("status", _CODE, nullable=False),
    _to("contracts", "contract_id", to=("id",), name="fk_ml_contract_spans_contract"),
    Index("ix_ml_contract_spans_status", "status", "organization_id", "until", "since"),
    key=("contract_id", "since"),
)

member_spans = _table(
    "member_spans",
    Column("member_id", _ID, nullable=False),
    Column("since", _INSTANT, nullable=False),
    Column("until", _INSTANT, nullable=False),
    Column("status", _CODE, nullable=False),
    Column("detail", _CODE),
    _to("members", "member_id", to=("id",), name="fk_ml_member_spans_member"),
    Index("ix_ml_member_spans_status", "status", "organization_id", "member_id", "since", "until"),
    key=("member_id", "since"),
)

search_keys = _table(
    "search_keys",
    Column("kind", _CODE, nullable=False),
    Column("match_key", _EXACT_TEXT, nullable=False),
    Column("member_id", _ID, nullable=False),
    _to("members", "member_id", to=("id",), name="fk_ml_search_keys_member"),
    Index("ix_ml_search_keys_member", "member_id", "organization_id"),
    key=("kind", "match_key", "member_id"),
)

clubs = _table(
    "clubs",
    Column("id", _ID, nullable=False),
    Column("name", _text(200), nullable=False),
    Column("zone", _CODE, nullable=False),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("version >= 0", name="ck_ml_clubs_version"),
    key=("id",),
)

club_versions = _table(
    "club_versions",
    Column("club_id", _ID, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("recorded_at", _INSTANT, nullable=False),
    Column("definition", _JSON, nullable=False),
    _to("clubs", "club_id", to=("id",), name="fk_ml_club_versions_club"),
    key=("club_id", "version"),
)

accounts = _table(
    "accounts",
    Column("id", _ID, nullable=False),
    Column("club_id", _ID, nullable=False),
    Column("owner_id", _ID, nullable=False),
    # The owner again while the account is not closed: at most one for each member and club (PTS-1).
    Column("own_of", _ID),
    Column("scheme", _CODE, nullable=False),
    Column("scheme_since", _INSTANT, nullable=False),
    Column("next_review", _INSTANT, nullable=False),
    Column("state", _CODE, nullable=False),
    Column("blocked_for", _CODE),
    Column("opened_at", _INSTANT, nullable=False),
    Column("effective_at", _INSTANT, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("blocked_at", _INSTANT),
    # What a manual move keeps from happening by itself, and the grace of a review: all of each, or nothing.
    Column("pin_kind", _CODE),
    Column("pin_scheme", _CODE),
    Column("pin_until", Date),
    Column("grace_since", Date),
    Column("grace_until", Date),
    # When somebody looks again whether its holders have to be told that it will fall; empty where there is nothing to
    # tell. Up to when they have been told.
    Column("next_warning", _INSTANT),
    Column("warned_at", _INSTANT),
    # To which account this one leads, that became one with it (MEM-17): then it is closed.
    Column("merged_into_id", _ID),
    _where_there("ix_ml_accounts_merged", "merged_into_id", "id"),
    _to("clubs", "club_id", to=("id",), name="fk_ml_accounts_club"),
    _to("members", "owner_id", to=("id",), name="fk_ml_accounts_owner"),
    UniqueConstraint("club_id", "own_of", "organization_id", name="uq_ml_accounts_own"),
    CheckConstraint("version >= 0", name="ck_ml_accounts_version"),
    Index("ix_ml_accounts_owner", "owner_id", "organization_id"),
    # The jobs' agenda of reviews, over all organizations: what is due costs, not what there is.
    Index("ix_ml_accounts_agenda", "next_review", "organization_id", "id"),
    _where_there("ix_ml_accounts_warnings", "next_warning", "id"),
    key=("id",),
)

scheme_changes = _table(
    "scheme_changes",
    Column("id", _ID, nullable=False),
    Column("account_id", _ID, nullable=False),
    Column("club_id", _ID, nullable=False),
    Column("from_scheme", _CODE, nullable=False),
    Column("to_scheme", _CODE, nullable=False),
    Column("cause", _CODE, nullable=False),
    Column("metric", _CODE, nullable=False),
    Column("measured", BigInteger, nullable=False),
    Column("window_start", Date, nullable=False),
    Column("window_end", Date, nullable=False),
    Column("thresholds", _JSON, nullable=False),
    Column("business_day", Date, nullable=False),
    Column("effective_at", _INSTANT, nullable=False),
    Column("recorded_at", _INSTANT, nullable=False),
    Column("actor", _LABEL, nullable=False),
    Column("command_id", _ID, nullable=False),
    Column("reason", _CODE),
    Column("pin_kind", _CODE),
    Column("pin_until", Date),
    _to("accounts", "account_id", to=("id",), name="fk_ml_scheme_changes_account"),
    Index("ix_ml_scheme_changes_account", "account_id", "effective_at", "id", "organization_id"),
    # Since when an account counts; without it SQLite reads every change of the organization for each account.
    Index("ix_ml_scheme_changes_counted", "account_id", "organization_id", "window_end"),
    Index("ix_ml_scheme_changes_club", "club_id", "business_day", "organization_id"),
    key=("id",),
)

account_holders = _table(
    "account_holders",
    Column("account_id", _ID, nullable=False),
    Column("member_id", _ID, nullable=False),
    Column("position", Integer, nullable=False),
    _to("accounts", "account_id", to=("id",), name="fk_ml_account_holders_account"),
    _to("members", "member_id", to=("id",), name="fk_ml_account_holders_member"),
    Index("ix_ml_account_holders_member", "member_id", "organization_id"),
    key=("account_id", "member_id"),
)

wallets = _table(
    "wallets",
    Column("account_id", _ID, nullable=False),
    Column("unit", _CODE, nullable=False),
    Column("remaining", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("debt", BigInteger, nullable=False),
    Column("next_change", _INSTANT, nullable=False),
    # Empty where nobody has to be warned.
    Column("next_warning", _INSTANT),
    Column("pending", BigInteger, nullable=False, server_default="0"),
    # The terms of its lots that live by activity, and when it was last active; empty where none do (PTS-6).
    Column("idle", _KEY),
    Column("activity_at", _INSTANT),
    _to("accounts", "account_id", to=("id",), name="fk_ml_wallets_account"),
    CheckConstraint("held >= 0 AND remaining >= held", name="ck_ml_wallets_remaining"),
    CheckConstraint("debt >= 0", name="ck_ml_wallets_debt"),
    # The jobs' agenda, over all organizations: what is due costs, not what there is.
    Index("ix_ml_wallets_agenda", "next_change", "organization_id", "account_id", "unit"),
    _where_there("ix_ml_wallets_warnings", "next_warning", "account_id", "unit"),
    key=("account_id", "unit"),
)

entries = _table(
    "entries",
    Column("id", _ID, nullable=False),
    Column("account_id", _ID, nullable=False),
    Column("unit", _CODE, nullable=False),
    Column("club_id", _ID, nullable=False),
    Column("scheme", _CODE, nullable=False),
    Column("kind", _CODE, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("debt", BigInteger, nullable=False),
    Column("business_day", Date, nullable=False),
    Column("effective_at", _INSTANT, nullable=False),
    Column("recorded_at", _INSTANT, nullable=False),
    Column("actor", _LABEL, nullable=False),
    Column("reason", _CODE),
    Column("reference", _KEY),
    Column("counterpart_id", _ID),
    Column("because", _JSON, nullable=False),
    Column("command_id", _ID, nullable=False),
    Column("corrects_id", _ID),
    _to("wallets", "account_id", "unit", to=("account_id", "unit"), name="fk_ml_entries_wallet"),
    Index("ix_ml_entries_wallet", "account_id", "unit", "effective_at", "id", "organization_id"),
    _where_there("ix_ml_entries_corrects", "corrects_id"),
    key=("id",),
)

lots = _table(
    "lots",
    Column("id", _ID, nullable=False),
    Column("account_id", _ID, nullable=False),
    Column("unit", _CODE, nullable=False),
    Column("entry_id", _ID, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("remaining", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    # 1 while anything remains: the index below then leads straight to what can still be used, on every database.
    Column("is_open", SmallInteger, nullable=False),
    Column("earned_at", _INSTANT, nullable=False),
    Column("expires_at", _INSTANT, nullable=False),
    Column("origin_id", _ID),
    # Since when it can be spent, if not at once; pending until an entry says that it is available (PTS-5).
    Column("available_at", _INSTANT),
    Column("pending", SmallInteger, nullable=False, server_default="0"),
    # The term without activity after which it expires, and until when it lived when it was opened (PTS-6).
    Column("idle", _CODE),
    Column("opened_until", _INSTANT),
    _to("entries", "entry_id", to=("id",), name="fk_ml_lots_entry"),
    CheckConstraint("held >= 0 AND remaining >= held AND amount >= remaining", name="ck_ml_lots_remaining"),
    Index("ix_ml_lots_order", "account_id", "unit", "is_open", "expires_at", "earned_at", "id", "organization_id"),
    _where_there("ix_ml_lots_origin", "origin_id"),
    # For clubs that use up the oldest first (PTS-7); where the database can, only of what can still be used.
    Index(
        "ix_ml_lots_oldest",
        "account_id",
        "unit",
        "is_open",
        "earned_at",
        "expires_at",
        "id",
        "organization_id",
        postgresql_where=text("is_open = 1"),
        sqlite_where=text("is_open = 1"),
    ),
    key=("id",),
)

slices = _table(
    "slices",
    Column("entry_id", _ID, nullable=False),
    Column("lot_id", _ID, nullable=False),
    Column("points", BigInteger, nullable=False),
    _to("entries", "entry_id", to=("id",), name="fk_ml_slices_entry"),
    _to("lots", "lot_id", to=("id",), name="fk_ml_slices_lot"),
    Index("ix_ml_slices_lot", "lot_id", "organization_id"),
    key=("entry_id", "lot_id"),
)

holds = _table(
    "holds",
    Column("id", _ID, nullable=False),
    Column("account_id", _ID, nullable=False),
    Column("unit", _CODE, nullable=False),
    Column("until", _INSTANT, nullable=False),
    Column("state", _CODE, nullable=False),
    Column("captured", BigInteger, nullable=False),
    Column("held_at", _INSTANT, nullable=False),
    Column("resolved_at", _INSTANT),
    Column("actor", _LABEL, nullable=False),
    Column("reason", _CODE),
    Column("reference", _KEY),
    Column("command_id", _ID, nullable=False),
    _to("wallets", "account_id", "unit", to=("account_id", "unit"), name="fk_ml_holds_wallet"),
    CheckConstraint("captured >= 0", name="ck_ml_holds_captured"),
    Index("ix_ml_holds_wallet", "account_id", "unit", "state", "until", "id", "organization_id"),
    key=("id",),
)

hold_slices = _table(
    "hold_slices",
    Column("hold_id", _ID, nullable=False),
    Column("lot_id", _ID, nullable=False),
    Column("points", BigInteger, nullable=False),
    _to("holds", "hold_id", to=("id",), name="fk_ml_hold_slices_hold"),
    _to("lots", "lot_id", to=("id",), name="fk_ml_hold_slices_lot"),
    CheckConstraint("points > 0", name="ck_ml_hold_slices_points"),
    Index("ix_ml_hold_slices_lot", "lot_id", "organization_id"),
    key=("hold_id", "lot_id"),
)

adjustments = _table(
    "adjustments",
    Column("id", _ID, nullable=False),
    Column("account_id", _ID, nullable=False),
    Column("club_id", _ID, nullable=False),
    Column("unit", _CODE, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("reason", _CODE, nullable=False),
    Column("reference", _KEY),
    # The expiry that was named; null where the club's policy says it.
    Column("expires_at", _INSTANT),
    Column("state", _CODE, nullable=False),
    Column("asked_by", _LABEL, nullable=False),
    Column("asked_at", _INSTANT, nullable=False),
    Column("business_day", Date, nullable=False),
    # The how-manieth that its member of staff adjusted alone on that day: nobody takes a turn twice.
    Column("turn", Integer),
    Column("entry_id", _ID),
    Column("resolved_by", _LABEL),
    Column("resolved_at", _INSTANT),
    Column("command_id", _ID, nullable=False),
    _to("accounts", "account_id", to=("id",), name="fk_ml_adjustments_account"),
    UniqueConstraint(
        "club_id", "unit", "asked_by", "business_day", "turn", "organization_id", name="uq_ml_adjustments_turn"
    ),
    CheckConstraint("points <> 0", name="ck_ml_adjustments_points"),
    Index("ix_ml_adjustments_account", "account_id", "unit", "state", "organization_id"),
    Index("ix_ml_adjustments_club", "club_id", "unit", "state", "asked_at", "id", "organization_id"),
    Index("ix_ml_adjustments_days", "club_id", "unit", "state", "business_day", "asked_by", "organization_id"),
    key=("id",),
)

awards = _table(
    "awards",
    Column("id", _ID, nullable=False),
    Column("account_id", _ID, nullable=False),
    Column("club_id", _ID, nullable=False),
    Column("member_id", _ID, nullable=False),
    Column("event", _CODE, nullable=False),
    # The host's own id of the event: a natural key for ever (COM-9).
    Column("source", _CODE, nullable=False),
    Column("external_id", _KEY, nullable=False),
    Column("at", _INSTANT, nullable=False),
    Column("business_day", Date, nullable=False),
    Column("earned_on", Date, nullable=False),
    Column("recorded_at", _INSTANT, nullable=False),
    Column("scheme", _CODE, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("settled_debt", BigInteger, nullable=False),
    Column("expires_at", _INSTANT, nullable=False),
    Column("available", BigInteger, nullable=False),
    Column("entry_id", _ID),
    Column("because", _JSON, nullable=False),
    Column("command_id", _ID, nullable=False),
    _to("accounts", "account_id", to=("id",), name="fk_ml_awards_account"),
    _to("members", "member_id", to=("id",), name="fk_ml_awards_member"),
    UniqueConstraint("source", "external_id", "organization_id", name="uq_ml_awards_external"),
    CheckConstraint("points >= 0", name="ck_ml_awards_points"),
    Index("ix_ml_awards_account", "account_id", "earned_on", "organization_id"),
    key=("id",),
)

award_gifts = _table(
    "award_gifts",
    Column("award_id", _ID, nullable=False),
    Column("rule", _CODE, nullable=False),
    Column("club_id", _ID, nullable=False),
    Column("member_id", _ID, nullable=False),
    Column("business_day", Date, nullable=False),
    Column("points", BigInteger, nullable=False),
    _to("awards", "award_id", to=("id",), name="fk_ml_award_gifts_award"),
    CheckConstraint("points > 0", name="ck_ml_award_gifts_points"),
    # A member's limits: how often a rule gave in a period.
    Index("ix_ml_award_gifts_member", "member_id", "club_id", "rule", "business_day", "organization_id"),
    key=("award_id", "rule"),
)

purchases = _table(
    "purchases",
    Column("id", _ID, nullable=False),
    Column("account_id", _ID, nullable=False),
    Column("club_id", _ID, nullable=False),
    Column("club_version", BigInteger, nullable=False),
    Column("scheme", _CODE, nullable=False),
    # The till's own id: a natural key for ever (COM-9).
    Column("source", _CODE, nullable=False),
    Column("external_id", _KEY, nullable=False),
    Column("at", _INSTANT, nullable=False),
    Column("business_day", Date, nullable=False),
    Column("recorded_at", _INSTANT, nullable=False),
    Column("studio", _CODE),
    Column("currency", _CODE, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("eligible", BigInteger, nullable=False),
    Column("stored_value", BigInteger, nullable=False),
    Column("redeemed_points", BigInteger, nullable=False),
    Column("redeemed_value", BigInteger, nullable=False),
    Column("earned", BigInteger, nullable=False),
    Column("settled_debt", BigInteger, nullable=False),
    # What a scheme's metric counts (SCH-2): money spent, and whether it is a purchase at all; 0 while blocked.
    Column("spent", BigInteger, nullable=False),
    Column("counted", SmallInteger, nullable=False),
    Column("expires_at", _INSTANT, nullable=False),
    Column("available", BigInteger, nullable=False),
    Column("redeem_entry_id", _ID),
    Column("earn_entry_id", _ID),
    Column("fingerprint", _CODE, nullable=False),
    Column("because", _JSON, nullable=False),
    Column("command_id", _ID, nullable=False),
    # What came back since (PTS-10): a metric counts so much less, and a purchase less once all of it came back.
    Column("unspent", BigInteger, nullable=False, server_default=text("0")),
    Column("unearned", BigInteger, nullable=False, server_default=text("0")),
    Column("returned", SmallInteger, nullable=False, server_default=text("0")),
    Column("actor", _LABEL),
    # The lots it opened, if any was held back (PTS-5); else there is at most one, which the other columns tell.
    Column("lots", _JSON),
    _to("accounts", "account_id", to=("id",), name="fk_ml_purchases_account"),
    UniqueConstraint("source", "external_id", "organization_id", name="uq_ml_purchases_external"),
    CheckConstraint("total >= 0 AND eligible >= 0 AND eligible <= total", name="ck_ml_purchases_total"),
    CheckConstraint("redeemed_value >= 0 AND redeemed_value <= total", name="ck_ml_purchases_redeemed"),
    CheckConstraint("earned >= 0", name="ck_ml_purchases_earned"),
    Index("ix_ml_purchases_account", "account_id", "business_day", "organization_id"),
    key=("id",),
)

purchase_lines = _table(
    "purchase_lines",
    Column("purchase_id", _ID, nullable=False),
    Column("position", Integer, nullable=False),
    Column("item", _KEY, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("discount", BigInteger, nullable=False),
    Column("brand", _KEY),
    Column("categories", _JSON, nullable=False),
    Column("stored_value", SmallInteger, nullable=False),
    _to("purchases", "purchase_id", to=("id",), name="fk_ml_purchase_lines_purchase"),
    CheckConstraint("amount >= discount AND discount >= 0 AND quantity >= 0", name="ck_ml_purchase_lines_amount"),
    key=("purchase_id", "position"),
)

returns = _table(
    "returns",
    Column("id", _ID, nullable=False),
    Column("purchase_id", _ID, nullable=False),
    Column("account_id", _ID, nullable=False),
    Column("club_id", _ID, nullable=False),
    # The till's own id: a natural key for ever (COM-9).
    Column("source", _CODE, nullable=False),
    Column("external_id", _KEY, nullable=False),
    Column("at", _INSTANT, nullable=False),
    Column("business_day", Date, nullable=False),
    Column("recorded_at", _INSTANT, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("money", BigInteger, nullable=False),
    Column("points_value", BigInteger, nullable=False),
    Column("stored_value", BigInteger, nullable=False),
    Column("restored", BigInteger, nullable=False),
    Column("unearned", BigInteger, nullable=False),
    Column("unspent", BigInteger, nullable=False),
    Column("taken", BigInteger, nullable=False),
    Column("debt", BigInteger, nullable=False),
    Column("clamped", BigInteger, nullable=False),
    Column("available", BigInteger, nullable=False),
    Column("whole", SmallInteger, nullable=False),
    Column("restore_entry_id", _ID),
    Column("return_entry_id", _ID),
    Column("fingerprint", _CODE, nullable=False),
    Column("because", _JSON, nullable=False),
    Column("command_id", _ID, nullable=False),
    _to("purchases", "purchase_id", to=("id",), name="fk_ml_returns_purchase"),
    UniqueConstraint("source", "external_id", "organization_id", name="uq_ml_returns_external"),
    CheckConstraint("amount = money + points_value + stored_value AND money >= 0", name="ck_ml_returns_amount"),
    CheckConstraint("taken >= debt AND debt >= 0 AND clamped >= 0", name="ck_ml_returns_taken"),
    Index("ix_ml_returns_purchase", "purchase_id", "organization_id"),
    key=("id",),
)

return_lines = _table(
    "return_lines",
    Column("return_id", _ID, nullable=False),
    Column("position", Integer, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    _to("returns", "return_id", to=("id",), name="fk_ml_return_lines_return"),
    CheckConstraint("quantity >= 0 AND amount >= 0", name="ck_ml_return_lines_amount"),
    key=("return_id", "position"),
)

journals = _table(
    "journals",
    Column("id", _ID, nullable=False),
    # The host's own name of it: a natural key for ever (PTS-15).
    Column("reference", _KEY, nullable=False),
    Column("unit", _CODE, nullable=False),
    Column("state", _CODE, nullable=False),
    Column("digest", _CODE, nullable=False),
    Column("line_count", BigInteger, nullable=False),
    Column("malformed", BigInteger, nullable=False),
    Column("drafted_by", _LABEL, nullable=False),
    Column("drafted_at", _INSTANT, nullable=False),
    Column("entry_count", BigInteger, nullable=False),
    Column("posted_by", _LABEL),
    Column("posted_at", _INSTANT),
    UniqueConstraint("reference", "organization_id", name="uq_ml_journals_reference"),
    CheckConstraint("line_count >= malformed AND malformed >= 0", name="ck_ml_journals_lines"),
    key=("id",),
)

journal_lines = _table(
    "journal_lines",
    Column("journal_id", _ID, nullable=False),
    Column("number", Integer, nullable=False),
    # What a malformed line says is not kept, only what is wrong with it.
    Column("kind", _CODE),
    Column("account_id", _ID),
    Column("points", BigInteger),
    Column("target_id", _ID),
    Column("reason", _CODE),
    Column("reference", _KEY),
    Column("expires_at", _INSTANT),
    Column("problem_field", _KEY),
    Column("problem_code", _CODE),
    Column("problem_text", _text(1000)),
    _to("journals", "journal_id", to=("id",), name="fk_ml_journal_lines_journal"),
    key=("journal_id", "number"),
)

journal_entries = _table(
    "journal_entries",
    Column("journal_id", _ID, nullable=False),
    Column("number", Integer, nullable=False),
    Column("entry_id", _ID, nullable=False),
    _to("journal_lines", "journal_id", "number", to=("journal_id", "number"), name="fk_ml_journal_entries_line"),
    _to("entries", "entry_id", to=("id",), name="fk_ml_journal_entries_entry"),
    key=("journal_id", "number"),
)

# What somebody wrote freely: a tag's text may name a person, and is told by its id everywhere else (MEM-6).
tags = _table(
    "tags",
    Column("id", _ID, nullable=False),
    Column("text", _CODE, nullable=False),
    Column("tag_key", _text(256), nullable=False),
    UniqueConstraint("tag_key", "organization_id", name="uq_ml_tags_key"),
    key=("id",),
)

member_tags = _table(
    "member_tags",
    Column("member_id", _ID, nullable=False),
    Column("tag_id", _ID, nullable=False),
    Column("since", _INSTANT, nullable=False),
    _to("members", "member_id", to=("id",), name="fk_ml_member_tags_member"),
    _to("tags", "tag_id", to=("id",), name="fk_ml_member_tags_tag"),
    Index("ix_ml_member_tags_tag", "tag_id", "member_id", "organization_id"),
    key=("member_id", "tag_id"),
)

consents = _table(
    "consents",
    Column("id", _ID, nullable=False),
    Column("member_id", _ID, nullable=False),
    Column("purpose", _CODE, nullable=False),
    Column("channel", _CODE),
    Column("given", SmallInteger, nullable=False),
    Column("at", _INSTANT, nullable=False),
    Column("source", _CODE, nullable=False),
    Column("wording", _CODE),
    Column("recorded_at", _INSTANT, nullable=False),
    Column("actor", _LABEL, nullable=False),
    _to("members", "member_id", to=("id",), name="fk_ml_consents_member"),
    CheckConstraint("given = 0 OR wording IS NOT NULL", name="ck_ml_consents_wording"),
    Index("ix_ml_consents_member", "member_id", "at", "recorded_at", "id", "organization_id"),
    key=("id",),
)

parameters = _table(
    "parameters",
    Column("parameter", _CODE, nullable=False),
    Column("kind", _CODE, nullable=False),
    Column("required", SmallInteger, nullable=False),
    Column("personal", SmallInteger, nullable=False),
    Column("options", _JSON, nullable=False),
    Column("retired_at", _INSTANT),
    key=("parameter",),
)

# Personal where the parameter is. A row for each value, each chosen option, each part of an address; a number in
# millionths (MEM-4).
parameter_values = _table(
    "parameter_values",
    Column("member_id", _ID, nullable=False),
    Column("parameter", _CODE, nullable=False),
    Column("position", Integer, nullable=False),
    Column("text_value", _text(500)),
    Column("number_value", BigInteger),
    Column("day_value", Date),
    _to("members", "member_id", to=("id",), name="fk_ml_parameter_values_member"),
    _to("parameters", "parameter", to=("parameter",), name="fk_ml_parameter_values_parameter"),
    CheckConstraint(
        "(text_value IS NULL AND (number_value IS NULL) <> (day_value IS NULL))"
        " OR (text_value IS NOT NULL AND number_value IS NULL AND day_value IS NULL)",
        name="ck_ml_parameter_values_one",
    ),
    Index("ix_ml_parameter_values_parameter", "parameter", "member_id", "organization_id"),
    key=("member_id", "parameter", "position"),
)

leads = _table(
    "leads",
    Column("member_id", _ID, nullable=False),
    Column("source", _CODE, nullable=False),
    _to("members", "member_id", to=("id",), name="fk_ml_leads_member"),
    key=("member_id",),
)

inquiries = _table(
    "inquiries",
    Column("id", _ID, nullable=False),
    Column("member_id", _ID, nullable=False),
    Column("kind", _CODE, nullable=False),
    Column("at", _INSTANT, nullable=False),
    Column("studio", _CODE),
    Column("day", Date, nullable=False),
    Column("day_began", _INSTANT, nullable=False),
    Column("recorded_at", _INSTANT, nullable=False),
    Column("actor", _LABEL, nullable=False),
    CheckConstraint("day_began <= at", name="ck_ml_inquiries_day"),
    _to("members", "member_id", to=("id",), name="fk_ml_inquiries_member"),
    _to("studios", "studio", to=("code",), name="fk_ml_inquiries_studio"),
    Index("ix_ml_inquiries_member", "member_id", "at", "id", "organization_id"),
    Index("ix_ml_inquiries_day", "day", "organization_id"),
    key=("id",),
)

# Free text, which is erased with the person; nothing refers to it (MEM-12, MEM-9).
inquiry_notes = _table(
    "inquiry_notes",
    Column("inquiry_id", _ID, nullable=False),
    Column("note", _text(2000), nullable=False),
    _to("inquiries", "inquiry_id", to=("id",), name="fk_ml_inquiry_notes_inquiry"),
    key=("inquiry_id",),
)

# No access for a while (CON-14): of one contract, or of a member.
suspensions = _table(
    "suspensions",
    Column("id", _ID, nullable=False),
    Column("member_id", _ID),
    Column("contract_id", _ID),
    Column("since", Date, nullable=False),
    Column("until", Date),
    Column("ended", Date),
    Column("reason", _CODE, nullable=False),
    Column("filed_at", _INSTANT, nullable=False),
    _to("members", "member_id", to=("id",), name="fk_ml_suspensions_member"),
    _to("contracts", "contract_id", to=("id",), name="fk_ml_suspensions_contract"),
    CheckConstraint("(member_id IS NULL) <> (contract_id IS NULL)", name="ck_ml_suspensions_whose"),
    CheckConstraint("since < until", name="ck_ml_suspensions_days"),
    _where_there("ix_ml_suspensions_member", "member_id"),
    _where_there("ix_ml_suspensions_contract", "contract_id"),
    key=("id",),
)

# What the host's billing last said; shown, never decided on.
billing = _table(
    "billing",
    Column("member_id", _ID, nullable=False),
    Column("amount", BigInteger),
    Column("currency", _CODE),
    Column("status", _CODE),
    Column("as_of", _INSTANT, nullable=False),
    _to("members", "member_id", to=("id",), name="fk_ml_billing_member"),
    CheckConstraint("(amount IS NULL) = (currency IS NULL)", name="ck_ml_billing_currency"),
    key=("member_id",),
)

visitor_passes = _table(
    "visitor_passes",
    Column("id", _ID, nullable=False),
    Column("member_id", _ID, nullable=False),
    Column("kind", _CODE, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    # Empty if there is no limit.
    Column("visits", BigInteger),
    Column("used", BigInteger, nullable=False),
    Column("studios", _JSON, nullable=False),
    Column("services", _JSON, nullable=False),
    Column("host_id", _ID),
    Column("issued_at", _INSTANT, nullable=False),
    Column("ended_at", _INSTANT),
    _to("members", "member_id", to=("id",), name="fk_ml_visitor_passes_member"),
    _to("members", "host_id", to=("id",), name="fk_ml_visitor_passes_host"),
    CheckConstraint("since < until", name="ck_ml_visitor_passes_days"),
    CheckConstraint("used >= 0 AND (visits IS NULL OR used <= visits)", name="ck_ml_visitor_passes_used"),
    Index("ix_ml_visitor_passes_member", "member_id", "organization_id"),
    _where_there("ix_ml_visitor_passes_host", "host_id"),
    key=("id",),
)

visits = _table(
    "visits",
    Column("id", _ID, nullable=False),
    Column("member_id", _ID, nullable=False),
    Column("studio", _CODE, nullable=False),
    Column("service", _CODE),
    Column("at", _INSTANT, nullable=False),
    Column("business_day", Date, nullable=False),
    Column("recorded_at", _INSTANT, nullable=False),
    Column("actor", _LABEL, nullable=False),
    Column("allowed", SmallInteger, nullable=False),
    Column("contract_id", _ID),
    Column("pass_id", _ID),
    # The codes of what was told at the door.
    Column("told", _JSON, nullable=False),
    Column("overridden", SmallInteger, nullable=False),
    Column("note_id", _ID),
    Column("undone_at", _INSTANT),
    Column("undone_for", _CODE),
    _to("members", "member_id", to=("id",), name="fk_ml_visits_member"),
    _to("studios", "studio", to=("code",), name="fk_ml_visits_studio"),
    _to("contracts", "contract_id", to=("id",), name="fk_ml_visits_contract"),
    _to("visitor_passes", "pass_id", to=("id",), name="fk_ml_visits_pass"),
    CheckConstraint(
        "allowed = 1 OR (contract_id IS NULL AND pass_id IS NULL AND overridden = 0 AND undone_at IS NULL)",
        name="ck_ml_visits_allowed",
    ),
    # A member's visits of a day, of a period, and shortly before now.
    Index("ix_ml_visits_member", "member_id", "business_day", "organization_id"),
    Index("ix_ml_visits_studio", "studio", "organization_id", "business_day"),
    _where_there("ix_ml_visits_contract", "contract_id"),
    _where_there("ix_ml_visits_pass", "pass_id"),
    key=("id",),
)

# Flows of Member Care: the current version of each; runs name the version they keep. A deleted one has no name any
# more, so that another may take it.
care_flows = _table(
    "care_flows",
    Column("id", _ID, nullable=False),
    Column("name", _text(200)),
    Column("state", _CODE, nullable=False),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("name", "organization_id", name="uq_ml_care_flows_name"),
    CheckConstraint("version >= 0", name="ck_ml_care_flows_version"),
    key=("id",),
)

care_flow_versions = _table(
    "care_flow_versions",
    Column("flow_id", _ID, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("recorded_at", _INSTANT, nullable=False),
    Column("definition", _JSON, nullable=False),
    _to("care_flows", "flow_id", to=("id",), name="fk_ml_care_flow_versions_flow"),
    key=("flow_id", "version"),
)

care_configurations = _table(
    "care_configurations",
    Column("id", _ID, nullable=False),
    Column("name", _text(200), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("definition", _JSON, nullable=False),
    UniqueConstraint("name", "organization_id", name="uq_ml_care_configurations_name"),
    CheckConstraint("version >= 0", name="ck_ml_care_configurations_version"),
    key=("id",),
)

# Which configuration is active at a studio: one, or none. A row stays when its studio has none any more, as what its
# version guards.
care_studios = _table(
    "care_studios",
    Column("studio", _CODE, nullable=False),
    Column("configuration_id", _ID),
    Column("since", _INSTANT, nullable=False),
    Column("version", BigInteger, nullable=False),
    _to("studios", "studio", to=("code",), name="fk_ml_care_studios_studio"),
    _to("care_configurations", "configuration_id", to=("id",), name="fk_ml_care_studios_configuration"),
    Index("ix_ml_care_studios_configuration", "configuration_id", "organization_id"),
    CheckConstraint("version >= 0", name="ck_ml_care_studios_version"),
    key=("studio",),
)

# What flows refer to, where the host brings no catalogue of its own. The name of an employee is personal.
care_catalogue = _table(
    "care_catalogue",
    Column("kind", _CODE, nullable=False),
    Column("code", _CODE, nullable=False),
    Column("name", _text(200)),
    Column("competences", _JSON, nullable=False),
    Column("in_use", SmallInteger, nullable=False),
    key=("kind", "code"),
)

# Runs of flows. `place` is that of the first milestone that is not done, `next_change` when something happens of
# itself.
care_runs = _table(
    "care_runs",
    Column("id", _ID, nullable=False),
    Column("member_id", _ID, nullable=False),
    Column("flow_id", _ID, nullable=False),
    Column("flow_version", BigInteger, nullable=False),
    Column("configuration_id", _ID, nullable=False),
    Column("studio", _CODE, nullable=False),
    Column("contract_id", _ID),
    Column("assigned_at", _INSTANT, nullable=False),
    Column("assigned_by", _CODE, nullable=False),
    Column("automatic_days", Integer),
    Column("automatic_months", Integer),
    Column("ended_at", _INSTANT),
    Column("end_reason", _CODE),
    Column("end_code", _CODE),
    Column("ended_by", _ID),
    Column("place", Integer, nullable=False),
    Column("next_change", _INSTANT),
    Column("effective_at", _INSTANT, nullable=False),
    Column("version", BigInteger, nullable=False),
    _to("members", "member_id", to=("id",), name="fk_ml_care_runs_member"),
    _to("care_flow_versions", "flow_id", "flow_version", to=("flow_id", "version"), name="fk_ml_care_runs_flow"),
    _to("care_configurations", "configuration_id", to=("id",), name="fk_ml_care_runs_configuration"),
    _to("studios", "studio", to=("code",), name="fk_ml_care_runs_studio"),
    CheckConstraint("version >= 0", name="ck_ml_care_runs_version"),
    Index("ix_ml_care_runs_member", "member_id", "organization_id"),
    Index("ix_ml_care_runs_flow", "flow_id", "flow_version", "organization_id"),
    Index("ix_ml_care_runs_figures", "organization_id", "flow_id", "id"),
    Index("ix_ml_care_runs_configuration", "configuration_id", "organization_id"),
    Index("ix_ml_care_runs_studio", "studio", "organization_id"),
    _where_there("ix_ml_care_runs_due", "next_change", "id"),
    key=("id",),
)

# The milestones of runs that were started. `day` is the one on which it is to be done, where the studio is.
care_steps = _table(
    "care_steps",
    Column("run_id", _ID, nullable=False),
    Column("id", _ID, nullable=False),
    Column("milestone_id", _ID, nullable=False),
    Column("place", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("due_at", _INSTANT, nullable=False),
    Column("event_id", _ID),
    Column("message_id", _ID),
    Column("state", _CODE, nullable=False),
    Column("done_at", _INSTANT),
    Column("outcome", _CODE),
    Column("reason", _CODE),
    Column("assignee", _CODE),
    Column("competence", _CODE),
    Column("postponed_to", Date),
    Column("postponed_at", _INSTANT),
    Column("note_id", _ID),
    Column("day", Date, nullable=False),
    Column("surface", _CODE),
    _to("care_runs", "run_id", to=("id",), name="fk_ml_care_steps_run"),
    UniqueConstraint("run_id", "place", "turn", "organization_id", name="uq_ml_care_steps_turn"),
    # The work list: everybody's, and that of an employee or a competence.
    Index("ix_ml_care_steps_open", "state", "organization_id", "day", "id"),
    _where_there("ix_ml_care_steps_assignee", "assignee", "state", "day", "id"),
    _where_there("ix_ml_care_steps_competence", "competence", "state", "day", "id"),
    key=("id",),
)

# When time stood still for a run, and will as far as is known.
care_pauses = _table(
    "care_pauses",
    Column("run_id", _ID, nullable=False),
    Column("since", _INSTANT, nullable=False),
    Column("until", _INSTANT, nullable=False),
    _to("care_runs", "run_id", to=("id",), name="fk_ml_care_pauses_run"),
    CheckConstraint("since < until", name="ck_ml_care_pauses_order"),
    key=("run_id", "since"),
)

# The one active run of each member who ever had one: guard and lock at once.
care_guard = _table(
    "care_guard",
    Column("member_id", _ID, nullable=False),
    Column("run_id", _ID),
    Column("version", BigInteger, nullable=False),
    _to("members", "member_id", to=("id",), name="fk_ml_care_guard_member"),
    _to("care_runs", "run_id", to=("id",), name="fk_ml_care_guard_run"),
    UniqueConstraint("run_id", "organization_id", name="uq_ml_care_guard_run"),
    CheckConstraint("version >= 0", name="ck_ml_care_guard_version"),
    key=("member_id",),
)

# What active runs wait for.
care_awaits = _table(
    "care_awaits",
    Column("run_id", _ID, nullable=False),
    Column("kind", _CODE, nullable=False),
    Column("member_id", _ID, nullable=False),
    _to("care_runs", "run_id", to=("id",), name="fk_ml_care_awaits_run"),
    Index("ix_ml_care_awaits_member", "member_id", "organization_id"),
    key=("run_id", "kind"),
)

# Up to which event the jobs have looked for what runs wait for.
care_heard = _table(
    "care_heard",
    Column("event_id", _ID, nullable=False),
    key=(),
)
