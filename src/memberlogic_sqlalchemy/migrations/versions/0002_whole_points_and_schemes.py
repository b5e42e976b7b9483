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
    _by_hand()


# -- by hand: what of it follows from rows that are there; kept when the part above is generated anew.
def _by_hand() -> None:
    """Nothing does."""
