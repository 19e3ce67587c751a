"""Reads records in the form of the seed: one YAML file with one or several, or a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError

from knowledge.importers.batch import MAX_BYTES, Batch, Draft, Place, Unreadable
from knowledge.importers.reasons import told
from knowledge.model import Procedure

if TYPE_CHECKING:
    from pathlib import Path

    from knowledge.importers.batch import Progress

MAX_ALIASES = 64
"""YAML anchors (&a, *a) in one file: records need none, and many of them blow memory up."""

_PROBLEMS = {
    "mapping values are not allowed": "thừa dấu hai chấm; đặt cả câu trong dấu nháy",
    "could not find expected ':'": "thiếu dấu hai chấm, hoặc lề không thẳng",
    "did not find expected": "thiếu dấu đóng, hoặc lề không thẳng",
    "cannot start any token": "có dấu tab hoặc ký tự đặc biệt; đặt cả câu trong dấu nháy",
    "unexpected end of stream": "thiếu dấu nháy đóng",
    "but found another document": "chỉ được một phần trong một tệp (bỏ dấu ---)",
}
"""What the YAML library says, and what an officer can do about it."""


def read_yaml(path: Path, *, progress: Progress | None = None) -> Batch:
    """Whole records. Raises ``Unreadable`` naming file, record and field of the first mistake."""
    files = sorted([*path.glob("*.yaml"), *path.glob("*.yml")]) if path.is_dir() else [path]
    if not files:
        raise Unreadable(Place(path.name, ""), "Thư mục không có tệp .yaml nào.")
    drafts: list[Draft] = []
    seen: dict[str, Place] = {}
    for done, file in enumerate(files, 1):
        for row, record in _records(file):
            draft = _draft(record, Place(file.name, row))
            first = seen.setdefault(draft.procedure.code, draft.place)
            if first is not draft.place:
                again = f"Mã {draft.procedure.code} đã có ở {first}."
                raise Unreadable(draft.place.at("Mã (code)"), again)
            drafts.append(draft)
        if progress:
            progress(done, len(files))
    return Batch(tuple(drafts))


def _records(file: Path) -> list[tuple[str, Any]]:
    place = Place(file.name, "")
    try:
        if file.stat().st_size > MAX_BYTES:
            raise Unreadable(place, "Tệp quá lớn (hơn 256 MB).")
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(place, "Chữ không theo bảng mã UTF-8; hãy lưu lại dạng UTF-8.") from error
    except OSError as error:
        raise Unreadable(place, f"Không đọc được tệp ({error.strerror}).") from error
    found = _parsed(text, place)
    if isinstance(found, list):
        return [(f"bản ghi {number}", record) for number, record in enumerate(found, 1)]
    if found is None:
        raise Unreadable(place, "Tệp trống.")
    return [("", found)]


def _parsed(text: str, place: Place) -> Any:
    try:
        events = yaml.parse(text, Loader=yaml.CSafeLoader)
        if sum(isinstance(event, yaml.AliasEvent) for event in events) > MAX_ALIASES:
            raise Unreadable(place, "Tệp dùng quá nhiều tham chiếu (*tên) của YAML.")
        _refuse_repeated_keys(yaml.compose(text, Loader=yaml.CSafeLoader), place)
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        raise Unreadable(*_broken(error, place.file)) from error
    except yaml.reader.ReaderError as error:
        row = f"dòng {text.count(chr(10), 0, error.position) + 1}"
        raise Unreadable(Place(place.file, row), "Có ký tự mà YAML không nhận.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(place, "YAML không đọc được; có ký tự lạ hoặc giá trị hỏng.") from error


def _broken(error: yaml.MarkedYAMLError, file: str) -> tuple[Place, str]:
    """Where YAML breaks and why; what is not closed shows only far below, so both are told."""
    mark, opened = error.problem_mark or error.context_mark, error.context_mark
    row = f"dòng {mark.line + 1}, cột {mark.column + 1}" if mark else ""
    problem = error.problem or "không rõ"
    known = (words for start, words in _PROBLEMS.items() if start in problem)
    reason = f"YAML hỏng từ chỗ này: {next(known, problem)}."
    if mark and opened and opened.line != mark.line:
        reason += f" Phần đọc dở mở ra ở dòng {opened.line + 1}."
    return Place(file, row), reason


def _refuse_repeated_keys(node: yaml.Node | None, place: Place) -> None:
    """YAML itself keeps the last of two equal keys; a list of papers would vanish unseen."""
    waiting, seen = [node], set()
    while waiting:
        each = waiting.pop()
        if id(each) in seen or not isinstance(each, yaml.CollectionNode):
            continue
        seen.add(id(each))
        if not isinstance(each, yaml.MappingNode):
            waiting += each.value
            continue
        keys: set[str] = set()
        for key, value in each.value:
            if isinstance(key, yaml.ScalarNode) and key.value in keys:
                row = f"dòng {key.start_mark.line + 1}"
                raise Unreadable(Place(place.file, row, key.value), "Mục này ghi hai lần.")
            keys.add(str(key.value))
            waiting += [key, value]


def _draft(record: object, place: Place) -> Draft:
    if not isinstance(record, dict):
        raise Unreadable(place, "Không phải một bản ghi thủ tục (thiếu code, name…).")
    try:
        return Draft(Procedure.model_validate(record), place)
    except ValidationError as error:
        field, reason = told(error.errors())
        code = f"mã {record.get('code')}" if record.get("code") else ""
        row = ", ".join(part for part in (place.row, code) if part)
        raise Unreadable(Place(place.file, row, field), reason) from error
