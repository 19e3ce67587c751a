"""The YAML file of an installation, and mistakes in it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.onestop.configuration import WrongConfiguration, open_desk
from knowledge.onestop.demo import NAME
from knowledge.onestop.model import Dossier, Elsewhere, Stage
from tests.knowledge.onestop.schemas import CODE, one, write_provincial, writer


def configure(tmp_path: Path, *sources: dict[str, Any]) -> str:
    file = tmp_path / "onestop.yaml"
    file.write_text(yaml.safe_dump({"sources": list(sources)}, allow_unicode=True), "utf-8")
    return str(file)


async def test_demo_and_none(tmp_path: Path) -> None:
    demo = open_desk("demo", folder=tmp_path, environment={})
    assert demo.sources == (NAME,)
    assert await demo.find("H32.215-261118-9999") is None
    await demo.close()
    nothing = open_desk("none", folder=tmp_path, environment={})
    assert isinstance(await nothing.find("H32.215-261118-0042"), Elsewhere)


async def test_several_sources_at_once(tmp_path: Path) -> None:
    database = tmp_path / "tinh.db"
    engine = writer(f"sqlite:///{database}")
    write_provincial(engine, one())
    engine.dispose()
    (tmp_path / "rieng.yaml").write_text("extends: provincial\nfields: {phone: null}\n", "utf-8")
    (tmp_path / "xuat").mkdir()
    row = "Mã hồ sơ,Trạng thái\nH32.208-261118-0001,Đã trả kết quả\n"
    (tmp_path / "xuat" / "a.csv").write_text(row, "utf-8")
    os.utime(tmp_path / "xuat" / "a.csv", (1, 1))
    setting = configure(
        tmp_path,
        {"name": "Tỉnh", "mapping": "rieng.yaml", "url": "sqlite:///${DB}", "prefixes": ["H32"]},
        {"name": "Đông Hải", "mapping": "table", "path": "xuat", "prefixes": ["H32.208"]},
        {
            "name": "Nội vụ",
            "mapping": "dvcqg",
            "url": "http://127.0.0.1:1/x",
            "values": {"session": "${SESSION}", "madonvi": "x", "dstcode": "y"},
            "prefixes": ["G09"],
        },
    )
    desk = open_desk(
        setting, folder=tmp_path, environment={"DB": str(database), "SESSION": "bí mật"}
    )
    assert desk.sources == ("Tỉnh", "Đông Hải", "Nội vụ")
    province = await desk.find(CODE)
    assert isinstance(province, Dossier)
    assert (province.source, province.phone_tail) == ("Tỉnh", None)
    ward = await desk.find("H32.208-261118-0001")
    assert isinstance(ward, Dossier)
    assert (ward.source, ward.stage) == ("Đông Hải", Stage.RETURNED)
    await desk.close()


GOOD = {"name": "x", "mapping": "provincial", "url": "sqlite:///x.db", "prefixes": ["H32"]}


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (GOOD | {"mapping": "nothing"}, "provincial"),
        (GOOD | {"mapping": "none.yaml"}, "No such file"),
        (GOOD | {"url": None}, "url"),
        (GOOD | {"url": "postgresql://x:${MISSING}@h/d"}, "MISSING"),
        (GOOD | {"url": "nonsense"}, "nguồn «x»"),
        (GOOD | {"url": "oraclle://x:s3@h/d"}, "oraclle"),
        (GOOD | {"mapping": "table"}, "path"),
        (GOOD | {"mapping": "dvcqg", "url": "http://x"}, "session|dstcode"),
        (GOOD | {"prefixes": []}, "prefixes"),
        (GOOD | {"seconds": 30}, "seconds"),
        (GOOD | {"secondz": 1}, "secondz"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, entry: dict[str, Any], told: str) -> None:
    with pytest.raises(WrongConfiguration, match=told) as refused:
        open_desk(configure(tmp_path, entry), folder=tmp_path, environment={"SECRET": "s3"})
    assert "s3" not in str(refused.value)


def test_no_file_rubbish_and_twins(tmp_path: Path) -> None:
    with pytest.raises(WrongConfiguration, match="No such file"):
        open_desk(str(tmp_path / "none.yaml"), folder=tmp_path, environment={})
    (tmp_path / "x.yaml").write_text("- [", "utf-8")
    with pytest.raises(WrongConfiguration):
        open_desk(str(tmp_path / "x.yaml"), folder=tmp_path, environment={})
    with pytest.raises(WrongConfiguration, match="trùng tên"):
        open_desk(configure(tmp_path, GOOD, GOOD), folder=tmp_path, environment={})


def test_a_password_is_never_told(tmp_path: Path) -> None:
    entry = {"url": "postgresql://u:s3cret@h/d", "mapping": 5, "prefixes": "H32"}
    with pytest.raises(WrongConfiguration) as refused:
        open_desk(configure(tmp_path, entry), folder=tmp_path, environment={})
    assert "s3cret" not in str(refused.value)
    assert "sources.0.name" in str(refused.value)
