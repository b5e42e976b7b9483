"""What returns, pending points, corrections, warnings and the whole of the schemes keep beside the first schema."""

from alembic import op
from sqlalchemy.dialects import mysql

import sqlalchemy as sa

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; what is there stays as it is."""
    op.create_table(
        "ml_journals",
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
            "reference",
            sa.String(length=128)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mysql"),
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
            "state",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "digest",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("line_count", sa.BigInteger(), nullable=False),
        sa.Column("malformed", sa.BigInteger(), nullable=False),
        sa.Column(
            "drafted_by",
            sa.String(length=80)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "drafted_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column("entry_count", sa.BigInteger(), nullable=False),
        sa.Column(
            "posted_by",
            sa.String(length=80)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "posted_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
        sa.CheckConstraint("line_count >= malformed AND malformed >= 0", name="ck_ml_journals_lines"),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_journals"),
        sa.UniqueConstraint("reference", "organization_id", name="uq_ml_journals_reference"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_journal_lines",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "journal_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "account_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column("points", sa.BigInteger(), nullable=True),
        sa.Column(
            "target_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
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
            "expires_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "problem_field",
            sa.String(length=128)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "problem_code",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "problem_text",
            sa.String(length=1000)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=1000), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=1000), "mysql"),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "journal_id"],
            ["ml_journals.organization_id", "ml_journals.id"],
            name="fk_ml_journal_lines_journal",
        ),
        sa.PrimaryKeyConstraint("organization_id", "journal_id", "number", name="pk_ml_journal_lines"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_adjustments",
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
            "unit",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column(
            "reason",
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
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "state",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "asked_by",
            sa.String(length=80)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "asked_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column(
            "entry_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "resolved_by",
            sa.String(length=80)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "resolved_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "command_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.CheckConstraint("points <> 0", name="ck_ml_adjustments_points"),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["ml_accounts.organization_id", "ml_accounts.id"],
            name="fk_ml_adjustments_account",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_adjustments"),
        sa.UniqueConstraint(
            "club_id", "unit", "asked_by", "business_day", "turn", "organization_id", name="uq_ml_adjustments_turn"
        ),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_adjustments_account", "ml_adjustments", ["account_id", "unit", "state", "organization_id"], unique=False
    )
    op.create_index(
        "ix_ml_adjustments_club",
        "ml_adjustments",
        ["club_id", "unit", "state", "asked_at", "id", "organization_id"],
        unique=False,
    )
    op.create_index(
        "ix_ml_adjustments_days",
        "ml_adjustments",
        ["club_id", "unit", "state", "business_day", "asked_by", "organization_id"],
        unique=False,
    )
    op.create_table(
        "ml_awards",
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
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "event",
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
        sa.Column("earned_on", sa.Date(), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "scheme",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("settled_debt", sa.BigInteger(), nullable=False),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column(
            "entry_id",
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
        sa.CheckConstraint("points >= 0", name="ck_ml_awards_points"),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["ml_accounts.organization_id", "ml_accounts.id"],
            name="fk_ml_awards_account",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_awards_member",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_awards"),
        sa.UniqueConstraint("source", "external_id", "organization_id", name="uq_ml_awards_external"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_ml_awards_account", "ml_awards", ["account_id", "earned_on", "organization_id"], unique=False)
    op.create_table(
        "ml_award_gifts",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "award_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "rule",
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
            "member_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("points > 0", name="ck_ml_award_gifts_points"),
        sa.ForeignKeyConstraint(
            ["organization_id", "award_id"],
            ["ml_awards.organization_id", "ml_awards.id"],
            name="fk_ml_award_gifts_award",
        ),
        sa.PrimaryKeyConstraint("organization_id", "award_id", "rule", name="pk_ml_award_gifts"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_award_gifts_member",
        "ml_award_gifts",
        ["member_id", "club_id", "rule", "business_day", "organization_id"],
        unique=False,
    )
    op.create_table(
        "ml_returns",
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
            "purchase_id",
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
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("money", sa.BigInteger(), nullable=False),
        sa.Column("points_value", sa.BigInteger(), nullable=False),
        sa.Column("stored_value", sa.BigInteger(), nullable=False),
        sa.Column("restored", sa.BigInteger(), nullable=False),
        sa.Column("unearned", sa.BigInteger(), nullable=False),
        sa.Column("unspent", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("debt", sa.BigInteger(), nullable=False),
        sa.Column("clamped", sa.BigInteger(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("whole", sa.SmallInteger(), nullable=False),
        sa.Column(
            "restore_entry_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "return_entry_id",
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
        sa.CheckConstraint("amount = money + points_value + stored_value AND money >= 0", name="ck_ml_returns_amount"),
        sa.CheckConstraint("taken >= debt AND debt >= 0 AND clamped >= 0", name="ck_ml_returns_taken"),
        sa.ForeignKeyConstraint(
            ["organization_id", "purchase_id"],
            ["ml_purchases.organization_id", "ml_purchases.id"],
            name="fk_ml_returns_purchase",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_returns"),
        sa.UniqueConstraint("source", "external_id", "organization_id", name="uq_ml_returns_external"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_ml_returns_purchase", "ml_returns", ["purchase_id", "organization_id"], unique=False)
    op.create_table(
        "ml_journal_entries",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "journal_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "entry_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "entry_id"],
            ["ml_entries.organization_id", "ml_entries.id"],
            name="fk_ml_journal_entries_entry",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "journal_id", "number"],
            ["ml_journal_lines.organization_id", "ml_journal_lines.journal_id", "ml_journal_lines.number"],
            name="fk_ml_journal_entries_line",
        ),
        sa.PrimaryKeyConstraint("organization_id", "journal_id", "number", name="pk_ml_journal_entries"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_return_lines",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "return_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity >= 0 AND amount >= 0", name="ck_ml_return_lines_amount"),
        sa.ForeignKeyConstraint(
            ["organization_id", "return_id"],
            ["ml_returns.organization_id", "ml_returns.id"],
            name="fk_ml_return_lines_return",
        ),
        sa.PrimaryKeyConstraint("organization_id", "return_id", "position", name="pk_ml_return_lines"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.add_column(
        "ml_accounts",
        sa.Column(
            "blocked_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
    )
    op.add_column(
        "ml_accounts",
        sa.Column(
            "pin_kind",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
    )
    op.add_column(
        "ml_accounts",
        sa.Column(
            "pin_scheme",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
    )
    op.add_column("ml_accounts", sa.Column("pin_until", sa.Date(), nullable=True))
    op.add_column("ml_accounts", sa.Column("grace_since", sa.Date(), nullable=True))
    op.add_column("ml_accounts", sa.Column("grace_until", sa.Date(), nullable=True))
    op.add_column(
        "ml_accounts",
        sa.Column(
            "next_warning",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
    )
    op.add_column(
        "ml_accounts",
        sa.Column(
            "warned_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
    )
    op.create_index(
        "ix_ml_accounts_warnings",
        "ml_accounts",
        ["next_warning", "organization_id", "id"],
        unique=False,
        postgresql_where=sa.text("next_warning IS NOT NULL"),
        sqlite_where=sa.text("next_warning IS NOT NULL"),
    )
    op.add_column(
        "ml_entries",
        sa.Column(
            "corrects_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
    )
    op.create_index(
        "ix_ml_entries_corrects",
        "ml_entries",
        ["corrects_id", "organization_id"],
        unique=False,
        postgresql_where=sa.text("corrects_id IS NOT NULL"),
        sqlite_where=sa.text("corrects_id IS NOT NULL"),
    )
    op.add_column(
        "ml_lots",
        sa.Column(
            "origin_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
    )
    op.add_column(
        "ml_lots",
        sa.Column(
            "available_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
    )
    op.add_column("ml_lots", sa.Column("pending", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column(
        "ml_lots",
        sa.Column(
            "idle",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
    )
    op.add_column(
        "ml_lots",
        sa.Column(
            "opened_until",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
    )
    op.create_index(
        "ix_ml_lots_oldest",
        "ml_lots",
        ["account_id", "unit", "is_open", "earned_at", "expires_at", "id", "organization_id"],
        unique=False,
        postgresql_where=sa.text("is_open = 1"),
        sqlite_where=sa.text("is_open = 1"),
    )
    op.create_index(
        "ix_ml_lots_origin",
        "ml_lots",
        ["origin_id", "organization_id"],
        unique=False,
        postgresql_where=sa.text("origin_id IS NOT NULL"),
        sqlite_where=sa.text("origin_id IS NOT NULL"),
    )
    op.add_column("ml_purchases", sa.Column("unspent", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("ml_purchases", sa.Column("unearned", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("ml_purchases", sa.Column("returned", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column(
        "ml_purchases",
        sa.Column(
            "actor",
            sa.String(length=80)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=80), "mysql"),
            nullable=True,
        ),
    )
    op.add_column(
        "ml_purchases",
        sa.Column(
            "lots",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=True,
        ),
    )
    op.add_column(
        "ml_scheme_changes",
        sa.Column(
            "reason",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
    )
    op.add_column(
        "ml_scheme_changes",
        sa.Column(
            "pin_kind",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
    )
    op.add_column("ml_scheme_changes", sa.Column("pin_until", sa.Date(), nullable=True))
    op.add_column(
        "ml_wallets",
        sa.Column(
            "next_warning",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
    )
    op.add_column("ml_wallets", sa.Column("pending", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column(
        "ml_wallets",
        sa.Column(
            "idle",
            sa.String(length=128)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=128), "mysql"),
            nullable=True,
        ),
    )
    op.add_column(
        "ml_wallets",
        sa.Column(
            "activity_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
    )
    op.create_index(
        "ix_ml_wallets_warnings",
        "ml_wallets",
        ["next_warning", "organization_id", "account_id", "unit"],
        unique=False,
        postgresql_where=sa.text("next_warning IS NOT NULL"),
        sqlite_where=sa.text("next_warning IS NOT NULL"),
    )
    _by_hand()


# -- by hand: what of it follows from rows that are there; kept when the part above is generated anew.
def _by_hand() -> None:
    """Who recorded a purchase stands with its command."""
    purchases = sa.table("ml_purchases", sa.column("organization_id"), sa.column("command_id"), sa.column("actor"))
    headers = sa.table("ml_headers", sa.column("organization_id"), sa.column("id"), sa.column("actor"))
    who = sa.select(headers.c.actor).where(
        headers.c.organization_id == purchases.c.organization_id, headers.c.id == purchases.c.command_id
    )
    op.execute(sa.update(purchases).values(actor=who.scalar_subquery()).where(purchases.c.actor.is_(None)))
