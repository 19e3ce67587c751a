"""The right source is asked, and an answer comes whatever it does."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from knowledge.onestop.breaker import State
from knowledge.onestop.desk import MOST_WAITING, Desk, Route
from knowledge.onestop.model import Change, Dossier, Elsewhere, Stage
from knowledge.onestop.sources import (
    NoChangeList,
    Rubbish,
    SourceDown,
    SourceError,
    SourceSlow,
)

NOW = datetime(2026, 11, 25, tzinfo=UTC)
CODE = "H32.215-261118-0042"


class Scripted:
    """A source that does as the test says; a system of another office is not ours to run."""

    def __init__(self, name: str, *codes: str) -> None:
        self.name, self.codes = name, codes
        self.trouble: BaseException | None = None
        self.hangs = False
        self.asked = 0
        self.closed = False
        self.problem: str | None = None

    async def _does(self) -> None:
        self.asked += 1
        if self.hangs:
            await asyncio.sleep(60)
        if self.trouble is not None:
            raise self.trouble

    async def find(self, code: str) -> Dossier | None:
        await self._does()
        if code not in self.codes:
            return None
        return Dossier(code=code, source=self.name, as_of=NOW, stage=Stage.PROCESSING)

    async def changed_since(self, cursor: str | None, limit: int) -> tuple[list[Change], str]:
        await self._does()
        return [Change(code=code, at=NOW) for code in self.codes][:limit], "next"

    async def freshness(self) -> datetime | None:
        await self._does()
        return NOW

    async def close(self) -> None:
        self.closed = True


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def route(source: Scripted, *prefixes: str, procedures: tuple[str, ...] = ()) -> Route:
    return Route(source=source, prefixes=prefixes, procedures=frozenset(procedures))


async def asked_of(desk: Desk, code: str, procedure: str | None = None) -> str | None:
    found = await desk.find(code, procedure)
    assert found is None or isinstance(found, Dossier)
    return found.source if found else None


async def test_the_longest_prefix_is_asked_and_no_other() -> None:
    province, ward = Scripted("tỉnh", CODE, "H32.24-261118-0001"), Scripted("phường", CODE)
    desk = Desk([route(province, "H32"), route(ward, "H32.215", "H32.208")])
    assert await asked_of(desk, CODE) == "phường"
    assert province.asked == 0
    assert await asked_of(desk, "H32.24-261118-0001") == "tỉnh"
    assert await asked_of(desk, f"  {CODE} ") == "phường"
    assert await asked_of(desk, "H32.215-261118-9999") is None


async def test_a_prefix_ends_where_a_part_ends() -> None:
    ward = Scripted("phường", CODE, "H32.21-261118-0001")
    desk = Desk([route(ward, "H32.21")])
    assert isinstance(await desk.find(CODE), Elsewhere)
    assert await asked_of(desk, "H32.21-261118-0001") == "phường"


async def test_codes_of_the_old_form_go_the_same_way() -> None:
    old = "000.00.18.H43-240115-0005"
    desk = Desk([route(Scripted("cũ", old), "H43.18")])
    assert await asked_of(desk, old) == "cũ"


async def test_a_known_procedure_chooses_among_equals() -> None:
    land, rest = Scripted("đất", CODE), Scripted("khác", CODE)
    desk = Desk([route(land, "H32", procedures=("1.012784",)), route(rest, "H32")])
    assert await asked_of(desk, CODE, "1.012784") == "đất"
    assert await asked_of(desk, CODE, "1.001193") == "khác"
    assert (land.asked, rest.asked) == (1, 1)
    assert await asked_of(desk, CODE) in {"đất", "khác"}
    assert (land.asked, rest.asked) == (2, 2)
    assert desk.sources_of(CODE, "1.012784") == ("đất",)


@pytest.mark.parametrize(
    ("code", "url"),
    [
        ("G01.899.108-261008-0975", "https://dichvucong.bocongan.gov.vn"),
        ("G09.20-20260609-0092637", "https://dichvucongbnv.moha.gov.vn"),
        ("G22.99-251225-020175", "https://dichvucong.gov.vn"),
        ("H15.50.05.13-261008-0975", "https://dichvucong.gov.vn"),
        ("000.00.06.H56-231027-0361", "https://dichvucong.gov.vn"),
    ],
)
async def test_systems_without_access_are_named(code: str, url: str) -> None:
    source = Scripted("tỉnh")
    found = await Desk([route(source, "H32")]).find(code)
    assert isinstance(found, Elsewhere)
    assert found.url == url
    assert source.asked == 0


async def test_a_source_of_a_ministry_counts_before_its_address() -> None:
    code = "G15.1-261118-0042"
    assert await asked_of(Desk([route(Scripted("tư pháp", code), "G15")]), code) == "tư pháp"


async def test_where_procedures_run() -> None:
    desk = Desk([])
    civil = desk.elsewhere(procedure="1.001193", field="Hộ tịch")
    joined = desk.elsewhere(procedure="3.000722", field="Hộ tịch")
    assert civil is not None
    assert joined is not None
    assert (civil.url, joined.url) == (
        "https://dichvucongnganhtuphap.moj.gov.vn",
        "https://lienthong.dichvucong.gov.vn",
    )
    assert desk.elsewhere(field="Không có") is None


async def test_strange_codes_are_asked_of_nobody() -> None:
    source = Scripted("tỉnh")
    desk = Desk([route(source, "H32")])
    for code in ("", "H32", "H32'; --", "H32.215 OR 1=1", "H32." + "9" * 500, "H32\x00.215-1-1"):
        assert await desk.find(code) is None
    assert source.asked == 0


@pytest.mark.parametrize("kind", [SourceDown, SourceSlow, Rubbish])
async def test_failures_are_told_and_never_taken_for_not_found(kind: type[SourceError]) -> None:
    source = Scripted("tỉnh", CODE)
    source.trouble = kind("x")
    with pytest.raises(kind):
        await Desk([route(source, "H32")]).find(CODE)


async def test_a_mistake_of_ours_in_a_source_is_rubbish() -> None:
    source = Scripted("tỉnh", CODE)
    source.trouble = ZeroDivisionError("x")
    with pytest.raises(Rubbish):
        await Desk([route(source, "H32")]).find(CODE)


async def test_one_failing_source_does_not_hide_what_another_found() -> None:
    broken, sound = Scripted("hỏng"), Scripted("tốt", CODE)
    broken.trouble = SourceDown("x")
    desk = Desk([route(broken, "H32"), route(sound, "H32")])
    assert await asked_of(desk, CODE) == "tốt"
    with pytest.raises(SourceDown):
        await desk.find("H32.215-261118-9999")


async def test_a_hanging_source_is_given_up_and_others_are_not_held_up() -> None:
    hanging, sound = Scripted("treo", CODE), Scripted("tốt", "G15.1-261118-0042")
    hanging.hangs = True
    desk = Desk([route(hanging, "H32"), route(sound, "G15")], seconds=0.05)
    waiting = asyncio.ensure_future(desk.find(CODE))
    await asyncio.sleep(0)
    assert await asked_of(desk, "G15.1-261118-0042") == "tốt"
    assert not waiting.done()
    with pytest.raises(SourceSlow):
        await waiting


async def test_the_switch_opens_probes_and_closes() -> None:
    source, clock = Scripted("tỉnh", CODE), Clock()
    source.trouble = SourceDown("x")
    desk = Desk([route(source, "H32")], clock=clock)
    for _ in range(6):
        with pytest.raises(SourceDown):
            await desk.find(CODE)
    assert source.asked == 3
    clock.now = 16
    with pytest.raises(SourceDown):
        await desk.find(CODE)
    assert source.asked == 4
    source.trouble = None
    with pytest.raises(SourceDown):
        await desk.find(CODE)
    clock.now = 16 + 31
    assert await asked_of(desk, CODE) == "tỉnh"
    assert (await desk.health())[0].state is State.CLOSED


async def test_one_bad_record_never_shuts_a_source() -> None:
    source = Scripted("tỉnh", CODE)
    source.trouble = Rubbish("hai người một mã", record=True)
    desk = Desk([route(source, "H32")])
    for _ in range(10):
        with pytest.raises(Rubbish):
            await desk.find(CODE)
    source.trouble = None
    assert await asked_of(desk, CODE) == "tỉnh"


async def test_only_so_many_wait_at_one_source() -> None:
    source = Scripted("tỉnh", CODE)
    source.hangs = True
    desk = Desk([route(source, "H32")], seconds=0.2)
    crowd: list[Any] = [asyncio.ensure_future(desk.find(CODE)) for _ in range(MOST_WAITING + 5)]
    answers = await asyncio.gather(*crowd, return_exceptions=True)
    assert all(isinstance(each, SourceSlow) for each in answers)
    assert source.asked == MOST_WAITING


async def test_a_citizen_who_goes_away_does_not_leave_the_switch_probing() -> None:
    source, clock = Scripted("tỉnh", CODE), Clock()
    source.trouble = SourceDown("x")
    desk = Desk([route(source, "H32")], clock=clock)
    for _ in range(3):
        with pytest.raises(SourceDown):
            await desk.find(CODE)
    clock.now, source.hangs = 20, True
    probe = asyncio.ensure_future(desk.find(CODE))
    await asyncio.sleep(0.01)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    source.hangs, source.trouble = False, None
    assert await asked_of(desk, CODE) == "tỉnh"


async def test_changes_of_one_source() -> None:
    source = Scripted("tỉnh", CODE, "x-1")
    desk = Desk([route(source, "H32")])
    changes, cursor = await desk.changed_since("tỉnh", None, 1)
    assert ([each.code for each in changes], cursor) == ([CODE], "next")
    with pytest.raises(KeyError):
        await desk.changed_since("khác", None, 1)
    source.trouble = NoChangeList("x")
    for _ in range(5):
        with pytest.raises(NoChangeList):
            await desk.changed_since("tỉnh", None, 1)
    source.trouble = None
    assert await asked_of(desk, CODE) == "tỉnh"


async def test_health_never_raises() -> None:
    sound, broken = Scripted("tốt"), Scripted("hỏng")
    broken.trouble = SourceDown("kaputt")
    sound.problem = "tệp mới hỏng"
    desk = Desk([route(sound, "H32"), route(broken, "G15")])
    good, bad = await desk.health()
    assert (good.as_of, good.problem) == (NOW, "tệp mới hỏng")
    assert (bad.as_of, bad.state) == (None, State.CLOSED)
    assert bad.problem is not None
    assert "kaputt" in bad.problem


async def test_close_closes_every_source() -> None:
    sources = [Scripted("một"), Scripted("hai")]
    desk = Desk([route(each, "H32") for each in sources])
    await desk.close()
    assert all(each.closed for each in sources)


async def test_a_list_of_changes_that_fails_does_not_stop_look_ups() -> None:
    source = Scripted("tỉnh", CODE)
    desk = Desk([route(source, "H32")])
    source.trouble = SourceSlow("x")
    for _ in range(5):
        with pytest.raises(SourceError):
            await desk.changed_since("tỉnh", None, 1)
    assert source.asked == 3
    source.trouble = None
    assert await asked_of(desk, CODE) == "tỉnh"
