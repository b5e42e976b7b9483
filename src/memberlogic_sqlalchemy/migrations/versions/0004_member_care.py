"""Member Care."""

from alembic import op
from sqlalchemy.dialects import mysql

import sqlalchemy as sa

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; what is there stays as it is."""

    op.create_table(
        "ml_care_catalogue",
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
            "competences",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=False,
        ),
        sa.Column("in_use", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "kind", "code", name="pk_ml_care_catalogue"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_care_configurations",
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
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column(
            "definition",
            sa.Text()
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mariadb")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
            nullable=False,
        ),
        sa.CheckConstraint("version >= 0", name="ck_ml_care_configurations_version"),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_care_configurations"),
        sa.UniqueConstraint("name", "organization_id", name="uq_ml_care_configurations_name"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_care_flows",
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
            nullable=True,
        ),
        sa.Column(
            "state",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 0", name="ck_ml_care_flows_version"),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_care_flows"),
        sa.UniqueConstraint("name", "organization_id", name="uq_ml_care_flows_name"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_care_heard",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "event_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("organization_id", name="pk_ml_care_heard"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_message_templates",
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
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("in_use", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("version >= 1", name="ck_ml_message_templates_version"),
        sa.PrimaryKeyConstraint("organization_id", "code", name="pk_ml_message_templates"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_care_flow_versions",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "flow_id",
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
            ["organization_id", "flow_id"],
            ["ml_care_flows.organization_id", "ml_care_flows.id"],
            name="fk_ml_care_flow_versions_flow",
        ),
        sa.PrimaryKeyConstraint("organization_id", "flow_id", "version", name="pk_ml_care_flow_versions"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_care_studios",
        sa.Column(
            "organization_id",
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
            "configuration_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "since",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 0", name="ck_ml_care_studios_version"),
        sa.ForeignKeyConstraint(
            ["organization_id", "configuration_id"],
            ["ml_care_configurations.organization_id", "ml_care_configurations.id"],
            name="fk_ml_care_studios_configuration",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "studio"],
            ["ml_studios.organization_id", "ml_studios.code"],
            name="fk_ml_care_studios_studio",
        ),
        sa.PrimaryKeyConstraint("organization_id", "studio", name="pk_ml_care_studios"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_care_studios_configuration", "ml_care_studios", ["configuration_id", "organization_id"], unique=False
    )
    op.create_table(
        "ml_message_template_versions",
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
            ["organization_id", "code"],
            ["ml_message_templates.organization_id", "ml_message_templates.code"],
            name="fk_ml_message_template_versions_template",
        ),
        sa.PrimaryKeyConstraint("organization_id", "code", "version", name="pk_ml_message_template_versions"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_care_runs",
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
            "flow_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column("flow_version", sa.BigInteger(), nullable=False),
        sa.Column(
            "configuration_id",
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
            "contract_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "assigned_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "assigned_by",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("automatic_days", sa.Integer(), nullable=True),
        sa.Column("automatic_months", sa.Integer(), nullable=True),
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "end_reason",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "end_code",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "ended_by",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column(
            "next_change",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "effective_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 0", name="ck_ml_care_runs_version"),
        sa.ForeignKeyConstraint(
            ["organization_id", "configuration_id"],
            ["ml_care_configurations.organization_id", "ml_care_configurations.id"],
            name="fk_ml_care_runs_configuration",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "flow_id", "flow_version"],
            ["ml_care_flow_versions.organization_id", "ml_care_flow_versions.flow_id", "ml_care_flow_versions.version"],
            name="fk_ml_care_runs_flow",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_care_runs_member",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "studio"],
            ["ml_studios.organization_id", "ml_studios.code"],
            name="fk_ml_care_runs_studio",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_care_runs"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_care_runs_configuration", "ml_care_runs", ["configuration_id", "organization_id"], unique=False
    )
    op.create_index(
        "ix_ml_care_runs_due",
        "ml_care_runs",
        ["next_change", "organization_id", "id"],
        unique=False,
        postgresql_where=sa.text("next_change IS NOT NULL"),
        sqlite_where=sa.text("next_change IS NOT NULL"),
    )
    op.create_index("ix_ml_care_runs_figures", "ml_care_runs", ["organization_id", "flow_id", "id"], unique=False)
    op.create_index(
        "ix_ml_care_runs_flow", "ml_care_runs", ["flow_id", "flow_version", "organization_id"], unique=False
    )
    op.create_index("ix_ml_care_runs_member", "ml_care_runs", ["member_id", "organization_id"], unique=False)
    op.create_index("ix_ml_care_runs_studio", "ml_care_runs", ["studio", "organization_id"], unique=False)
    op.create_table(
        "ml_care_awaits",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "run_id",
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
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "run_id"],
            ["ml_care_runs.organization_id", "ml_care_runs.id"],
            name="fk_ml_care_awaits_run",
        ),
        sa.PrimaryKeyConstraint("organization_id", "run_id", "kind", name="pk_ml_care_awaits"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_ml_care_awaits_member", "ml_care_awaits", ["member_id", "organization_id"], unique=False)
    op.create_table(
        "ml_care_guard",
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
            "run_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 0", name="ck_ml_care_guard_version"),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["ml_members.organization_id", "ml_members.id"],
            name="fk_ml_care_guard_member",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "run_id"],
            ["ml_care_runs.organization_id", "ml_care_runs.id"],
            name="fk_ml_care_guard_run",
        ),
        sa.PrimaryKeyConstraint("organization_id", "member_id", name="pk_ml_care_guard"),
        sa.UniqueConstraint("run_id", "organization_id", name="uq_ml_care_guard_run"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_care_pauses",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "run_id",
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
        sa.CheckConstraint("since < until", name="ck_ml_care_pauses_order"),
        sa.ForeignKeyConstraint(
            ["organization_id", "run_id"],
            ["ml_care_runs.organization_id", "ml_care_runs.id"],
            name="fk_ml_care_pauses_run",
        ),
        sa.PrimaryKeyConstraint("organization_id", "run_id", "since", name="pk_ml_care_pauses"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "ml_care_steps",
        sa.Column(
            "organization_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "run_id",
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
            "milestone_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=False,
        ),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column(
            "due_at",
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
            nullable=True,
        ),
        sa.Column(
            "message_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
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
            "done_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "outcome",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
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
            "assignee",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "competence",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column("postponed_to", sa.Date(), nullable=True),
        sa.Column(
            "postponed_at",
            sa.DateTime(timezone=True)
            .with_variant(mysql.DATETIME(fsp=6), "mariadb")
            .with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "note_id",
            sa.Uuid()
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mariadb")
            .with_variant(mysql.CHAR(charset="ascii", collation="ascii_bin", length=32), "mysql"),
            nullable=True,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "surface",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "run_id"],
            ["ml_care_runs.organization_id", "ml_care_runs.id"],
            name="fk_ml_care_steps_run",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_ml_care_steps"),
        sa.UniqueConstraint("run_id", "place", "turn", "organization_id", name="uq_ml_care_steps_turn"),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index(
        "ix_ml_care_steps_assignee",
        "ml_care_steps",
        ["assignee", "organization_id", "state", "day", "id"],
        unique=False,
        postgresql_where=sa.text("assignee IS NOT NULL"),
        sqlite_where=sa.text("assignee IS NOT NULL"),
    )
    op.create_index(
        "ix_ml_care_steps_competence",
        "ml_care_steps",
        ["competence", "organization_id", "state", "day", "id"],
        unique=False,
        postgresql_where=sa.text("competence IS NOT NULL"),
        sqlite_where=sa.text("competence IS NOT NULL"),
    )
    op.create_index("ix_ml_care_steps_open", "ml_care_steps", ["state", "organization_id", "day", "id"], unique=False)
