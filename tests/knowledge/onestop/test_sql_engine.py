"""No statement writes, whatever is sent."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, exc, insert, text

from knowledge.onestop.sql_engine import NotReading, open_reader
from tests.knowledge.onestop.schemas import BO_SUNG, one, write_provincial

WRITES = [
    "INSERT INTO HoSos (Id) VALUES ('x')",
    "DELETE FROM HoSos",
    "DROP TABLE HoSos",
    "CREATE TABLE moi (a INTEGER)",
    "WITH gone AS (DELETE FROM HoSos RETURNING 1) SELECT * FROM gone",
]


@pytest.fixture
def reader(url: str, office: Engine) -> Engine:
    write_provincial(office, one())
    return open_reader(url, seconds=2, connections=2)


@pytest.mark.parametrize("statement", WRITES)
def test_nothing_but_select_is_sent(reader: Engine, statement: str) -> None:
    with reader.connect() as connection, pytest.raises(NotReading):
        connection.execute(text(statement))
    reader.dispose()


def test_the_database_refuses_too(reader: Engine) -> None:
    """Past our own check, as a driver's bug or a function in a view would be."""
    for _ in range(2):
        with reader.connect() as connection:
            raw = connection.connection.cursor()
            with pytest.raises(Exception, match=r"(?i)read.?only"):
                raw.execute("CREATE TABLE moi (a INTEGER)")
            connection.rollback()
    reader.dispose()


def test_reading_works_again_after_a_refusal(reader: Engine) -> None:
    with pytest.raises(NotReading), reader.begin() as connection:
        connection.execute(insert(BO_SUNG), [{"MaHoSo": "x"}])
    with reader.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    reader.dispose()


def test_errors_hide_what_was_asked_for(reader: Engine) -> None:
    with reader.connect() as connection, pytest.raises(exc.DBAPIError) as refused:
        connection.execute(text("SELECT nothing FROM nowhere WHERE a = :code"), {"code": "H32-bí"})
    assert "H32-bí" not in str(refused.value)
    reader.dispose()
