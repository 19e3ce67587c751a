"""The tables of a provincial system and of OpenCPS, with a few invented dossiers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Engine,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    insert,
    update,
)

NOON = datetime(2026, 11, 25, 12, 0)  # noqa: DTZ001 - their clocks know no zone
"""In Việt Nam, where these systems keep their clocks."""
CODE = "H32.215-261118-0042"

PROVINCIAL = MetaData()
HO_SOS = Table(
    "HoSos",
    PROVINCIAL,
    Column("Id", String(64), primary_key=True),
    Column("MaHoSo", String(64)),
    Column("TrangThaiHoSoId", Integer),
    Column("MaTTHC", String(64)),
    Column("DonViId", String(64)),
    *(
        Column(name, String(255))
        for name in (
            "ChuHoSo", "SoGiayToChuHoSo", "SoDienThoaiChuHoSo", "SoGiayToNguoiUyQuyen",
            "DiaChiChuHoSo", "TenBuocHienTai", "NguoiDangXuLy", "LyDoTuChoi", "LyDoBoSung",
        )
    ),
    *(
        Column(name, DateTime)
        for name in (
            "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra", "NgayYeuCauBoSung",
            "ThoiHanBoSung", "LastModifiedOn", "DeletedOn",
        )
    ),
    Index("by_change", "LastModifiedOn", "Id"),
)  # fmt: skip
QUA_TRINH = Table(
    "QuaTrinhXuLyHoSo",
    PROVINCIAL,
    Column("MaHoSo", String(64)),
    Column("ThoiGian", DateTime),
    Column("TrangThai", Integer),
    Column("NguoiGui", String(255)),
    Column("ThaoTac", String(255)),
    Column("NoiDung", String(255)),
)
BO_SUNG = Table(
    "HoSoBoSung",
    PROVINCIAL,
    Column("MaHoSo", String(64)),
    Column("NoiDungBoSung", String(255)),
    Column("NgayBoSung", DateTime),
    Column("NgayTiepNhanBoSung", DateTime),
)
THU_TUCS = Table(
    "ThuTucs", PROVINCIAL, Column("MaTTHC", String(64)), Column("TenTTHC", String(255))
)
GROUPS = Table("Groups", PROVINCIAL, Column("Id", String(64)), Column("GroupName", String(255)))

OPENCPS = MetaData()
DOSSIER = Table(
    "opencps_dossier",
    OPENCPS,
    Column("dossierId", Integer, primary_key=True),
    Column("dossierActionId", Integer),
    *(
        Column(name, String(255))
        for name in (
            "dossierNo", "dossierStatus", "dossierSubStatus", "dossierStatusText", "serviceCode",
            "serviceName", "applicantName", "applicantIdNo", "contactTelNo", "password",
            "govAgencyName", "address",
        )
    ),
    *(
        Column(name, DateTime)
        for name in (
            "receiveDate", "dueDate", "extendDate", "releaseDate", "finishDate", "modifiedDate"
        )
    ),
)  # fmt: skip
ACTION = Table(
    "opencps_dossieraction",
    OPENCPS,
    Column("dossierActionId", Integer, primary_key=True),
    Column("dossierId", Integer),
    *(Column(name, String(255)) for name in ("actionName", "actionUser", "stepName", "actionNote")),
    Column("createDate", DateTime),
    Column("pending", Boolean),
)


def one(code: str = CODE, **changes: Any) -> dict[str, Any]:
    """A row of HoSos; everything else is empty."""
    known = {
        "Id": code, "MaHoSo": code, "TrangThaiHoSoId": 4, "MaTTHC": "1.012784", "DonViId": "7",
        "ChuHoSo": "Nguyễn Thị Ví Dụ", "SoGiayToChuHoSo": "000 000 001.234",
        "SoDienThoaiChuHoSo": "0000-005-678", "SoGiayToNguoiUyQuyen": "000000009999",
        "DiaChiChuHoSo": "Không có thật", "TenBuocHienTai": "Thẩm định",
        "NguoiDangXuLy": "Cán bộ Ví Dụ", "NgayTiepNhan": NOON - timedelta(days=7),
        "NgayHenTra": NOON + timedelta(days=7), "LastModifiedOn": NOON,
    }  # fmt: skip
    return known | changes


def write_provincial(engine: Engine, *rows: dict[str, Any]) -> None:
    """The provincial tables, with these dossiers and the first one's history."""
    PROVINCIAL.create_all(engine)
    with engine.begin() as connection:
        connection.execute(
            insert(THU_TUCS),
            # Twice: catalogues of real systems hold every version of a procedure.
            [{"MaTTHC": "1.012784", "TenTTHC": "Tách thửa hoặc hợp thửa đất"}] * 2,
        )
        connection.execute(insert(GROUPS), [{"Id": "7", "GroupName": "UBND phường Phan Rang"}])
        for row in rows:
            connection.execute(insert(HO_SOS), [row])
        history = ((2, 7, "Tiếp nhận"), (4, 6, "Chuyển xử lý"), (5, 3, "Yêu cầu bổ sung"))
        connection.execute(
            insert(QUA_TRINH),
            [
                {"MaHoSo": CODE, "ThoiGian": NOON - timedelta(days=days), "TrangThai": status,
                 "NguoiGui": "Cán bộ Ví Dụ", "ThaoTac": action, "NoiDung": "ghi chú nội bộ"}
                for status, days, action in reversed(history)
            ],
        )  # fmt: skip
        connection.execute(
            insert(BO_SUNG),
            [{"MaHoSo": CODE, "NoiDungBoSung": "Bản vẽ có chữ ký",
              "NgayBoSung": NOON - timedelta(days=3), "NgayTiepNhanBoSung": None}],
        )  # fmt: skip


def touch(engine: Engine, code: str, at: datetime, **changes: Any) -> None:
    """A change of one dossier at that moment."""
    with engine.begin() as connection:
        connection.execute(
            update(HO_SOS).where(HO_SOS.c.MaHoSo == code).values(LastModifiedOn=at, **changes)
        )


def write_opencps(engine: Engine) -> None:
    """The tables of OpenCPS with one dossier."""
    OPENCPS.create_all(engine)
    with engine.begin() as connection:
        connection.execute(
            insert(DOSSIER),
            [{"dossierId": 5, "dossierActionId": 51, "dossierNo": CODE, "dossierStatus": "waiting",
              "dossierSubStatus": "waiting_1", "dossierStatusText": "Chờ bổ sung hồ sơ",
              "serviceCode": "1.012784", "serviceName": "Tách thửa",
              "applicantName": "Lê Thử Nghiệm",
              "applicantIdNo": "000000004321", "contactTelNo": "0000008765",
              "password": "ab12cd", "govAgencyName": "Sở Ví Dụ", "address": "Không có thật",
              "receiveDate": NOON - timedelta(days=5), "dueDate": NOON + timedelta(days=2),
              "extendDate": NOON + timedelta(days=9), "modifiedDate": NOON}],
        )  # fmt: skip
        connection.execute(
            insert(ACTION),
            [
                {"dossierActionId": number, "dossierId": 5, "actionName": action,
                 "actionUser": "Cán bộ Ví Dụ", "stepName": step, "actionNote": "ghi chú nội bộ",
                 "createDate": NOON - timedelta(days=back), "pending": False}
                for number, action, step, back in (
                    (50, "Tiếp nhận", "Một cửa", 5), (51, "Yêu cầu bổ sung", "Thẩm định", 1)
                )
            ],
        )  # fmt: skip


def writer(url: str) -> Engine:
    """An engine that may write, for what the office's own program does."""
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
