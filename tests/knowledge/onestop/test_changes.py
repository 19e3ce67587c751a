"""Every change is told, late transactions, strange clocks and restarts included."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, insert, text

from knowledge.onestop.mapping import SqlMapping, read_mapping, shipped
from knowledge.onestop.sources import NoChangeList, Rubbish
from knowledge.onestop.sql import SqlSource
from tests.knowledge.onestop.schemas import HO_SOS, NOON, one, touch, write_provincial, writer

HERE = ZoneInfo("Asia/Ho_Chi_Minh")


def code(number: int) -> str:
    return f"H32.215-261118-{number:04d}"


class Clock:
    """Our own clock, moved by hand."""

    def __init__(self) -> None:
        self.now = NOON.replace(tzinfo=HERE).astimezone(UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)

    def local(self) -> datetime:
        """As the office's program writes it."""
        return self.now.astimezone(HERE).replace(tzinfo=None)


class Poller:
    """Asks as a follower's job does, keeping the cursor as text."""

    def __init__(self, source: SqlSource) -> None:
        self.source = source
        self.cursor: str | None = None

    async def poll(self, limit: int = 3) -> list[str]:
        found: list[str] = []
        while True:
            changes, self.cursor = await self.source.changed_since(self.cursor, limit)
            assert len(changes) <= limit
            found += [each.code for each in changes]
            if len(changes) < limit:
                return found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def poller(url: str, office: Engine, clock: Clock) -> AsyncIterator[Poller]:
    old = NOON - timedelta(days=1)
    write_provincial(office, *(one(code(number), LastModifiedOn=old) for number in range(12)))
    mapping = read_mapping(shipped("provincial"))
    assert isinstance(mapping, SqlMapping)
    source = SqlSource("Tỉnh", url, mapping, clock=clock)
    yield Poller(source)
    await source.close()


async def begun(poller: Poller, clock: Clock) -> None:
    """A poller that has told all there was."""
    await poller.poll()
    clock.move(minutes=5)
    await poller.poll(20)
    clock.move(minutes=5)
    assert await poller.poll() == []


async def test_begins_now_and_tells_each_change_once(
    poller: Poller, office: Engine, clock: Clock
) -> None:
    assert await poller.poll() == []
    await begun(poller, clock)
    touch(office, code(4), clock.local())
    assert await poller.poll() == [code(4)]
    for _ in range(4):
        assert await poller.poll() == []
        clock.move(minutes=1)
    touch(office, code(4), clock.local())
    assert await poller.poll() == [code(4)]


async def test_many_at_one_moment_come_page_by_page(
    poller: Poller, office: Engine, clock: Clock
) -> None:
    await begun(poller, clock)
    for number in range(10):
        touch(office, code(number), clock.local())
    assert await poller.poll(limit=3) == [code(number) for number in range(10)]
    clock.move(seconds=30)
    assert await poller.poll(limit=3) == []


async def test_a_transaction_that_ends_late_is_told(
    poller: Poller, office: Engine, clock: Clock
) -> None:
    await begun(poller, clock)
    stamped = clock.local()
    clock.move(seconds=60)
    touch(office, code(9), clock.local())
    assert await poller.poll() == [code(9)]
    touch(office, code(1), stamped)
    assert await poller.poll() == [code(1)]


async def test_a_late_end_is_told_although_polls_are_rare(
    poller: Poller, office: Engine, clock: Clock
) -> None:
    await begun(poller, clock)
    stamped = clock.local()
    touch(office, code(9), clock.local())
    assert await poller.poll() == [code(9)]
    clock.move(seconds=100)
    touch(office, code(1), stamped)
    clock.move(minutes=30)
    assert await poller.poll() == [code(1)]
    clock.move(minutes=30)
    assert await poller.poll() == []


async def test_another_clock_over_there_loses_nothing(
    poller: Poller, office: Engine, clock: Clock
) -> None:
    await begun(poller, clock)
    for behind in (timedelta(minutes=40), timedelta(minutes=39)):
        touch(office, code(2), clock.local() - behind)
    ahead = clock.local() + timedelta(minutes=40)
    touch(office, code(3), ahead)
    assert code(3) in await poller.poll()
    clock.move(minutes=1)
    touch(office, code(5), ahead + timedelta(minutes=1))
    assert await poller.poll() == [code(5)]


async def test_a_moment_of_the_far_future_hides_nothing(
    poller: Poller, office: Engine, clock: Clock
) -> None:
    touch(office, code(0), NOON.replace(year=2088))
    await begun(poller, clock)
    touch(office, code(4), clock.local())
    assert await poller.poll() == [code(4)]


async def test_a_restart_loses_nothing(
    poller: Poller, office: Engine, clock: Clock, url: str
) -> None:
    await begun(poller, clock)
    touch(office, code(6), clock.local())
    mapping = poller.source._mapping
    after = Poller(SqlSource("Tỉnh", url, mapping, clock=clock))
    after.cursor = poller.cursor
    assert await after.poll() == [code(6)]
    await after.source.close()


async def test_an_empty_database_tells_its_first_dossier(
    url: str, office: Engine, clock: Clock
) -> None:
    write_provincial(office)
    mapping = read_mapping(shipped("provincial"))
    assert isinstance(mapping, SqlMapping)
    poller = Poller(SqlSource("Tỉnh", url, mapping, clock=clock))
    assert await poller.poll() == []
    with office.begin() as connection:
        connection.execute(insert(HO_SOS), [one(code(1), LastModifiedOn=clock.local())])
        connection.execute(insert(HO_SOS), [one(code(2), LastModifiedOn=None)])
    assert await poller.poll() == [code(1)]
    await poller.source.close()


async def test_strange_cursors_are_refused(poller: Poller) -> None:
    for cursor in ("", "null", "[]", '{"newest": 1}', "x" * 10_000):
        with pytest.raises(Rubbish):
            await poller.source.changed_since(cursor, 10)


@pytest.mark.parametrize(
    "form", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y%m%d%H%M%S", "%Y-%m-%d %H:%M:%S.%f"]
)
async def test_moments_written_as_text(tmp_path: Path, clock: Clock, form: str) -> None:
    address = f"sqlite:///{tmp_path / 'onestop.db'}"
    engine = writer(address)

    def write(name: str) -> None:
        values = {"code": name, "at": clock.local().strftime(form)}
        with engine.begin() as connection:
            connection.execute(text("INSERT OR REPLACE INTO hs VALUES (:code, :at)"), values)

    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE hs (ma TEXT PRIMARY KEY, luc TEXT)"))
    write(code(1))
    written = {"kind": "sql", "table": "hs", "fields": {"code": "ma"}}
    written["changes"] = {"updated": "luc", "key": "ma"}
    source = SqlSource("Xã", address, SqlMapping.model_validate(written), clock=clock)
    poller = Poller(source)
    await begun(poller, clock)
    write(code(2))
    assert await poller.poll() == [code(2)]
    clock.move(minutes=5)
    assert await poller.poll() == []
    await source.close()
    engine.dispose()


async def test_text_that_does_not_sort_as_time_does_is_refused(
    tmp_path: Path, clock: Clock
) -> None:
    address = f"sqlite:///{tmp_path / 'onestop.db'}"
    engine = writer(address)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE hs (ma TEXT, luc TEXT)"))
        connection.execute(text("INSERT INTO hs VALUES ('x-1', '25/11/2026 10:00')"))
    written = {"kind": "sql", "table": "hs", "fields": {"code": "ma"}}
    written["changes"] = {"updated": "luc", "key": "ma"}
    source = SqlSource("Xã", address, SqlMapping.model_validate(written), clock=clock)
    _, cursor = await source.changed_since(None, 5)
    with pytest.raises(Rubbish):
        await source.changed_since(cursor, 5)
    await source.close()
    engine.dispose()


async def test_without_an_updated_column_there_is_no_list(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'onestop.db'}"
    engine = writer(address)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE hs (ma TEXT)"))
    written = {"kind": "sql", "table": "hs", "fields": {"code": "ma"}}
    source = SqlSource("Xã", address, SqlMapping.model_validate(written))
    with pytest.raises(NoChangeList):
        await source.changed_since(None, 5)
    await source.close()
    engine.dispose()
