"""Dossiers of a web service that answers for one code, through a mapping file."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp

from knowledge.onestop.reading import MOST_ROWS, Reader, asked, code_of, text
from knowledge.onestop.sources import NoChangeList, Rubbish, SourceDown, SourceSlow
from knowledge.onestop.sql import NOBODY, now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from knowledge.onestop.mapping import HttpMapping
    from knowledge.onestop.model import Change, Dossier

MOST_BYTES = 1024 * 1024
"""Bytes of an answer that are read; one dossier takes some thousand."""
_BUSY = frozenset([408, 425, 429, 503, 504])


class HttpSource:
    """A client of one web service. It follows no redirects and keeps no cookies."""

    def __init__(
        self,
        name: str,
        url: str,
        mapping: HttpMapping,
        *,
        values: Mapping[str, str] | None = None,
        seconds: float = 2.0,
        connections: int = 4,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.name = name
        self._url, self._mapping, self._clock = url, mapping, clock
        self._values = dict(values or {})
        self._reader = Reader(mapping.reading)
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        _filled(mapping.request.model_dump(), self._values | {"code": NOBODY})

    @property
    def problem(self) -> str | None:
        """A service that answers has none."""
        return None

    async def find(self, code: str) -> Dossier | None:
        """The dossier with this code; an answer about another dossier is ``Rubbish``."""
        given = asked(code) or NOBODY
        body = await self._ask(given)
        if body is None:
            return None
        return self._dossier(_decoded(body), given.upper())

    async def changed_since(self, cursor: str | None, limit: int) -> tuple[list[Change], str]:
        """Such services answer for single codes only."""
        raise NoChangeList("the service answers for single codes only")

    async def freshness(self) -> datetime | None:
        """It is asked live."""
        return None

    async def close(self) -> None:
        """Ends open connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout,
                connector=aiohttp.TCPConnector(limit=self._connections),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def _ask(self, code: str) -> bytes | None:
        request = self._mapping.request
        values = self._values | {"code": code}
        try:
            async with self._opened().request(
                request.method,
                self._url,
                params=_filled(request.query, values) or None,
                headers=_filled(request.headers, values),
                json=_filled(request.body, values),
                allow_redirects=False,
            ) as reply:
                if reply.status in self._mapping.reply.absent_http:
                    return None
                _check(reply.status)
                return await _limited(reply.content)
        except TimeoutError as error:
            raise SourceSlow("no answer in time") from error
        except (aiohttp.ClientPayloadError, aiohttp.ClientResponseError) as error:
            raise Rubbish(f"broken answer: {type(error).__name__}") from None
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError) as error:
            raise SourceDown(type(error).__name__) from None

    def _dossier(self, answer: Any, code: str) -> Dossier | None:
        reply = self._mapping.reply
        if reply.error is not None:
            told = text(_at(answer, reply.error))
            if told in reply.absent:
                return None
            if told not in reply.ok:
                # Of this dossier only: or asking for unknown codes would shut the source.
                raise Rubbish(f"the service answers error {(told or '')[:20]!r}", record=True)
        record = _at(answer, reply.record) if reply.record else answer
        if not record:
            return None
        records = record if isinstance(record, list) else [record]
        for each in records[:MOST_ROWS]:
            if code_of(_at(each, self._mapping.fields.code)) == code:
                return self._read(each)
        raise Rubbish("the answer is about another dossier", record=True)

    def _read(self, record: Any) -> Dossier | None:
        mapping, reader = self._mapping, self._reader
        found = reader.dossier(
            lambda path: _at(record, path), mapping.fields, source=self.name, as_of=self._clock()
        )
        if found is None:
            return None
        timeline, papers, fees = mapping.timeline, mapping.papers, mapping.fees
        return reader.completed(
            found,
            events=reader.events(_rows(record, timeline.path), timeline.fields) if timeline else (),
            papers=reader.papers(_rows(record, papers.path), papers.fields) if papers else (),
            fees=reader.fees(_rows(record, fees.path), fees.fields) if fees else (),
        )


def _check(status: int) -> None:
    if status == 200:
        return
    if status in _BUSY:
        raise SourceSlow(f"the service is busy ({status})")
    if 300 <= status < 400:
        raise Rubbish(f"the service leads elsewhere ({status})")
    raise SourceDown(f"the service answers {status}")


async def _limited(content: aiohttp.StreamReader) -> bytes:
    found = bytearray()
    async for chunk in content.iter_chunked(64 * 1024):
        found += chunk
        if len(found) > MOST_BYTES:
            raise Rubbish("the answer is too long")
    return bytes(found)


def _decoded(body: bytes) -> Any:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Rubbish("the answer is no JSON") from error
    if not isinstance(answer, dict | list):
        raise Rubbish("the answer is no record")
    return answer


def _at(value: Any, path: str) -> Any:
    """What stands at a path of keys and positions; ``None`` where it ends early."""
    for part in path.split("."):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def _rows(record: Any, path: str) -> list[Callable[[str], Any]]:
    found = _at(record, path)
    rows = found[:MOST_ROWS] if isinstance(found, list) else []
    return [partial(_at, row) for row in rows]


def _filled(form: Any, values: Mapping[str, str]) -> Any:
    """The form with ``{name}`` replaced, one pass: a value's own braces stay what they are."""
    if isinstance(form, str):
        try:
            return form.format_map(values)
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise ValueError(f"the mapping wants a value that is not given: {error}") from None
    if isinstance(form, dict):
        return {key: _filled(value, values) for key, value in form.items()}
    if isinstance(form, list | tuple):
        return [_filled(each, values) for each in form]
    return form
