"""The first schema: organizations, members, clubs, accounts, the ledger."""

from alembic import op
from sqlalchemy.dialects import mysql

import sqlalchemy as sa

revision = "0001"
down_revision = None
branch_labels = ("memberlogic",)
depends_on = None


def upgrade() -> None:
    """Create everything."""
    op.create_table(
        "ml_clubs",
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
            "name",
            sa.String(length=200)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=200), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=200), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "zone",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 0", name="ck_ml_clubs_version"),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_clubs"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_events",
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
            "command_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "type",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "actor",
            sa.String(length=80)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mysql"),
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
            "recorded_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "data",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_events"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_external_ids",
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
            "source",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "value",
            sa.String(length=128)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("organization_id", "kind", "source", "value", name="pk_ml_external_ids"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_ml_external_ids_id", "ml_external_ids", ["id", "organization_id"], unique=False)
    op.create_table(
        "ml_headers",
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
            "command",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "actor",
            sa.String(length=80)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "idempotency_key",
            sa.String(length=128)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "fingerprint",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "result",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_headers"),
        sa.UniqueConstraint("idempotency_key", "organization_id", name="uq_ml_headers_key"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_members",
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
            "member_type",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
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
            "before_block",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 0", name="ck_ml_members_version"),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_members"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_organizations",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "name",
            sa.String(length=200)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=200), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=200), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "zone",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "tier",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "settings",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "secret",
            sa.LargeBinary(length=32).with_variant(mysql.TINYBLOB(), "mariadb").with_variant(mysql.TINYBLOB(), "mysql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("organization_id", name="pk_ml_organizations"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_outbox",
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
            "kind",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column("service", sa.SmallInteger(), nullable=False),
        sa.Column(
            "figures",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "not_before",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "problem",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_outbox"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_ml_outbox_due", "ml_outbox", ["state", "not_before", "organization_id", "id"], unique=False)
    op.create_table(
        "ml_accounts",
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
            "club_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "owner_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "own_of",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "scheme",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "scheme_since",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "next_review",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
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
            "blocked_for",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "opened_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "effective_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 0", name="ck_ml_accounts_version"),
        sa.ForeignKeyConstraint(
            ["organization_id", "club_id"], ["ml_clubs.organization_id", "ml_clubs.id"], name="fk_ml_accounts_club"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "owner_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_accounts_owner",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_accounts"),
        sa.UniqueConstraint("club_id", "own_of", "organization_id", name="uq_ml_accounts_own"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_ml_accounts_agenda", "ml_accounts", ["next_review", "organization_id", "id"], unique=False)
    op.create_index("ix_ml_accounts_owner", "ml_accounts", ["owner_id", "organization_id"], unique=False)
    op.create_table(
        "ml_club_versions",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "club_id",
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
            ["organization_id", "club_id"], ["ml_clubs.organization_id", "ml_clubs.id"], name="fk_ml_club_versions_club"
        ),
        sa.PrimaryKeyConstraint("organization_id", "club_id", "version", name="pk_ml_club_versions"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_account_holders",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "account_id",
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
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["ml_accounts.organization_id", "ml_accounts.id"],
            name="fk_ml_account_holders_account",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_account_holders_member",
        ),
        sa.PrimaryKeyConstraint("organization_id", "account_id", "member_id", name="pk_ml_account_holders"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_account_holders_member", "ml_account_holders", ["member_id", "organization_id"], unique=False
    )
    op.create_table(
        "ml_purchases",
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
            "account_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "club_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column("club_version", sa.BigInteger(), nullable=False),
        sa.Column(
            "scheme",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
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
            "external_id",
            sa.String(length=128)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mysql"),
            nullable=False,
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
            "studio",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "currency",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("eligible", sa.BigInteger(), nullable=False),
        sa.Column("stored_value", sa.BigInteger(), nullable=False),
        sa.Column("redeemed_points", sa.BigInteger(), nullable=False),
        sa.Column("redeemed_value", sa.BigInteger(), nullable=False),
        sa.Column("earned", sa.BigInteger(), nullable=False),
        sa.Column("settled_debt", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.SmallInteger(), nullable=False),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column(
            "redeem_entry_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "earn_entry_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "fingerprint",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "because",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "command_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.CheckConstraint("earned >= 0", name="ck_ml_purchases_earned"),
        sa.CheckConstraint("redeemed_value >= 0 AND redeemed_value <= total", name="ck_ml_purchases_redeemed"),
        sa.CheckConstraint("total >= 0 AND eligible >= 0 AND eligible <= total", name="ck_ml_purchases_total"),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["ml_accounts.organization_id", "ml_accounts.id"],
            name="fk_ml_purchases_account",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_purchases"),
        sa.UniqueConstraint("source", "external_id", "organization_id", name="uq_ml_purchases_external"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_purchases_account", "ml_purchases", ["account_id", "business_day", "organization_id"], unique=False
    )
    op.create_table(
        "ml_scheme_changes",
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
            "account_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "club_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "from_scheme",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "to_scheme",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "cause",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "metric",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("measured", sa.BigInteger(), nullable=False),
        sa.Column("window_start", sa.Date(), nullable=False),
        sa.Column("window_end", sa.Date(), nullable=False),
        sa.Column(
            "thresholds",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=False,
        ),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column(
            "effective_at",
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
        sa.Column(
            "command_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["ml_accounts.organization_id", "ml_accounts.id"],
            name="fk_ml_scheme_changes_account",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_scheme_changes"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_scheme_changes_account",
        "ml_scheme_changes",
        ["account_id", "effective_at", "id", "organization_id"],
        unique=False,
    )
    op.create_index(
        "ix_ml_scheme_changes_club", "ml_scheme_changes", ["club_id", "business_day", "organization_id"], unique=False
    )
    op.create_table(
        "ml_wallets",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "account_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "unit",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("debt", sa.BigInteger(), nullable=False),
        sa.Column(
            "next_change",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.CheckConstraint("debt >= 0", name="ck_ml_wallets_debt"),
        sa.CheckConstraint("held >= 0 AND remaining >= held", name="ck_ml_wallets_remaining"),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["ml_accounts.organization_id", "ml_accounts.id"],
            name="fk_ml_wallets_account",
        ),
        sa.PrimaryKeyConstraint("organization_id", "account_id", "unit", name="pk_ml_wallets"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_wallets_agenda", "ml_wallets", ["next_change", "organization_id", "account_id", "unit"], unique=False
    )
    op.create_table(
        "ml_entries",
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
            "account_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "unit",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "club_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "scheme",
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
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("debt", sa.BigInteger(), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column(
            "effective_at",
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
        sa.Column(
            "reason",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "reference",
            sa.String(length=128)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "counterpart_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "because",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "command_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id", "unit"],
            ["ml_wallets.organization_id", "ml_wallets.account_id", "ml_wallets.unit"],
            name="fk_ml_entries_wallet",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_entries"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_entries_wallet",
        "ml_entries",
        ["account_id", "unit", "effective_at", "id", "organization_id"],
        unique=False,
    )
    op.create_table(
        "ml_holds",
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
            "account_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "unit",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
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
            "state",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("captured", sa.BigInteger(), nullable=False),
        sa.Column(
            "held_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "resolved_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "actor",
            sa.String(length=80)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "reference",
            sa.String(length=128)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "command_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.CheckConstraint("captured >= 0", name="ck_ml_holds_captured"),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id", "unit"],
            ["ml_wallets.organization_id", "ml_wallets.account_id", "ml_wallets.unit"],
            name="fk_ml_holds_wallet",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_holds"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_holds_wallet",
        "ml_holds",
        ["account_id", "unit", "state", "until", "id", "organization_id"],
        unique=False,
    )
    op.create_table(
        "ml_purchase_lines",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "purchase_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "item",
            sa.String(length=128)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mysql"),
            nullable=False,
        ),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column(
            "brand",
            sa.String(length=128)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "categories",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=False,
        ),
        sa.Column("stored_value", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(
            "amount >= discount AND discount >= 0 AND quantity >= 0", name="ck_ml_purchase_lines_amount"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "purchase_id"],
            ["ml_purchases.organization_id", "ml_purchases.id"],
            name="fk_ml_purchase_lines_purchase",
        ),
        sa.PrimaryKeyConstraint("organization_id", "purchase_id", "position", name="pk_ml_purchase_lines"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_lots",
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
            "account_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "unit",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "entry_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("is_open", sa.SmallInteger(), nullable=False),
        sa.Column(
            "earned_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.CheckConstraint("held >= 0 AND remaining >= held AND amount >= remaining", name="ck_ml_lots_remaining"),
        sa.ForeignKeyConstraint(
            ["organization_id", "entry_id"], ["ml_entries.organization_id", "ml_entries.id"], name="fk_ml_lots_entry"
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_lots"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_lots_order",
        "ml_lots",
        ["account_id", "unit", "is_open", "expires_at", "earned_at", "id", "organization_id"],
        unique=False,
    )
    op.create_table(
        "ml_hold_slices",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "hold_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "lot_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("points > 0", name="ck_ml_hold_slices_points"),
        sa.ForeignKeyConstraint(
            ["organization_id", "hold_id"], ["ml_holds.organization_id", "ml_holds.id"], name="fk_ml_hold_slices_hold"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "lot_id"], ["ml_lots.organization_id", "ml_lots.id"], name="fk_ml_hold_slices_lot"
        ),
        sa.PrimaryKeyConstraint("organization_id", "hold_id", "lot_id", name="pk_ml_hold_slices"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_ml_hold_slices_lot", "ml_hold_slices", ["lot_id", "organization_id"], unique=False)
    op.create_table(
        "ml_slices",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "entry_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "lot_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "entry_id"], ["ml_entries.organization_id", "ml_entries.id"], name="fk_ml_slices_entry"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "lot_id"], ["ml_lots.organization_id", "ml_lots.id"], name="fk_ml_slices_lot"
        ),
        sa.PrimaryKeyConstraint("organization_id", "entry_id", "lot_id", name="pk_ml_slices"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_ml_slices_lot", "ml_slices", ["lot_id", "organization_id"], unique=False)
    # ### end Alembic commands ###
