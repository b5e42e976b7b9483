"""Members in full, and their contracts."""

from alembic import op
from sqlalchemy.dialects import mysql

import sqlalchemy as sa

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; what is there stays as it is."""

    op.create_table(
        "ml_contract_batches",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "action",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "opened_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "undone_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_contract_batches"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_event_members",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "effective_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "event_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("organization_id", "member_id", "effective_at", "event_id", name="pk_ml_event_members"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_parameters",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "parameter",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("required", sa.SmallInteger(), nullable=False),
        sa.Column("personal", sa.SmallInteger(), nullable=False),
        sa.Column(
            "options",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "retired_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "parameter", name="pk_ml_parameters"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_rates",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "code",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("on_sale", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("version >= 0", name="ck_ml_rates_version"),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_rates"),
        sa.UniqueConstraint("code", "organization_id", name="uq_ml_rates_code"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_studios",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "code",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "name",
            sa.String(length=200)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=200), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=200), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "zone",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("organization_id", "code", name="pk_ml_studios"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_tags",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "text",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "tag_key",
            sa.String(length=256)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=256), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=256), "mysql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_tags"),
        sa.UniqueConstraint("tag_key", "organization_id", name="uq_ml_tags_key"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_billing",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column(
            "currency",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "status",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "as_of",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.CheckConstraint("(amount IS NULL) = (currency IS NULL)", name="ck_ml_billing_currency"),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_billing_member",
        ),
        sa.PrimaryKeyConstraint("organization_id", "member_id", name="pk_ml_billing"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_confirmations",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "contact_point_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "digest",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_confirmations_member",
        ),
        sa.PrimaryKeyConstraint("organization_id", "contact_point_id", name="pk_ml_confirmations"),
        sa.UniqueConstraint("digest", "organization_id", name="uq_ml_confirmations_digest"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_ml_confirmations_member", "ml_confirmations", ["member_id", "organization_id"], unique=False)
    op.create_table(
        "ml_consents",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "purpose",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column("given", sa.SmallInteger(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "wording",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "actor",
            sa.String(length=80)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mysql"),
            nullable=False,
        ),
        sa.CheckConstraint("given = 0 OR wording IS NOT NULL", name="ck_ml_consents_wording"),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_consents_member",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_consents"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_consents_member",
        "ml_consents",
        ["member_id", "at", "recorded_at", "id", "organization_id"],
        unique=False,
    )
    op.create_table(
        "ml_contact_points",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "written",
            sa.String(length=254)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=254), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=254), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "match_key",
            sa.String(length=254)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=254), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=254), "mysql"),
            nullable=False,
        ),
        sa.Column("verified", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_contact_points_member",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_contact_points"),
        sa.UniqueConstraint("match_key", "kind", "organization_id", name="uq_ml_contact_points_key"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_contact_points_member", "ml_contact_points", ["member_id", "organization_id", "id"], unique=False
    )
    op.create_table(
        "ml_inquiries",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "studio",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "day_began",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "actor",
            sa.String(length=80)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mysql"),
            nullable=False,
        ),
        sa.CheckConstraint("day_began <= at", name="ck_ml_inquiries_day"),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_inquiries_member",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "studio"],
            ["ml_studios.organization_id", "ml_studios.code"],
            name="fk_ml_inquiries_studio",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_inquiries"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_ml_inquiries_day", "ml_inquiries", ["day", "organization_id"], unique=False)
    op.create_index(
        "ix_ml_inquiries_member", "ml_inquiries", ["member_id", "at", "id", "organization_id"], unique=False
    )
    op.create_table(
        "ml_leads",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"], ["ml_members.organization_id", "ml_members.id"], name="fk_ml_leads_member"
        ),
        sa.PrimaryKeyConstraint("organization_id", "member_id", name="pk_ml_leads"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_member_spans",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "since",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "until",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "detail",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_member_spans_member",
        ),
        sa.PrimaryKeyConstraint("organization_id", "member_id", "since", name="pk_ml_member_spans"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_member_spans_status",
        "ml_member_spans",
        ["status", "organization_id", "member_id", "since", "until"],
        unique=False,
    )
    op.create_table(
        "ml_member_tags",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "tag_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "since",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_member_tags_member",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "tag_id"], ["ml_tags.organization_id", "ml_tags.id"], name="fk_ml_member_tags_tag"
        ),
        sa.PrimaryKeyConstraint("organization_id", "member_id", "tag_id", name="pk_ml_member_tags"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_ml_member_tags_tag", "ml_member_tags", ["tag_id", "member_id", "organization_id"], unique=False)
    op.create_table(
        "ml_notes",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "note",
            sa.String(length=2000)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=2000), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=2000), "mysql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"], ["ml_members.organization_id", "ml_members.id"], name="fk_ml_notes_member"
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_notes"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_ml_notes_member", "ml_notes", ["member_id", "organization_id"], unique=False)
    op.create_table(
        "ml_parameter_values",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "parameter",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "text_value",
            sa.String(length=500)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=500), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=500), "mysql"),
            nullable=True,
        ),
        sa.Column("number_value", sa.BigInteger(), nullable=True),
        sa.Column("day_value", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(text_value IS NULL AND (number_value IS NULL) <> (day_value IS NULL)) OR (text_value IS NOT NULL AND number_value IS NULL AND day_value IS NULL)",
            name="ck_ml_parameter_values_one",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_parameter_values_member",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "parameter"],
            ["ml_parameters.organization_id", "ml_parameters.parameter"],
            name="fk_ml_parameter_values_parameter",
        ),
        sa.PrimaryKeyConstraint("organization_id", "member_id", "parameter", "position", name="pk_ml_parameter_values"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_parameter_values_parameter",
        "ml_parameter_values",
        ["parameter", "member_id", "organization_id"],
        unique=False,
    )
    op.create_table(
        "ml_people",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "given_name",
            sa.String(length=100)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=100), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=100), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "family_name",
            sa.String(length=100)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=100), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=100), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "known_as",
            sa.String(length=100)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=100), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=100), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "salutation",
            sa.String(length=40)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=40), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=40), "mysql"),
            nullable=True,
        ),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column(
            "language",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "zone",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "photo",
            sa.String(length=500)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=500), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=500), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "home_studio",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "favourite_studio",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "emergency_name",
            sa.String(length=200)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=200), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=200), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "emergency_phone",
            sa.String(length=40)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=40), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=40), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "emergency_relation",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "guardian_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "addresses",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "interests",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "guardian_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_people_guardian",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_people_member",
        ),
        sa.PrimaryKeyConstraint("organization_id", "member_id", name="pk_ml_people"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_people_guardian",
        "ml_people",
        ["guardian_id", "organization_id", "member_id"],
        unique=False,
        postgresql_where=sa.text("guardian_id IS NOT NULL"),
        sqlite_where=sa.text("guardian_id IS NOT NULL"),
    )
    op.create_table(
        "ml_rate_versions",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "rate_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "definition",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "rate_id"], ["ml_rates.organization_id", "ml_rates.id"], name="fk_ml_rate_versions_rate"
        ),
        sa.PrimaryKeyConstraint("organization_id", "rate_id", "version", name="pk_ml_rate_versions"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_search_keys",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "match_key",
            sa.String(length=128)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mysql")
            .with_variant(sa.String(length=128, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_search_keys_member",
        ),
        sa.PrimaryKeyConstraint("organization_id", "kind", "match_key", "member_id", name="pk_ml_search_keys"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_ml_search_keys_member", "ml_search_keys", ["member_id", "organization_id"], unique=False)
    op.create_table(
        "ml_visitor_passes",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("visits", sa.BigInteger(), nullable=True),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column(
            "studios",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "services",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "host_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "issued_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
        sa.CheckConstraint("since < until", name="ck_ml_visitor_passes_days"),
        sa.CheckConstraint("used >= 0 AND (visits IS NULL OR used <= visits)", name="ck_ml_visitor_passes_used"),
        sa.ForeignKeyConstraint(
            ["organization_id", "host_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_visitor_passes_host",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_visitor_passes_member",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_visitor_passes"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_visitor_passes_host",
        "ml_visitor_passes",
        ["host_id", "organization_id"],
        unique=False,
        postgresql_where=sa.text("host_id IS NOT NULL"),
        sqlite_where=sa.text("host_id IS NOT NULL"),
    )
    op.create_index("ix_ml_visitor_passes_member", "ml_visitor_passes", ["member_id", "organization_id"], unique=False)
    op.create_table(
        "ml_contracts",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "rate_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column("rate_version", sa.BigInteger(), nullable=False),
        sa.Column(
            "rates_later",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "studio",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=True),
        sa.Column("switch_fee", sa.BigInteger(), nullable=True),
        sa.Column(
            "switch_currency",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "predecessor_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column(
            "successor_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "cancelled_as",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "cancelled_for",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column("cancelled_received_on", sa.Date(), nullable=True),
        sa.Column("cancelled_filed_on", sa.Date(), nullable=True),
        sa.Column("cancelled_effective_on", sa.Date(), nullable=True),
        sa.Column(
            "cancelled_note_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column("announced_to", sa.Date(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column(
            "next_change",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
        sa.Column("look_from", sa.Date(), nullable=True),
        sa.Column(
            "effective_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("signed_on <= start_on", name="ck_ml_contracts_days"),
        sa.CheckConstraint("switch_fee >= 0", name="ck_ml_contracts_switch_fee"),
        sa.CheckConstraint("version >= 0", name="ck_ml_contracts_version"),
        sa.ForeignKeyConstraint(
            ["organization_id", "predecessor_id"],
            ["ml_contracts.organization_id", "ml_contracts.id"],
            name="fk_ml_contracts_predecessor",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "rate_id", "rate_version"],
            ["ml_rate_versions.organization_id", "ml_rate_versions.rate_id", "ml_rate_versions.version"],
            name="fk_ml_contracts_rate",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "studio"],
            ["ml_studios.organization_id", "ml_studios.code"],
            name="fk_ml_contracts_studio",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "successor_id"],
            ["ml_contracts.organization_id", "ml_contracts.id"],
            name="fk_ml_contracts_successor",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_contracts"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_contracts_due",
        "ml_contracts",
        ["next_change", "organization_id", "id"],
        unique=False,
        postgresql_where=sa.text("next_change IS NOT NULL"),
        sqlite_where=sa.text("next_change IS NOT NULL"),
    )
    op.create_index(
        "ix_ml_contracts_look",
        "ml_contracts",
        ["organization_id", "look_from", "id"],
        unique=False,
        postgresql_where=sa.text("look_from IS NOT NULL"),
        sqlite_where=sa.text("look_from IS NOT NULL"),
    )
    op.create_index(
        "ix_ml_contracts_predecessor",
        "ml_contracts",
        ["predecessor_id", "organization_id"],
        unique=False,
        postgresql_where=sa.text("predecessor_id IS NOT NULL"),
        sqlite_where=sa.text("predecessor_id IS NOT NULL"),
    )
    op.create_index(
        "ix_ml_contracts_rate", "ml_contracts", ["rate_id", "rate_version", "organization_id"], unique=False
    )
    op.create_index("ix_ml_contracts_studio", "ml_contracts", ["studio", "organization_id", "signed_on"], unique=False)
    op.create_index(
        "ix_ml_contracts_successor",
        "ml_contracts",
        ["successor_id", "organization_id"],
        unique=False,
        postgresql_where=sa.text("successor_id IS NOT NULL"),
        sqlite_where=sa.text("successor_id IS NOT NULL"),
    )
    op.create_table(
        "ml_inquiry_notes",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "inquiry_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "note",
            sa.String(length=2000)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=2000), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=2000), "mysql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "inquiry_id"],
            ["ml_inquiries.organization_id", "ml_inquiries.id"],
            name="fk_ml_inquiry_notes_inquiry",
        ),
        sa.PrimaryKeyConstraint("organization_id", "inquiry_id", name="pk_ml_inquiry_notes"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_contract_freezes",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "contract_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("ended", sa.Date(), nullable=True),
        sa.Column(
            "reason",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "contract_id"],
            ["ml_contracts.organization_id", "ml_contracts.id"],
            name="fk_ml_contract_freezes_contract",
        ),
        sa.PrimaryKeyConstraint("organization_id", "contract_id", "id", name="pk_ml_contract_freezes"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_contract_freezes_contract", "ml_contract_freezes", ["contract_id", "organization_id"], unique=False
    )
    op.create_table(
        "ml_contract_gifts",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "contract_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("taken_back_on", sa.Date(), nullable=True),
        sa.CheckConstraint("days > 0", name="ck_ml_contract_gifts_days"),
        sa.ForeignKeyConstraint(
            ["organization_id", "contract_id"],
            ["ml_contracts.organization_id", "ml_contracts.id"],
            name="fk_ml_contract_gifts_contract",
        ),
        sa.PrimaryKeyConstraint("organization_id", "contract_id", "id", name="pk_ml_contract_gifts"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_contract_gifts_contract", "ml_contract_gifts", ["contract_id", "organization_id"], unique=False
    )
    op.create_table(
        "ml_contract_members",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "contract_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column("holder", sa.SmallInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("since <= until", name="ck_ml_contract_members_days"),
        sa.ForeignKeyConstraint(
            ["organization_id", "contract_id"],
            ["ml_contracts.organization_id", "ml_contracts.id"],
            name="fk_ml_contract_members_contract",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_contract_members_member",
        ),
        sa.PrimaryKeyConstraint("organization_id", "contract_id", "id", name="pk_ml_contract_members"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_contract_members_contract", "ml_contract_members", ["contract_id", "organization_id"], unique=False
    )
    op.create_index(
        "ix_ml_contract_members_member", "ml_contract_members", ["member_id", "organization_id"], unique=False
    )
    op.create_table(
        "ml_contract_payments",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "contract_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column(
            "currency",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "reference",
            sa.String(length=128)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mysql"),
            nullable=True,
        ),
        sa.Column("reversed_on", sa.Date(), nullable=True),
        sa.CheckConstraint("amount > 0", name="ck_ml_contract_payments_amount"),
        sa.ForeignKeyConstraint(
            ["organization_id", "contract_id"],
            ["ml_contracts.organization_id", "ml_contracts.id"],
            name="fk_ml_contract_payments_contract",
        ),
        sa.PrimaryKeyConstraint("organization_id", "contract_id", "id", name="pk_ml_contract_payments"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_contract_payments_contract", "ml_contract_payments", ["contract_id", "organization_id"], unique=False
    )
    op.create_table(
        "ml_contract_spans",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "contract_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "contract_id"],
            ["ml_contracts.organization_id", "ml_contracts.id"],
            name="fk_ml_contract_spans_contract",
        ),
        sa.PrimaryKeyConstraint("organization_id", "contract_id", "since", name="pk_ml_contract_spans"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_contract_spans_status",
        "ml_contract_spans",
        ["status", "organization_id", "until", "since"],
        unique=False,
    )
    op.create_table(
        "ml_suspensions",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "contract_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("ended", sa.Date(), nullable=True),
        sa.Column(
            "reason",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "filed_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.CheckConstraint("(member_id IS NULL) <> (contract_id IS NULL)", name="ck_ml_suspensions_whose"),
        sa.CheckConstraint("since < until", name="ck_ml_suspensions_days"),
        sa.ForeignKeyConstraint(
            ["organization_id", "contract_id"],
            ["ml_contracts.organization_id", "ml_contracts.id"],
            name="fk_ml_suspensions_contract",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_suspensions_member",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_suspensions"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_suspensions_contract",
        "ml_suspensions",
        ["contract_id", "organization_id"],
        unique=False,
        postgresql_where=sa.text("contract_id IS NOT NULL"),
        sqlite_where=sa.text("contract_id IS NOT NULL"),
    )
    op.create_index(
        "ix_ml_suspensions_member",
        "ml_suspensions",
        ["member_id", "organization_id"],
        unique=False,
        postgresql_where=sa.text("member_id IS NOT NULL"),
        sqlite_where=sa.text("member_id IS NOT NULL"),
    )
    op.create_table(
        "ml_visits",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "studio",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "service",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "actor",
            sa.String(length=80)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mysql"),
            nullable=False,
        ),
        sa.Column("allowed", sa.SmallInteger(), nullable=False),
        sa.Column(
            "contract_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "pass_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "told",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=False,
        ),
        sa.Column("overridden", sa.SmallInteger(), nullable=False),
        sa.Column(
            "note_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "undone_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "undone_for",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.CheckConstraint(
            "allowed = 1 OR (contract_id IS NULL AND pass_id IS NULL AND overridden = 0 AND undone_at IS NULL)",
            name="ck_ml_visits_allowed",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "contract_id"],
            ["ml_contracts.organization_id", "ml_contracts.id"],
            name="fk_ml_visits_contract",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_visits_member",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "pass_id"],
            ["ml_visitor_passes.organization_id", "ml_visitor_passes.id"],
            name="fk_ml_visits_pass",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "studio"], ["ml_studios.organization_id", "ml_studios.code"], name="fk_ml_visits_studio"
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_visits"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_visits_contract",
        "ml_visits",
        ["contract_id", "organization_id"],
        unique=False,
        postgresql_where=sa.text("contract_id IS NOT NULL"),
        sqlite_where=sa.text("contract_id IS NOT NULL"),
    )
    op.create_index("ix_ml_visits_member", "ml_visits", ["member_id", "business_day", "organization_id"], unique=False)
    op.create_index(
        "ix_ml_visits_pass",
        "ml_visits",
        ["pass_id", "organization_id"],
        unique=False,
        postgresql_where=sa.text("pass_id IS NOT NULL"),
        sqlite_where=sa.text("pass_id IS NOT NULL"),
    )
    op.create_index("ix_ml_visits_studio", "ml_visits", ["studio", "organization_id", "business_day"], unique=False)
    op.create_table(
        "ml_contract_batch_lines",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "batch_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "contract_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "code",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "freeze_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "gift_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "stamp",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "batch_id"],
            ["ml_contract_batches.organization_id", "ml_contract_batches.id"],
            name="fk_ml_contract_batch_lines_batch",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "contract_id", "freeze_id"],
            ["ml_contract_freezes.organization_id", "ml_contract_freezes.contract_id", "ml_contract_freezes.id"],
            name="fk_ml_contract_batch_lines_freeze",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "contract_id", "gift_id"],
            ["ml_contract_gifts.organization_id", "ml_contract_gifts.contract_id", "ml_contract_gifts.id"],
            name="fk_ml_contract_batch_lines_gift",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "contract_id"],
            ["ml_contracts.organization_id", "ml_contracts.id"],
            name="fk_ml_contract_batch_lines_contract",
        ),
        sa.PrimaryKeyConstraint("organization_id", "batch_id", "contract_id", name="pk_ml_contract_batch_lines"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_contract_batch_lines_freeze",
        "ml_contract_batch_lines",
        ["contract_id", "freeze_id", "organization_id"],
        unique=False,
    )
    op.create_index(
        "ix_ml_contract_batch_lines_gift",
        "ml_contract_batch_lines",
        ["contract_id", "gift_id", "organization_id"],
        unique=False,
    )
    op.create_index(
        "ix_ml_contract_batch_lines_state",
        "ml_contract_batch_lines",
        ["batch_id", "state", "organization_id", "contract_id"],
        unique=False,
    )
    op.add_column(
        "ml_accounts",
        sa.Column(
            "merged_into_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
    )
    op.create_index(
        "ix_ml_accounts_merged",
        "ml_accounts",
        ["merged_into_id", "organization_id", "id"],
        unique=False,
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
        sqlite_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.add_column(
        "ml_members",
        sa.Column(
            "support_id",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
    )
    op.add_column(
        "ml_members",
        sa.Column(
            "blocked_for",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
    )
    op.add_column("ml_members", sa.Column("deleted", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column(
        "ml_members",
        sa.Column(
            "merged_into_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
    )
    op.create_index(
        "ix_ml_members_merged",
        "ml_members",
        ["merged_into_id", "organization_id", "id"],
        unique=False,
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
        sqlite_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_index("uq_ml_members_support_id", "ml_members", ["support_id", "organization_id"], unique=True)
    op.add_column("ml_organizations", sa.Column("version", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column(
        "ml_outbox",
        sa.Column(
            "purpose",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
    )
    op.add_column(
        "ml_outbox",
        sa.Column(
            "channel",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
    )
    op.add_column(
        "ml_outbox",
        sa.Column(
            "settled_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
    )
    op.create_index(
        "ix_ml_outbox_member",
        "ml_outbox",
        ["member_id", "organization_id", "id"],
        unique=False,
        postgresql_where=sa.text("member_id IS NOT NULL"),
        sqlite_where=sa.text("member_id IS NOT NULL"),
    )
    op.create_index(
        "ix_ml_scheme_changes_counted",
        "ml_scheme_changes",
        ["account_id", "organization_id", "window_end"],
        unique=False,
    )
    _by_hand()


# -- by hand: what of it follows from rows that are there; kept when the part above is generated anew.
def _by_hand() -> None:
    if op.get_context().as_sql:  # a script of the whole schema: there are no rows
        return
    _support_ids()
    _search_keys()
    _event_members()


def _support_ids() -> None:
    """Every member has a support id, made from their id as for a new one."""
    from uuid import UUID

    from memberlogic.members.support_ids import candidates

    bind = op.get_bind()
    id = sa.Uuid().with_variant(mysql.CHAR(32), "mysql", "mariadb")
    members = sa.table(
        "ml_members", sa.column("organization_id", id), sa.column("id", id), sa.column("support_id", sa.String())
    )
    given: dict[object, set[str]] = {}
    rows = []
    for organization, member in bind.execute(sa.select(members.c.organization_id, members.c.id)).all():
        taken = given.setdefault(organization, set())
        mine = next(each for each in candidates(UUID(str(member))) if each not in taken)
        taken.add(mine)
        rows.append({"whose": organization, "who": member, "mine": mine})
    change = (
        sa.update(members)
        .values(support_id=sa.bindparam("mine"))
        .where(members.c.organization_id == sa.bindparam("whose"), members.c.id == sa.bindparam("who"))
    )
    for start in range(0, len(rows), 1000):
        bind.execute(change, rows[start : start + 1000])


def _search_keys() -> None:
    """Every member is searched by what there was before: the support id, which is new, and the host's own ids."""
    from memberlogic.ids import ExternalId
    from memberlogic.members.search_keys import of_external_ids, of_support_id

    bind = op.get_bind()
    id = sa.Uuid().with_variant(mysql.CHAR(32), "mysql", "mariadb")
    members = sa.table(
        "ml_members", sa.column("organization_id", id), sa.column("id", id), sa.column("support_id", sa.String())
    )
    text = [sa.column(name, sa.String()) for name in ("kind", "source", "value")]
    externals = sa.table("ml_external_ids", sa.column("organization_id", id), sa.column("id", id), *text)
    keys = sa.table(
        "ml_search_keys",
        sa.column("organization_id", id),
        sa.column("kind", sa.String()),
        sa.column("match_key", sa.String()),
        sa.column("member_id", id),
    )
    made = {
        (whose, key.kind.value, key.value, member)
        for whose, member, said in bind.execute(sa.select(*members.c)).all()
        for key in of_support_id(said)
    }
    hosts = sa.select(externals.c.organization_id, externals.c.id, externals.c.source, externals.c.value)
    made |= {
        (whose, key.kind.value, key.value, member)
        for whose, member, source, value in bind.execute(hosts.where(externals.c.kind == "member")).all()
        for key in of_external_ids([ExternalId(source, value)])
    }
    rows = [dict(zip(("organization_id", "kind", "match_key", "member_id"), each, strict=True)) for each in made]
    for start in range(0, len(rows), 1000):
        bind.execute(sa.insert(keys), rows[start : start + 1000])


def _event_members() -> None:
    """Whom each event that was recorded concerns, as it says itself."""
    import json
    from uuid import UUID

    bind = op.get_bind()
    id = sa.Uuid().with_variant(mysql.CHAR(32), "mysql", "mariadb")
    at = sa.DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
    events = sa.table(
        "ml_events",
        sa.column("organization_id", id),
        sa.column("id", id),
        sa.column("effective_at", at),
        sa.column("data", sa.Text()),
    )
    concerned = sa.table(
        "ml_event_members",
        sa.column("organization_id", id),
        sa.column("member_id", id),
        sa.column("effective_at", at),
        sa.column("event_id", id),
    )
    plain = bind.dialect.name in ("mysql", "mariadb")
    organizations = sa.table("ml_organizations", sa.column("organization_id", id))
    for (whose,) in bind.execute(sa.select(organizations.c.organization_id)).all():
        mine = sa.select(*events.c).where(events.c.organization_id == whose).order_by(events.c.id).limit(1000)
        page = bind.execute(mine).all()
        while page:
            rows = [
                {"organization_id": whose, "member_id": made.hex if plain else made, "effective_at": at, "event_id": id}
                for _, id, at, data in page
                for made in map(UUID, dict.fromkeys(json.loads(data).get("members", ())))
            ]
            if rows:
                bind.execute(sa.insert(concerned), rows)
            page = bind.execute(mine.where(events.c.id > page[-1][1])).all()
