"""Alembic's entry: runs the migrations over the engine the store hands in."""

from alembic import context

from knowledge.tables import Table

engine = context.config.attributes["engine"]
with engine.connect() as connection:
    if connection.dialect.name == "postgresql":
        # Two processes starting together must not migrate together; the lock ends with the session.
        connection.exec_driver_sql("SELECT pg_advisory_lock(7301201)")
        connection.commit()
    else:
        # SQLite: the one write lock, taken before the version is read.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_unlock(7301201)")
        connection.commit()
