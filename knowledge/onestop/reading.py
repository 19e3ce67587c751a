"""Raw values of any source become a dossier; whatever cannot be read is missing, not guessed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from knowledge.onestop.model import Dossier, Event, FeeDue, PapersAsked, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from knowledge.onestop.mapping import EventFields, FeeFields, Fields, PaperFields, Reading

    Row = Callable[[str], Any]
    """Gives the raw value of a column, heading or path; ``None`` where there is none."""

SHORT, LONG = 200, 500
"""Characters kept of names and of notes; longer texts are no names but accidents."""
MOST_ROWS = 200
"""Rows of a history that are read; real dossiers have some twenty."""
TAIL = 4
"""Digits of a number on file that prove somebody's right."""
MOST_PIN = 64
YEARS = range(1990, 2100)
"""Years a dossier can have; 0001, 1900 and 9999 are how systems write «none»."""
_WRITTEN = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y")
_DIGITS = {14: "%Y%m%d%H%M%S", 12: "%Y%m%d%H%M", 8: "%Y%m%d"}
"""Moments without separators; by length, because strptime takes any number of digits."""
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9./_-]{3,63}")
_NO_MONEY = re.compile(r"(?:đồng|vnđ|vnd|đ|[\s.,])", re.IGNORECASE)
_EMPTY = frozenset(["", "0", "0.0", "false", "none", "null"])


class Reader:
    """Reads values by the rules of one mapping."""

    def __init__(self, rules: Reading) -> None:
        self._table = rules.table()
        self._dates = tuple(dict.fromkeys((*rules.dates, *_WRITTEN)))
        self._zone = ZoneInfo(rules.timezone)

    def dossier(self, row: Row, fields: Fields, *, source: str, as_of: datetime) -> Dossier | None:
        """The dossier of a row; ``None`` when the row holds no code."""
        code = code_of(row(fields.code))
        if code is None:
            return None
        status, raw = _first(row, fields.status), text(_first(row, fields.status_name))
        stage = self._table.stage(status, _first(row, fields.sub_status)) or self._table.stage(raw)
        identities, phones = _tails(row, fields.identity), _tails(row, fields.phone)
        return Dossier(
            code=code,
            source=source,
            as_of=as_of,
            stage=stage,
            raw_status=raw or text(status) or "",
            procedure_code=self._words(row, fields.procedure_code),
            procedure_name=self._words(row, fields.procedure_name),
            applicant=self._words(row, fields.applicant),
            identity_tail=next(iter(identities), None),
            phone_tail=next(iter(phones), None),
            pin=text(_first(row, fields.pin), MOST_PIN),
            other_tails=(*identities[1:], *phones[1:], *_tails(row, fields.other_identity)),
            office=self._words(row, fields.office),
            desk=self._words(row, fields.desk),
            handler=self._words(row, fields.handler),
            received_at=self._when(row, fields.received_at),
            due_at=self._when(row, fields.due_at),
            paused_since=self._when(row, fields.paused_since),
            finished_at=self._when(row, fields.finished_at),
            returned_at=self._when(row, fields.returned_at),
            updated_at=self._when(row, fields.updated_at),
            refusal=self._words(row, fields.refusal, LONG),
            collect_at=self._words(row, fields.collect_at, LONG),
            papers=self._asked(row, fields) if stage in (Stage.SUPPLEMENT, None) else (),
            fees=self._due(row, fields),
        )

    def _words(self, row: Row, names: tuple[str, ...], most: int = SHORT) -> str | None:
        return text(_first(row, names), most)

    def _when(self, row: Row, names: tuple[str, ...]) -> datetime | None:
        return self.moment(_first(row, names))

    def completed(
        self,
        dossier: Dossier,
        *,
        events: tuple[Event, ...] = (),
        papers: tuple[PapersAsked, ...] = (),
        fees: tuple[FeeDue, ...] = (),
    ) -> Dossier:
        """The dossier with what its lists say; requests told twice are told once.

        While the office waits and no column says since when, the latest open request does.
        """
        known = {each.what.casefold() for each in papers}
        own = [each for each in dossier.papers if each.what.casefold() not in known]
        asked_for = (*papers, *own)
        since = dossier.paused_since
        if since is None and dossier.stage is not None and dossier.stage.waits_for_citizen:
            opened = [each.asked_at for each in asked_for if each.asked_at and not each.done_at]
            entered = [each.at for each in events if each.at and each.stage is dossier.stage]
            since = max(opened or entered, default=None)
        return replace(
            dossier,
            papers=asked_for,
            fees=(*dossier.fees, *fees),
            timeline=(*dossier.timeline, *events),
            paused_since=since,
        )

    def _asked(self, row: Row, fields: Fields) -> tuple[PapersAsked, ...]:
        what = text(_first(row, fields.papers_what), LONG)
        if what is None:
            return ()
        return (
            PapersAsked(
                what=what,
                reason=text(_first(row, fields.papers_reason), LONG),
                asked_at=self._when(row, fields.papers_asked_at),
                deadline=self._when(row, fields.papers_deadline),
            ),
        )

    def _due(self, row: Row, fields: Fields) -> tuple[FeeDue, ...]:
        amount = money(_first(row, fields.fee_amount))
        name = text(_first(row, fields.fee_name))
        if not amount and name is None:
            return ()
        return (FeeDue(name=name or "Phí, lệ phí", amount=amount or None),)

    def events(self, rows: Iterable[Row], fields: EventFields) -> tuple[Event, ...]:
        """The history, oldest first; rows without a moment and a status are left out."""
        found = []
        for row in rows:
            status = _first(row, fields.status)
            event = Event(
                at=self._when(row, fields.at),
                stage=self._table.stage(status),
                raw=text(status) or "",
                by=text(_first(row, fields.by)),
                note=text(_first(row, fields.note), LONG),
            )
            if event.at or event.raw or event.note:
                found.append(event)
        return tuple(sorted(found, key=lambda each: each.at or datetime.min.replace(tzinfo=UTC)))

    def papers(self, rows: Iterable[Row], fields: PaperFields) -> tuple[PapersAsked, ...]:
        """Requests for papers; a row that names none is left out."""
        return tuple(
            PapersAsked(
                what=what,
                reason=text(_first(row, fields.reason), LONG),
                asked_at=self._when(row, fields.asked_at),
                deadline=self._when(row, fields.deadline),
                done_at=self._when(row, fields.done_at),
            )
            for row in rows
            if (what := text(_first(row, fields.what), LONG))
        )

    def fees(self, rows: Iterable[Row], fields: FeeFields) -> tuple[FeeDue, ...]:
        """Fees that are not paid yet."""
        return tuple(
            FeeDue(
                name=name,
                amount=money(_first(row, fields.amount)),
                deadline=self._when(row, fields.deadline),
            )
            for row in rows
            if (name := text(_first(row, fields.name)))
            and str(_first(row, fields.paid)).strip().casefold() in _EMPTY
        )

    def moment(self, value: Any) -> datetime | None:
        """A moment with a zone, of a database's type or written; ``None`` if it is none."""
        found = self._plain(value)
        if found is None or found.year not in YEARS:
            return None
        try:
            local = found if found.tzinfo else found.replace(tzinfo=self._zone)
            return local.astimezone(UTC)
        except (OverflowError, ValueError):
            return None

    def _plain(self, value: Any) -> datetime | None:
        if isinstance(value, datetime):
            return value
        if isinstance(value, date):
            return datetime.combine(value, time())
        if isinstance(value, int) and not isinstance(value, bool) and value > YEARS.start * 10**4:
            value = str(value)
        if not isinstance(value, str) or not 0 < len(value := value.strip()) <= 40:
            return None
        packed = _DIGITS.get(len(value)) if value.isdecimal() else None
        for form in (packed,) if packed else self._dates:
            try:
                return datetime.strptime(value, form)  # noqa: DTZ007 - the mapping knows the zone
            except ValueError:
                continue
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return None


def text(value: Any, most: int = SHORT) -> str | None:
    """One line of text without control signs; ``None`` for nothing and for what is no text."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    said = unicodedata.normalize("NFC", str(value)[: 4 * most])
    said = "".join(sign if unicodedata.category(sign)[0] != "C" else " " for sign in said)
    said = " ".join(said.split())
    return (said if len(said) <= most else said[: most - 1] + "…") or None


def asked(code: str) -> str | None:
    """What may be asked of a source as a code; ``None`` for what cannot be one."""
    found = code.strip()
    return found if _CODE.fullmatch(found) else None


def code_of(value: Any) -> str | None:
    """A dossier code as it is compared: capitals, no blanks around."""
    found = text(value, 64)
    return found.upper() if found else None


def tail(value: Any) -> str | None:
    """The last four digits of a number on file, which may come cut already; else ``None``."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    signs = re.sub(r"[^0-9A-Za-z]", "", unicodedata.normalize("NFKC", str(value)[:100]))
    found = signs[-TAIL:]
    return found if len(found) == TAIL and found.isdigit() else None


def money(value: Any) -> int | None:
    """Whole đồng, also «120.000 đồng»; ``None`` for what is no amount."""
    if isinstance(value, str):
        digits = _NO_MONEY.sub("", re.sub(r"[.,]00?$", "", value.strip()))
        value = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 13 else None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        amount = int(value)
    except (ValueError, OverflowError):
        return None
    return amount if 0 <= amount < 10**12 and amount == value else None


def _first(row: Row, names: tuple[str, ...]) -> Any:
    found = None
    for name in names:
        found = row(name)
        if found is not None and found != "":
            return found
    return found


def _tails(row: Row, names: tuple[str, ...]) -> list[str]:
    return [found for name in names if (found := tail(row(name)))]
