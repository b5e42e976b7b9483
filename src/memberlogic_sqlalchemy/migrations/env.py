"""Alembic's environment: runs on the connection that ``memberlogic_sqlalchemy.migrate`` hands over."""

from alembic import context

from memberlogic_sqlalchemy.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes.get("connection"),
    dialect_name=context.config.attributes.get("dialect"),
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    literal_binds=context.is_offline_mode(),
)
with context.begin_transaction():
    context.run_migrations()
