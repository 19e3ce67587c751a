"""A database of invented dossiers, so that the whole thing can be tried without any office."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from knowledge.offices import VIETNAM
from knowledge.onestop.demo_lives import Life, Lives, Step
from knowledge.onestop.mapping import SqlMapping, read_mapping, shipped
from knowledge.onestop.model import Stage
from knowledge.onestop.sql import SqlSource, now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

T = TypeVar("T")

NAME = "Dữ liệu minh họa (không có thật)"
PREFIXES = ("H32",)
RENEWED = timedelta(minutes=1)
"""How old the file may be: the dossiers move on."""

_TABLES = """
CREATE TABLE HoSos (
    Id TEXT PRIMARY KEY, MaHoSo TEXT, TrangThaiHoSoId INTEGER, MaTTHC TEXT, DonViId TEXT,
    ChuHoSo TEXT, SoGiayToChuHoSo TEXT, SoDienThoaiChuHoSo TEXT, SoGiayToNguoiUyQuyen TEXT,
    MaTraCuu TEXT, TenBuocHienTai TEXT, NguoiDangXuLy TEXT, NgayTiepNhan TEXT, NgayHenTra TEXT,
    NgayKetThucXuLy TEXT, NgayTra TEXT, NoiTraKetQua TEXT, LyDoTuChoi TEXT, LyDoBoSung TEXT,
    NgayYeuCauBoSung TEXT, ThoiHanBoSung TEXT, LastModifiedOn TEXT, DeletedOn TEXT);
CREATE TABLE QuaTrinhXuLyHoSo (
    MaHoSo TEXT, ThoiGian TEXT, TrangThai INTEGER, NguoiGui TEXT, ThaoTac TEXT);
CREATE TABLE HoSoBoSung (MaHoSo TEXT, NoiDungBoSung TEXT, NgayBoSung TEXT, NgayTiepNhanBoSung TEXT);
CREATE TABLE LePhiHoSo (MaHoSo TEXT, TenLePhi TEXT, SoTien INTEGER, HanNop TEXT, DaNop INTEGER);
CREATE TABLE ThuTucs (MaTTHC TEXT, TenTTHC TEXT);
CREATE TABLE Groups (Id TEXT, GroupName TEXT);
CREATE INDEX by_code ON HoSos (MaHoSo);
CREATE INDEX by_change ON HoSos (LastModifiedOn, Id);
CREATE INDEX steps_of ON QuaTrinhXuLyHoSo (MaHoSo);
"""


@dataclass(frozen=True)
class Example:
    """An invented dossier to try: its code and the four digits that open it."""

    code: str
    digits: str
    stage: Stage
    overdue: bool = False


def demo_examples(at: datetime) -> tuple[Example, ...]:
    """One dossier for each stage that there is at this moment, and an overdue one."""
    found: dict[tuple[Stage, bool], Example] = {}
    # The newest dossier of a kind: it stays the longest.
    for life in reversed(Lives().around(at)):
        last = life.until(at)[-1]
        late = last.stage is Stage.PROCESSING and last.due_at is not None and last.due_at < at
        example = Example(life.code, life.identity[-4:], last.stage, late)
        found.setdefault((last.stage, late), example)
    return tuple(found[key] for key in sorted(found))


def write_demo(path: Path, at: datetime) -> int:
    """Write the dossiers as they are at this moment, in one piece; their number."""
    lives = Lives()
    around = lives.around(at)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".new")
    os.close(handle)
    try:
        with closing(sqlite3.connect(draft)) as connection:
            connection.executescript(_TABLES)
            names = [(ward["code"], ward["name"]) for ward in lives.wards]
            _insert(connection, "Groups", names)
            offices = dict(names)
            procedures = {life.procedure["code"]: life.procedure["name"] for life in around}
            _insert(connection, "ThuTucs", procedures.items())
            for life in around:
                _write(connection, life, life.until(at), offices[life.ward])
            connection.commit()
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)
    return len(around)


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    for row in rows:
        places = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {table} VALUES ({places})", row)  # noqa: S608 - our names


def _write(
    connection: sqlite3.Connection, life: Life, steps: tuple[Step, ...], office: str
) -> None:
    last = steps[-1]
    when = {step.stage: _written(step.at) for step in steps}
    taken = when.get(Stage.ACCEPTED)
    asked_at = when.get(Stage.SUPPLEMENT)
    waits = last.stage is Stage.SUPPLEMENT
    deadline = _written(last.at + timedelta(days=30))
    row = (
        life.code, life.code, int(last.stage), life.procedure["code"], life.ward, life.applicant,
        life.identity, life.phone, None, life.pin, last.desk, life.officer,
        taken, _written(last.due_at) if last.due_at else None,
        when.get(Stage.FINISHED), when.get(Stage.RETURNED),
        office, life.refusal if last.stage is Stage.REFUSED else None,
        life.paper if waits else None, asked_at if waits else None, deadline if waits else None,
        _written(last.at), None,
    )  # fmt: skip
    _insert(connection, "HoSos", [row])
    history = [
        (life.code, _written(step.at), int(step.stage), step.desk, step.action) for step in steps
    ]
    _insert(connection, "QuaTrinhXuLyHoSo", history)
    if asked_at:
        answered = None if waits or last.stage is Stage.STOPPED else when.get(Stage.PROCESSING)
        _insert(connection, "HoSoBoSung", [(life.code, life.paper, asked_at, answered)])
    if Stage.PAYMENT in when:
        fee = (life.fee["name"], life.fee["amount"], deadline, last.stage is not Stage.PAYMENT)
        _insert(connection, "LePhiHoSo", [(life.code, *fee)])


def _written(at: datetime) -> str:
    return at.astimezone(VIETNAM).replace(tzinfo=None).isoformat(" ", "seconds")


class DemoSource(SqlSource):
    """The SQL source over a file that is written anew as time goes by."""

    def __init__(self, path: Path, *, clock: Callable[[], datetime] = now) -> None:
        mapping = read_mapping(shipped("demo"))
        if not isinstance(mapping, SqlMapping):
            raise TypeError("the demo is a database")
        super().__init__(NAME, f"sqlite:///{path}", mapping, clock=clock)
        self._file, self._lock = path, threading.Lock()
        self._written_at: datetime | None = None

    def _guarded(self, work: Callable[[Connection], T]) -> T:
        with self._lock:
            at = self._clock()
            if self._written_at is None or at - self._written_at >= RENEWED:
                write_demo(self._file, at)
                self._written_at = at
        return super()._guarded(work)
