"""Official lists give partial drafts and name every row that gives none."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.importers import read
from knowledge.importers.batch import Batch
from knowledge.importers.official_lists import NO_FIELD
from knowledge.model import Level

from .making import Sheets, workbook
from .strategies import TODAY

HEADER = ["Mã số", "Tên", "Cơ quan ban hành", "Cơ quan thực hiện", "Lĩnh vực"]
LIST: Sheets = {
    "Danh sách": [
        ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
        HEADER,
        ["1.990001", "1.\tThả  diều;", "Bộ Gió", "UBND cấp xã\nSở Gió\nSở Gió", "Vui chơi"],
        [23604, "Mã nội bộ", "", "", ""],
        ["", "", "", "", ""],
        [1.99002, "Không lĩnh vực", "", "Cục Gió", ""],
        ["1.990001", "Lần hai", "", "", "Vui"],
        ["1.990004", "", "", "", "Vui"],
        ["1.990005", "Thả DIỀU", "", "Công an huyện", "Vui"],
    ]
}


def listed(tmp_path: Path, sheets: Sheets) -> Batch:
    path = workbook(tmp_path / "ds.xlsx", sheets)
    batch = read(path, today=TODAY)
    assert batch == read(path, today=TODAY)
    return batch


def test_a_list_gives_partial_drafts(tmp_path: Path) -> None:
    first, second, third = listed(tmp_path, LIST).drafts
    assert first.partial
    assert first.procedure.name == "Thả diều"
    assert first.procedure.office == "UBND cấp xã; Sở Gió"
    assert first.procedure.levels == (Level.COMMUNE, Level.PROVINCE)
    assert first.known == {"field", "office", "levels"}
    assert first.procedure.source.checked_on == TODAY
    assert first.procedure.source.origin == "ds.xlsx"
    assert not first.procedure.source.confirmed
    assert second.procedure.code == "1.990020"
    assert second.procedure.field == NO_FIELD
    assert second.known == {"office", "levels"}
    assert third.known == {"field", "office"}


def test_every_odd_row_is_named(tmp_path: Path) -> None:
    told = {
        str(finding.place): (finding.severity, finding.reason)
        for finding in listed(tmp_path, LIST).findings
    }
    expected = {
        "ds.xlsx, dòng 4, Mã": ("rejected", "23604"),
        "ds.xlsx, dòng 6, Lĩnh vực": ("doubtful", "Thiếu"),
        "ds.xlsx, dòng 7, Mã": ("rejected", "đã có ở dòng 3"),
        "ds.xlsx, dòng 8, Tên": ("rejected", "Thiếu tên"),
        "ds.xlsx, dòng 9, Tên": ("doubtful", "1.990001"),
        "ds.xlsx, dòng 9, Cơ quan thực hiện": ("doubtful", "cấp huyện"),
    }
    assert told.keys() == expected.keys()
    for place, (severity, part) in expected.items():
        assert told[place][0] == severity
        assert part in told[place][1]


def test_all_sheets_with_a_list_are_read(tmp_path: Path) -> None:
    sheets: Sheets = {
        "A": [HEADER, ["1.990001", "a", "", "", "x"]],
        "Ghi chú": [["không có gì"]],
        "B": [["Mã thủ tục", "Tên thủ tục", "Cấp thực hiện", "Số quyết định"],
              ["1.990002", "b", "Cấp tỉnh", "9/QĐ-X"]],
    }  # fmt: skip
    seen: list[tuple[int, int]] = []
    first, second = listed(tmp_path, sheets).drafts
    read(tmp_path / "ds.xlsx", today=TODAY, progress=lambda done, all_: seen.append((done, all_)))
    assert first.place.row == "trang A, dòng 2"
    assert second.procedure.levels == (Level.PROVINCE,)
    assert second.procedure.source.decision == "9/QĐ-X"
    assert seen == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("office", "levels"),
    [
        ("Công an cấp Xã", (Level.COMMUNE,)),
        ("Trung tâm phục vụ hành chính công phường", (Level.COMMUNE,)),
        ("Sở Tài chính các tỉnh, thành phố", (Level.PROVINCE,)),
        ("Ủy ban nhân dân tỉnh và thành phố trực thuộc Trung ương", (Level.PROVINCE,)),
        ("Bộ Công an", (Level.MINISTRY,)),
        ("Cục Đường bộ Việt Nam", (Level.MINISTRY,)),
        ("Vụ Quy hoạch - Kiến trúc", (Level.MINISTRY,)),
        ("Chi cục Hải quan khu vực", (Level.MINISTRY,)),
        ("Cơ sở đăng kiểm phương tiện giao thông đường bộ", ()),
        ("Cơ quan thuế địa phương", ()),
        ("Tổ chức thực hiện nhiệm vụ dịch vụ công", ()),
    ],
)
def test_levels_are_told_by_whole_words(
    tmp_path: Path, office: str, levels: tuple[Level, ...]
) -> None:
    sheets: Sheets = {"A": [HEADER, ["1.990001", "a", "", office, "x"]]}
    assert listed(tmp_path, sheets).drafts[0].procedure.levels == levels
