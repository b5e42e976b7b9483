"""Alembic's environment: on the connection, or for the dialect, that ``memberlogic_sqlalchemy.migrate`` hands over."""

from alembic import context

from memberlogic_sqlalchemy.naming import speaking
from memberlogic_sqlalchemy.tables import VERSION_TABLE, metadata

said = context.config.attributes
names = said["names"]
context.configure(
    connection=said.get("connection"),
    dialect_name=said.get("dialect"),
    target_metadata=metadata,
    version_table=names.of(VERSION_TABLE),
    version_table_schema=names.schema,
    literal_binds=context.is_offline_mode(),
)
if context.is_offline_mode():
    speaking(context.get_context().dialect, names)
with context.begin_transaction():
    if context.is_offline_mode() and names.schema is not None:
        context.execute(said["entering"])
    context.run_migrations()
