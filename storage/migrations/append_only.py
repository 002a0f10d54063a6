"""What has been written stays as it was written."""

from alembic import op


def keep_append_only(table: str) -> None:
    """Let the database itself refuse to change or delete what has been written."""
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        refuse_to_replace(table)
        return
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def refuse_to_replace(table: str) -> None:
    """Let SQLite refuse INSERT OR REPLACE too: it takes a row away without a word to what watches over deletions."""
    same = " OR ".join(
        f"({' AND '.join(f'{column} = NEW.{column}' for column in columns)})" for columns in _unique_together(table)
    )
    op.execute(
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608  # names of tables
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def _unique_together(table: str) -> list[list[str]]:
    """The columns that no two rows of a table share: its primary key, and every other such."""
    connection = op.get_bind()
    found = [[row.name for row in connection.exec_driver_sql(f"PRAGMA table_info({table})") if row.pk]]
    for index in connection.exec_driver_sql(f"PRAGMA index_list({table})").all():
        if index.unique and not index.partial:
            columns = [row.name for row in connection.exec_driver_sql(f"PRAGMA index_info({index.name})")]
            found += [columns] if columns not in found else []
    return found
