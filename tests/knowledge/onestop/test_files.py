"""Daily exports in every form offices make them, sound and broken."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from knowledge.onestop.files import Export, FileSource, Stamp, decoded
from knowledge.onestop.mapping import FileMapping, read_mapping, shipped
from knowledge.onestop.model import Stage
from knowledge.onestop.proof import proves
from knowledge.onestop.sources import Rubbish, SourceDown

CODE = "H32.215-261118-0042"
HEADINGS = ["Mã hồ sơ", "Trạng thái", "Tên thủ tục", "Chủ hồ sơ", "Số giấy tờ", "Điện thoại",
            "Ngày hẹn trả", "Giấy tờ cần bổ sung", "Phí phải nộp"]  # fmt: skip
ROW = [CODE, "Yêu cầu bổ sung", "Tách thửa, hợp thửa", "Đặng Giả Định", "000000001234",
       "0000005678", "02/12/2026", "Bản vẽ", "120.000 đồng"]  # fmt: skip
OTHER = [
    "H32.215-261118-0043",
    "Đang xử lý",
    "Tách thửa",
    "Lê Ví Dụ",
    "000000004321",
    "",
    "",
    "",
    "",
]


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Office:
    """Writes exports with the time of the clock, as an office does every night."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder, self.clock = folder, clock

    def put(self, name: str, data: bytes | str) -> None:
        file = self.folder / name
        file.write_bytes(data.encode() if isinstance(data, str) else data)
        stamp = self.clock.now.timestamp()
        os.utime(file, (stamp, stamp))
        self.clock.now += timedelta(seconds=5)

    def csv(self, name: str, *rows: list[str], delimiter: str = ";") -> None:
        self.put(name, table(*rows, delimiter=delimiter))


def table(*rows: list[str], delimiter: str = ";") -> str:
    lines = (delimiter.join(f'"{cell}"' for cell in row) for row in (HEADINGS, *rows))
    return "\r\n".join(lines) + "\r\n"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def office(tmp_path: Path, clock: Clock) -> Office:
    return Office(tmp_path, clock)


@pytest.fixture
async def source(tmp_path: Path, clock: Clock) -> AsyncIterator[FileSource]:
    mapping = read_mapping(shipped("table"))
    assert isinstance(mapping, FileMapping)
    found = FileSource("Xã Ví Dụ", tmp_path, mapping, clock=clock)
    yield found
    await found.close()


async def stage(source: FileSource, code: str = CODE) -> Stage | None:
    dossier = await source.find(code)
    return dossier.stage if dossier else None


async def test_a_row_and_its_age(source: FileSource, office: Office, clock: Clock) -> None:
    made = clock.now
    office.csv("a.csv", ROW, OTHER)
    clock.now += timedelta(hours=9)
    dossier = await source.find(CODE)
    assert dossier is not None
    assert (dossier.stage, dossier.as_of) == (Stage.SUPPLEMENT, made)
    assert await source.freshness() == made
    assert dossier.due_at == datetime(2026, 12, 1, 17, 0, tzinfo=UTC)
    assert [each.what for each in dossier.papers] == ["Bản vẽ"]
    assert [each.amount for each in dossier.fees] == [120_000]
    assert proves(dossier, "1234")
    assert proves(dossier, "5678")
    assert "1234" not in repr(dossier)
    assert await source.find("H32.215-261118-0099") is None
    assert source.problem is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
async def test_encodings_and_delimiters(
    source: FileSource, office: Office, encoding: str, delimiter: str
) -> None:
    office.put("a.csv", table(ROW, delimiter=delimiter).encode(encoding))
    dossier = await source.find(CODE)
    assert dossier is not None
    assert dossier.applicant == "Đặng Giả Định"


def test_windows_1258_writes_tone_marks_behind() -> None:
    raw = "Ma\u0303 hô\u0300 sơ; Đă\u0323ng".encode("cp1258")
    assert decoded(raw) == "Mã hồ sơ; Đặng"


async def test_windows_1258_file(source: FileSource, office: Office) -> None:
    marks = {"ã": "a\u0303", "ồ": "ô\u0300", "ạ": "a\u0323", "ầ": "â\u0300", "ổ": "ô\u0309",
             "ủ": "u\u0309", "ố": "ô\u0301", "ấ": "â\u0301", "ờ": "ơ\u0300", "ẹ": "e\u0323",
             "ả": "a\u0309", "ử": "ư\u0309", "ụ": "u\u0323", "ị": "i\u0323", "ợ": "ơ\u0323",
             "ặ": "ă\u0323", "à": "à", "ộ": "ô\u0323", "ẽ": "e\u0303", "ệ": "ê\u0323"}  # fmt: skip
    words = "".join(marks.get(sign, sign) for sign in table(ROW))
    office.put("a.csv", words.encode("cp1258"))
    dossier = await source.find(CODE)
    assert dossier is not None
    assert (dossier.applicant, dossier.stage) == ("Đặng Giả Định", Stage.SUPPLEMENT)


async def test_excel_with_a_title_numbers_and_dates(source: FileSource, office: Office) -> None:
    file = office.folder / "a.xlsx"
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    sheet.write(0, 0, "DANH SÁCH HỒ SƠ")
    row: list[Any] = list(ROW)
    row[4], row[6], row[8] = 1234, datetime(2026, 12, 2, 16, 30, tzinfo=UTC), 120000.0
    for column, heading in enumerate(HEADINGS):
        sheet.write(2, column, heading.upper())
        if isinstance(row[column], datetime):
            sheet.write_datetime(
                3,
                column,
                row[column].replace(tzinfo=None),
                book.add_format({"num_format": "d/m/yy"}),
            )
        else:
            sheet.write(3, column, row[column])
    book.close()
    office.put("a.xlsx", file.read_bytes())
    dossier = await source.find(CODE)
    assert dossier is not None
    assert dossier.due_at == datetime(2026, 12, 2, 9, 30, tzinfo=UTC)
    assert (dossier.identity_tail, dossier.fees[0].amount) == ("1234", 120_000)


async def test_the_newest_file_is_read_when_it_comes(source: FileSource, office: Office) -> None:
    office.csv("2026-11-24.csv", ROW)
    assert await stage(source) is Stage.SUPPLEMENT
    office.csv("2026-11-25.csv", [CODE, "Đã trả kết quả", *ROW[2:]])
    assert await stage(source) is Stage.RETURNED
    office.csv("2026-11-25.csv", [CODE, "Đang xử lý", *ROW[2:]])
    assert await stage(source) is Stage.PROCESSING


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\x00\x01\x02\x03" * 100,
        "Cột lạ;Cột khác\n1;2\n".encode(),
        table().encode(),
        table(ROW).encode()[:-12] + b'"' + b"x" * 200_000,
        b"\xef\xbb\xbf\xff\xff",
    ],
    ids=["empty", "binary", "other headings", "no rows", "open quote", "broken utf-8"],
)
async def test_a_broken_new_file_leaves_the_old_in_force_and_says_so(
    source: FileSource, office: Office, broken: bytes
) -> None:
    office.csv("cu.csv", ROW)
    before = await source.freshness()
    office.put("moi.csv", broken)
    assert await stage(source) is Stage.SUPPLEMENT
    assert await source.freshness() == before
    assert source.problem is not None
    assert "moi.csv" in source.problem
    assert CODE not in source.problem
    office.csv("moi.csv", [CODE, "Đang xử lý", *ROW[2:]])
    assert await stage(source) is Stage.PROCESSING
    assert source.problem is None


async def test_a_broken_workbook_leaves_the_old_in_force(
    source: FileSource, office: Office
) -> None:
    office.csv("cu.csv", ROW)
    office.put("moi.xlsx", b"PK\x03\x04 no workbook")
    assert await stage(source) is Stage.SUPPLEMENT
    assert source.problem is not None


async def test_a_file_still_being_copied_waits(
    source: FileSource, office: Office, clock: Clock
) -> None:
    office.csv("cu.csv", ROW)
    await stage(source)
    office.csv("moi.csv", [CODE, "Đang xử lý", *ROW[2:]])
    clock.now -= timedelta(seconds=4)
    assert await stage(source) is Stage.SUPPLEMENT
    clock.now += timedelta(seconds=4)
    assert await stage(source) is Stage.PROCESSING


async def test_nothing_there_is_down_and_only_rubbish_is_rubbish(
    source: FileSource, office: Office
) -> None:
    with pytest.raises(SourceDown):
        await source.find(CODE)
    office.put("a.csv", b"rubbish")
    with pytest.raises(Rubbish):
        await source.find(CODE)


async def test_a_file_taken_away_leaves_what_was_read(source: FileSource, office: Office) -> None:
    office.csv("a.csv", ROW)
    await stage(source)
    (office.folder / "a.csv").unlink()
    assert await stage(source) is Stage.SUPPLEMENT


async def test_twins_of_different_people_are_refused(source: FileSource, office: Office) -> None:
    office.csv("a.csv", ROW, [*ROW[:4], "000000009999", *ROW[5:]], OTHER, OTHER)
    with pytest.raises(Rubbish) as refused:
        await source.find(CODE)
    assert refused.value.record
    assert await stage(source, OTHER[0]) is Stage.PROCESSING


async def test_changes_are_the_difference_of_two_exports(
    source: FileSource, office: Office
) -> None:
    office.csv("1.csv", ROW, OTHER)
    changes, cursor = await source.changed_since(None, 10)
    assert changes == []
    assert await source.changed_since(cursor, 10) == ([], cursor)
    office.csv("2.csv", ROW, [OTHER[0], "Đã trả kết quả", *OTHER[2:]], ["H32.215-261125-0001"])
    changes, after = await source.changed_since(cursor, 1)
    assert [each.code for each in changes] == [OTHER[0]]
    changes, after = await source.changed_since(after, 1)
    assert [each.code for each in changes] == ["H32.215-261125-0001"]
    assert await source.changed_since(after, 10) == ([], after)
    office.csv("3.csv", [CODE, "Đang xử lý", *ROW[2:]], OTHER)
    changes, _ = await source.changed_since(cursor, 10)
    assert {each.code for each in changes} == {CODE, OTHER[0]}
    with pytest.raises(Rubbish):
        await source.changed_since("hôm qua", 10)


async def test_after_a_restart_a_newer_export_is_told_whole(
    source: FileSource, office: Office, clock: Clock
) -> None:
    office.csv("1.csv", ROW, OTHER)
    _, cursor = await source.changed_since(None, 10)
    office.csv("2.csv", ROW, OTHER)
    again = FileSource("Xã Ví Dụ", office.folder, source._mapping, clock=clock)
    changes, _ = await again.changed_since(cursor, 10)
    assert {each.code for each in changes} == {CODE, OTHER[0]}
    await again.close()


async def test_while_a_large_export_is_read_the_old_one_answers(
    source: FileSource, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.csv("cu.csv", ROW)
    assert await stage(source) is Stage.SUPPLEMENT
    go_on, read = threading.Event(), source._read

    def slowly(file: Path, stamp: Stamp) -> Export:
        assert go_on.wait(10)
        return read(file, stamp)

    monkeypatch.setattr(source, "_read", slowly)
    office.csv("moi.csv", [CODE, "Đang xử lý", *ROW[2:]])
    answers = await asyncio.gather(*(stage(source) for _ in range(5)))
    assert set(answers) == {Stage.SUPPLEMENT}
    go_on.set()
    assert source._reading is not None
    await source._reading
    assert await stage(source) is Stage.PROCESSING
