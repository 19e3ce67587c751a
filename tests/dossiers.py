"""Dossier sources for tests: one that holds what it is given and fails as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.lookups import Lookups
from bot.sealing import Seal
from knowledge.onestop import Change, Desk, Dossier, NoChangeList, Route, SourceError, Stage
from knowledge.store import Store

AT = datetime.fromisoformat("2026-11-25T09:00:00+07:00")
CODE = "H32.215-261118-0042"
DIGITS = "1234"
NAME = "Hệ thống một cửa tỉnh Khánh Hòa"
SALT = b"a salt for tests"


def moment(text: str) -> datetime:
    """A moment of Việt Nam."""
    return datetime.fromisoformat(f"{text}+07:00")


def dossier(stage: Stage | None = Stage.PROCESSING, **given: Any) -> Dossier:
    """A dossier of N. T. H. about dividing a parcel, due in five working days."""
    told: dict[str, Any] = {
        "code": CODE,
        "source": NAME,
        "as_of": AT,
        "stage": stage,
        "procedure_name": "Tách thửa đất",
        "applicant": "Nguyễn Thị Hoa",
        "identity_tail": DIGITS,
        "phone_tail": "9876",
        "pin": "K7P2Q9",
        "office": "Chi nhánh Văn phòng đăng ký đất đai",
        "received_at": moment("2026-11-18T08:00:00"),
        "due_at": moment("2026-12-02T00:00:00"),
    }
    return Dossier(**{**told, **given})


@dataclass
class Held:
    """A source that holds some dossiers; ``failure`` is raised, ``slow`` is waited for."""

    dossiers: Iterable[Dossier] = ()
    name: str = NAME
    failure: SourceError | None = None
    slow: Callable[[str], float] = lambda _: 0.0
    asked: list[str] = field(default_factory=list)
    problem: str | None = None

    async def find(self, code: str) -> Dossier | None:
        self.asked.append(code)
        await asyncio.sleep(self.slow(code))
        if self.failure is not None:
            raise self.failure
        return next((each for each in self.dossiers if each.code == code), None)

    async def changed_since(self, cursor: str | None, limit: int) -> tuple[list[Change], str]:
        raise NoChangeList("held in memory")

    async def freshness(self) -> datetime | None:
        return None

    async def close(self) -> None:
        """Nothing to close."""


@dataclass
class Clock:
    """A clock that a test moves."""

    at: datetime = AT

    def __call__(self) -> datetime:
        return self.at.astimezone(UTC)


def lookups(
    store: Store,
    source: Held,
    clock: Callable[[], datetime] = lambda: AT,
    *,
    prefixes: tuple[str, ...] = ("H32",),
    **options: Any,
) -> Lookups:
    """A dossier desk over one source for Khánh Hòa's codes."""
    return Lookups(
        sources=Desk([Route(source=source, prefixes=prefixes)], **options),
        store=store,
        seal=Seal([Seal.new_key()]),
        salt=SALT,
        clock=clock,
    )
