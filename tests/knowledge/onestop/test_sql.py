"""Dossiers of real databases of every kind, and rows no database should hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event, insert, text
from sqlalchemy.engine import make_url

from knowledge.onestop.mapping import Mapping, SqlMapping, read_mapping, shipped
from knowledge.onestop.model import Dossier, Stage
from knowledge.onestop.proof import proves
from knowledge.onestop.sources import Rubbish, SourceDown, SourceSlow
from knowledge.onestop.sql import SqlSource
from tests.knowledge.onestop.schemas import (
    BO_SUNG,
    CODE,
    HO_SOS,
    NOON,
    PROVINCIAL,
    QUA_TRINH,
    one,
    write_opencps,
    write_provincial,
    writer,
)

HERE = ZoneInfo("Asia/Ho_Chi_Minh")


def mapping(name: str) -> SqlMapping:
    found: Mapping = read_mapping(shipped(name))
    assert isinstance(found, SqlMapping)
    return found


def local(moment: datetime) -> datetime:
    return moment.replace(tzinfo=HERE).astimezone(UTC)


@pytest.fixture
async def province(url: str, office: Engine) -> AsyncIterator[SqlSource]:
    write_provincial(office, one(TrangThaiHoSoId=5), one("H32.208-261118-0001", DonViId=None))
    source = SqlSource("Tỉnh", url, mapping("provincial"))
    yield source
    await source.close()


async def found(source: SqlSource, code: str = CODE) -> Dossier:
    dossier = await source.find(code)
    assert dossier is not None
    return dossier


async def test_provincial_dossier_with_names_history_and_papers(province: SqlSource) -> None:
    dossier = await found(province)
    assert (dossier.code, dossier.source, dossier.stage) == (CODE, "Tỉnh", Stage.SUPPLEMENT)
    assert dossier.procedure_name == "Tách thửa hoặc hợp thửa đất"
    assert dossier.office == "UBND phường Phan Rang"
    assert (dossier.desk, dossier.handler) == ("Thẩm định", "Cán bộ Ví Dụ")
    assert dossier.received_at == local(NOON - timedelta(days=7))
    assert dossier.due_at == local(NOON + timedelta(days=7))
    assert [each.stage for each in dossier.timeline] == [
        Stage.ACCEPTED,
        Stage.PROCESSING,
        Stage.SUPPLEMENT,
    ]
    assert dossier.timeline[0].note == "Tiếp nhận"
    (asked,) = dossier.papers
    assert (asked.what, asked.done_at) == ("Bản vẽ có chữ ký", None)
    assert dossier.paused_since == local(NOON - timedelta(days=3))
    assert abs(dossier.as_of - datetime.now(UTC)) < timedelta(minutes=5)


async def test_only_the_last_digits_leave_the_database(province: SqlSource) -> None:
    dossier = await found(province)
    assert (dossier.identity_tail, dossier.phone_tail) == ("1234", "5678")
    assert dossier.other_tails == ("9999",)
    everything = str({name: getattr(dossier, name) for name in Dossier.__dataclass_fields__})
    assert "1.234" not in everything
    assert "Không có thật" not in everything
    assert "nội bộ" not in everything
    assert not any(secret in repr(dossier) for secret in ("1234", "5678", "9999", "Nguyễn"))


async def test_any_piece_on_file_proves_a_right_and_nothing_else(province: SqlSource) -> None:
    dossier = await found(province)
    assert all(proves(dossier, piece) for piece in ("1234", " 5678 ", "9999"))
    assert not any(proves(dossier, piece) for piece in ("", "0000", "234", "000000001234"))


async def test_what_another_table_lacks_stays_empty(province: SqlSource) -> None:
    dossier = await found(province, "H32.208-261118-0001")
    assert (dossier.office, dossier.timeline, dossier.papers) == (None, (), ())


@pytest.mark.parametrize(
    "code",
    [
        "H32.215-261118-0043",
        "H32.215-991231-0001",
        "x' OR '1'='1",
        f"{CODE}' --",
        "'; DROP TABLE HoSos; --",
        "H32.215-261118-004_",
        "H32.215-261118-%",
        "H" * 100_000,
        "mã\x00hồ sơ",
        "",
    ],
)
async def test_unknown_and_hostile_codes_are_not_found(province: SqlSource, code: str) -> None:
    assert await province.find(code) is None
    assert await province.find(CODE) is not None


async def test_lower_case_codes_are_found_and_come_back_as_on_file(province: SqlSource) -> None:
    assert (await found(province, f" {CODE.lower()} ")).code == CODE


async def test_as_many_statements_for_unknown_codes(url: str, office: Engine) -> None:
    write_provincial(office, one())
    source = SqlSource("Tỉnh", url, mapping("provincial"))
    asked: list[str] = []
    event.listen(source._engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    await source.find(CODE)
    known = list(asked)
    for code in ("H32.215-261118-9999", "no code"):
        asked.clear()
        assert await source.find(code) is None
        assert asked == known
    await source.close()


async def test_unknown_status_is_shown_raw(url: str, office: Engine) -> None:
    write_provincial(office, one(TrangThaiHoSoId=17), one("H32.215-261118-0001", TrangThaiHoSoId=0))
    source = SqlSource("Tỉnh", url, mapping("provincial"))
    dossier = await found(source)
    assert (dossier.stage, dossier.raw_status) == (None, "17")
    zero = await found(source, "H32.215-261118-0001")
    assert (zero.stage, zero.raw_status) == (None, "0")
    await source.close()


async def test_nulls_everywhere(url: str, office: Engine) -> None:
    empty = dict.fromkeys(column.name for column in HO_SOS.columns)
    write_provincial(office, empty | {"Id": "1", "MaHoSo": CODE}, empty | {"Id": "2"})
    with office.begin() as connection:
        connection.execute(insert(QUA_TRINH), [{"MaHoSo": CODE}])
        connection.execute(insert(BO_SUNG), [{"MaHoSo": CODE}])
    source = SqlSource("Tỉnh", url, mapping("provincial"))
    dossier = await found(source)
    assert (dossier.stage, dossier.raw_status, dossier.due_at) == (None, "", None)
    assert dossier.factors == ()
    assert not proves(dossier, "")
    assert len(dossier.timeline) == 3
    await source.close()


async def test_deleted_dossiers_are_not_found(url: str, office: Engine) -> None:
    write_provincial(office, one(DeletedOn=NOON))
    source = SqlSource("Tỉnh", url, mapping("provincial"))
    assert await source.find(CODE) is None
    await source.close()


async def test_twins_of_one_person_are_one_and_of_two_people_none(url: str, office: Engine) -> None:
    older = one(Id="old", LastModifiedOn=NOON - timedelta(days=1), TrangThaiHoSoId=2)
    stranger = one("H32.215-261118-0001")
    write_provincial(
        office,
        one(),
        older,
        stranger,
        stranger | {"Id": "other", "SoGiayToChuHoSo": "000000007777"},
    )
    source = SqlSource("Tỉnh", url, mapping("provincial"))
    assert (await found(source)).stage is Stage.PROCESSING
    with pytest.raises(Rubbish) as refused:
        await source.find("H32.215-261118-0001")
    assert refused.value.record
    await source.close()


async def test_opencps_dossier(url: str, office: Engine) -> None:
    write_opencps(office)
    source = SqlSource("OpenCPS", url, mapping("opencps"))
    dossier = await found(source)
    assert dossier.stage is Stage.SUPPLEMENT
    assert dossier.raw_status == "Chờ bổ sung hồ sơ"
    assert dossier.due_at == local(NOON + timedelta(days=9))
    assert (dossier.desk, dossier.handler) == ("Thẩm định", "Cán bộ Ví Dụ")
    assert [each.raw for each in dossier.timeline] == ["Tiếp nhận", "Yêu cầu bổ sung"]
    assert all(proves(dossier, piece) for piece in ("4321", "8765", "AB12CD"))
    assert await source.find("H32.215-261118-0043") is None
    changes, cursor = await source.changed_since(None, 10)
    assert (changes, bool(cursor)) == ([], True)
    await source.close()


async def test_a_copy_says_when_it_was_made(url: str, office: Engine) -> None:
    write_provincial(office, one())
    with office.begin() as connection:
        connection.execute(text("CREATE TABLE dong_bo (luc VARCHAR(20))"))
        connection.execute(text("INSERT INTO dong_bo VALUES ('2026-11-25 02:00:00')"))
    copied = {"table": "dong_bo", "column": "luc"}
    changed = mapping("provincial").model_dump() | {"synced": copied}
    source = SqlSource("Bản sao", url, SqlMapping.model_validate(changed))
    at = local(NOON.replace(hour=2))
    assert await source.freshness() == at
    assert (await found(source)).as_of == at
    await source.close()


async def test_names_in_lower_case(postgresql: Callable[[], str], tmp_path: Path) -> None:
    """PostgreSQL keeps names in lower case that were created without quotes."""
    address = postgresql()
    engine = writer(address)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE HoSos (MaHoSo text, TrangThai int, CCCD text)"))
        connection.execute(text(f"INSERT INTO HoSos VALUES ('{CODE}', 9, '000000001234')"))
    engine.dispose()
    written = {
        "kind": "sql",
        "lower_case": True,
        "table": "HoSos",
        "fields": {"code": "MaHoSo", "status": "TrangThai", "identity": "CCCD"},
    }
    source = SqlSource("Tỉnh", address, SqlMapping.model_validate(written))
    dossier = await found(source)
    assert (dossier.stage, dossier.identity_tail) == (Stage.FINISHED, "1234")
    await source.close()


async def test_wrong_types_are_missing_not_guessed(tmp_path: Path) -> None:
    """SQLite keeps anything in any column."""
    address = f"sqlite:///{tmp_path / 'onestop.db'}"
    engine = writer(address)
    PROVINCIAL.create_all(engine)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO HoSos (Id, MaHoSo, TrangThaiHoSoId, ChuHoSo, NgayTiepNhan, NgayHenTra,"
                " SoGiayToChuHoSo, SoDienThoaiChuHoSo, LyDoBoSung) VALUES"
                " (1, :code, 'bốn', x'00ff', '31/02/2026', 12.5, 123, 'không có', 4)"
            ),
            {"code": CODE},
        )
    engine.dispose()
    source = SqlSource("Tỉnh", address, mapping("provincial"))
    dossier = await found(source)
    assert (dossier.stage, dossier.raw_status) == (None, "bốn")
    assert (dossier.applicant, dossier.received_at, dossier.due_at) == (None, None, None)
    assert dossier.factors == ()
    await source.close()


async def test_missing_database_table_and_column_are_down(tmp_path: Path, url: str) -> None:
    nowhere = SqlSource("Tỉnh", f"sqlite:///{tmp_path / 'none.db'}", mapping("provincial"))
    with pytest.raises(SourceDown):
        await nowhere.find(CODE)
    assert not (tmp_path / "none.db").exists()
    await nowhere.close()
    if not url.startswith("sqlite"):
        empty = SqlSource("Tỉnh", url, mapping("provincial"))
        with pytest.raises(SourceDown) as refused:
            await empty.find(CODE)
        assert CODE not in str(refused.value)
        await empty.close()


async def test_a_statement_that_takes_too_long_is_slow(url: str, office: Engine) -> None:
    """A view that counts and counts stands for a database on its knees."""
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000000) "
        "SELECT CAST(MAX(i) AS CHAR(20)) AS MaHoSo FROM n"
    )
    with office.begin() as connection:
        if office.dialect.name in ("mysql", "mariadb"):
            connection.execute(text("SET GLOBAL max_recursive_iterations = 400000000"))
        connection.execute(text(f"CREATE VIEW cham AS {endless}"))
    name = "mahoso" if office.dialect.name == "postgresql" else "MaHoSo"
    written = {"kind": "sql", "table": "cham", "fields": {"code": name}}
    source = SqlSource("Tỉnh", url, SqlMapping.model_validate(written), seconds=0.3)
    async with asyncio.timeout(10):
        with pytest.raises(SourceSlow):
            await source.find("123456")
    await source.close()


async def test_a_locked_table_is_slow(postgresql: Callable[[], str]) -> None:
    address = postgresql()
    engine = writer(address)
    write_provincial(engine, one())
    source = SqlSource("Tỉnh", address, mapping("provincial"), seconds=0.3)
    with engine.begin() as connection:
        connection.execute(text('LOCK TABLE "HoSos" IN ACCESS EXCLUSIVE MODE'))
        with pytest.raises(SourceSlow):
            await source.find(CODE)
    assert await source.find(CODE) is not None
    await source.close()
    engine.dispose()


async def test_an_account_that_may_read_one_view_is_enough(
    postgresql: Callable[[], str],
) -> None:
    """As docs/onestop.md tells offices to do it: the view cuts the numbers itself."""
    address = postgresql()
    engine = writer(address)
    write_provincial(engine, one())
    role = "reader_of_" + address.rpartition("/")[2].partition("?")[0]
    with engine.begin() as connection:
        connection.execute(
            text(
                """CREATE VIEW v_ho_so AS SELECT "MaHoSo" AS ma, "TrangThaiHoSoId" AS trang_thai,
                right(regexp_replace("SoGiayToChuHoSo", '[^0-9]', '', 'g'), 4) AS cccd4
                FROM "HoSos" """
            )
        )
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        connection.execute(text(f"GRANT SELECT ON v_ho_so TO {role}"))
    written = {
        "kind": "sql",
        "table": "v_ho_so",
        "fields": {"code": "ma", "status": "trang_thai", "identity": "cccd4"},
    }
    limited = make_url(address).set(username=role).render_as_string(hide_password=False)
    source = SqlSource("Tỉnh", limited, SqlMapping.model_validate(written))
    assert proves(await found(source), "1234")
    await source.close()
    whole = SqlSource("Tỉnh", limited, mapping("provincial"))
    with pytest.raises(SourceDown):
        await whole.find(CODE)
    await whole.close()
    engine.dispose()
