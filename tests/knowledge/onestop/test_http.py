"""Web services on loopback that answer well, badly and not at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from knowledge.onestop.http import MOST_BYTES, HttpSource
from knowledge.onestop.mapping import HttpMapping, read_mapping, shipped
from knowledge.onestop.model import Stage
from knowledge.onestop.proof import proves
from knowledge.onestop.sources import NoChangeList, Rubbish, SourceDown, SourceError, SourceSlow
from tests.loopback import answering

CODE = "G09.20-20260609-0092637"
RECORD = {
    "MaHoSo": CODE,
    "MaTTHC": "1.012784",
    "TenTTHC": "Tách thửa",
    "ChuHoSo": "Lê Thử Nghiệm",
    "SoDienThoai": "0000005678",
    "TrangThaiHoSo": "5",
    "NgayTiepNhan": "20260609083000",
    "NgayHenTra": "20260619170000",
    "NgayTra": "",
    "DonViXuLy": "Sở Ví Dụ",
    "DanhSachHoSoBoSung": [
        {"NoiDungBoSung": "Bản vẽ có chữ ký", "NgayBoSung": "20260612100000"},
        {"NoiDungBoSung": None},
        "rác",
    ],
}
VALUES = {"session": "phiên", "madonvi": "000.00.00.H32", "dstcode": "VN:COM:X"}

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Service:
    """A web service on loopback that answers as the test wants and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: Answer = self.envelope
        self.asked: list[dict[str, Any]] = []
        self.result: Any = RECORD
        self.error: Any = "00"
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        self.asked.append(
            {
                "query": dict(request.query),
                "headers": dict(request.headers),
                "body": json.loads(body) if body else None,
            }
        )
        return await self.answer(request)

    async def envelope(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"error_code": self.error, "result": self.result})


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    found = Service()
    async with answering(found.handle) as address:
        found.url = f"{address}tra-cuu"
        yield found


def mapping(name: str) -> HttpMapping:
    found = read_mapping(shipped(name))
    assert isinstance(found, HttpMapping)
    return found


@pytest.fixture
async def envelope(service: Service) -> AsyncIterator[HttpSource]:
    source = HttpSource("Bộ Ví Dụ", service.url, mapping("dvcqg"), values=VALUES, seconds=0.5)
    yield source
    await source.close()


@pytest.fixture
async def igate(service: Service) -> AsyncIterator[HttpSource]:
    source = HttpSource("Tỉnh Ví Dụ", service.url, mapping("igate"), seconds=0.5)
    yield source
    await source.close()


async def test_envelope_is_sent_and_read(service: Service, envelope: HttpSource) -> None:
    dossier = await envelope.find(CODE)
    assert dossier is not None
    (asked,) = service.asked
    assert asked["headers"]["dstcode"] == "VN:COM:X"
    assert asked["body"] == {
        "session": "phiên",
        "madonvi": "000.00.00.H32",
        "service": "TraCuuHoSo",
        "isUpdating": "False",
        "data": [{"mahoso": CODE}],
    }
    assert (dossier.stage, dossier.office) == (Stage.SUPPLEMENT, "Sở Ví Dụ")
    assert dossier.due_at is not None
    assert dossier.due_at.isoformat() == "2026-06-19T10:00:00+00:00"
    assert dossier.returned_at is None
    assert [each.what for each in dossier.papers] == ["Bản vẽ có chữ ký"]
    assert dossier.paused_since == dossier.papers[0].asked_at
    assert proves(dossier, "5678")


@pytest.mark.parametrize("error", ["00", "0", 0])
async def test_every_way_to_say_success(service: Service, envelope: HttpSource, error: Any) -> None:
    service.error, service.result = error, [RECORD]
    assert await envelope.find(CODE) is not None


@pytest.mark.parametrize("nothing", [None, [], {}, ""])
async def test_an_empty_result_is_not_found(
    service: Service, envelope: HttpSource, nothing: Any
) -> None:
    service.result = nothing
    assert await envelope.find(CODE) is None


async def test_an_error_code_is_of_this_dossier_unless_it_means_absent(
    service: Service, envelope: HttpSource
) -> None:
    service.error = "-1"
    with pytest.raises(Rubbish) as refused:
        await envelope.find(CODE)
    assert refused.value.record
    known = mapping("dvcqg").model_dump()
    known["reply"]["absent"] = ["-1"]
    source = HttpSource("x", service.url, HttpMapping.model_validate(known), values=VALUES)
    assert await source.find(CODE) is None
    await source.close()


async def test_public_lookup_is_asked_and_read(service: Service, igate: HttpSource) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response(
            {
                "code": CODE,
                "applicant": {"data": {"fullname": "Lê Thử Nghiệm", "phoneNumber": "0000001111"}},
                "procedure": {"translate": [{"name": "Tách thửa"}]},
                "statusCurrentTask": "Chờ trả kết quả",
                "appliedDate": "2026-06-09T08:30:00.000+0000",
                "appointmentDate": "19/06/2026",
                "completedDate": None,
            }
        )

    service.answer = answer
    dossier = await igate.find(CODE)
    assert dossier is not None
    assert service.asked[0]["query"] == {"code": CODE}
    assert (dossier.procedure_name, dossier.stage) == ("Tách thửa", Stage.FINISHED)
    assert dossier.received_at is not None
    assert dossier.received_at.hour == 8
    assert proves(dossier, "1111")


async def test_somebody_elses_dossier_is_refused(service: Service, envelope: HttpSource) -> None:
    for result in (RECORD | {"MaHoSo": "G09.20-20260609-0092638"}, [{"MaHoSo": None}], ["x"], "x"):
        service.result = result
        with pytest.raises(Rubbish):
            await envelope.find(CODE)


async def slow(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


async def html(request: web.Request) -> web.StreamResponse:
    return web.Response(text="<html>Đang bảo trì</html>", content_type="text/html")


async def half(request: web.Request) -> web.StreamResponse:
    reply = web.StreamResponse(headers={"Content-Length": "5000"})
    await reply.prepare(request)
    await reply.write(b'{"error_code": "00", "result": {')
    assert request.transport is not None
    request.transport.close()
    return reply


async def dripping(request: web.Request) -> web.StreamResponse:
    reply = web.StreamResponse()
    await reply.prepare(request)
    for _ in range(300):
        await reply.write(b" ")
        await asyncio.sleep(0.1)
    return reply


async def endless(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b" " * (MOST_BYTES + 1))


async def nested(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"[" * 200_000)


async def elsewhere(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("http://127.0.0.1:9/")


def status(number: int) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response({"error_code": "00", "result": RECORD}, status=number)

    return answer


def body(raw: bytes) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=raw)

    return answer


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (slow, SourceSlow),
        (dripping, SourceSlow),
        (status(503), SourceSlow),
        (status(429), SourceSlow),
        (status(500), SourceDown),
        (status(401), SourceDown),
        (html, Rubbish),
        (half, Rubbish),
        (endless, Rubbish),
        (nested, Rubbish),
        (elsewhere, Rubbish),
        (body(b""), Rubbish),
        (body(b"null"), Rubbish),
        (body(b"12"), Rubbish),
        (body(b"\xff\xfe"), Rubbish),
        (body(b'{"error_code": "00"'), Rubbish),
    ],
)
async def test_misbehaving_services(
    service: Service, envelope: HttpSource, answer: Answer, kind: type[SourceError]
) -> None:
    service.answer = answer
    with pytest.raises(kind) as failed:
        await envelope.find(CODE)
    assert CODE not in str(failed.value)
    service.answer = service.envelope
    assert await envelope.find(CODE) is not None


async def test_nobody_listening_is_down(service: Service) -> None:
    source = HttpSource("x", "http://127.0.0.1:1/", mapping("igate"))
    with pytest.raises(SourceDown):
        await source.find(CODE)
    await source.close()


async def test_not_found_by_status(service: Service, igate: HttpSource) -> None:
    service.answer = status(404)
    assert await igate.find(CODE) is None


async def test_hostile_codes_are_asked_as_nobody(service: Service, igate: HttpSource) -> None:
    service.answer = status(404)
    for code in ("a&b=c", "../../etc", "{session}", "H32\r\nX: y", "", "H" * 9999):
        assert await igate.find(code) is None
    assert {asked["query"]["code"] for asked in service.asked} == {"-"}


async def test_changes_are_not_listed(envelope: HttpSource) -> None:
    with pytest.raises(NoChangeList):
        await envelope.changed_since(None, 10)


def test_values_that_the_mapping_wants_must_be_given() -> None:
    with pytest.raises(ValueError, match=r"session|dstcode"):
        HttpSource("x", "http://127.0.0.1:1/", mapping("dvcqg"))
