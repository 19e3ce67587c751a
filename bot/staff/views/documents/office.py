"""The office: names, place, hours, links and wards, with the replies that speak of them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot import documents
from bot.staff.views.documents.part import (
    Field,
    Part,
    Piece,
    Preview,
    Said,
    Typed,
    Wrong,
    listed,
    spread,
)
from handlers.conversation import Contact, Incoming, Memory
from handlers.dispatch import converse
from knowledge.model import PROCEDURE_CODE
from knowledge.offices import Hours, Office, Ward
from knowledge.text import words

if TYPE_CHECKING:
    from bot.documents import Body
    from bot.staff.exchange import Exchange
    from handlers.conversation import Reply
    from handlers.services import Services

KEY = "office"
STRETCHES = 3
EARLIEST, LATEST = time(5), time(22)
"""Opening hours outside of these are a typing error."""
MOST_REPLY_HOURS = 80
ASKED = ("mấy giờ làm việc", "văn phòng ở đâu", "bạn là ai", "phường cũ")
_CLOCK = re.compile(r"([0-9]{1,2})(?: ?(?::|\.|h|g|giờ) ?([0-9]{2})?)?")
"""«07:30», «7h30», «7 giờ 30», «7»."""
_PHONE = re.compile(r"\+?[\d .()/-]{3,40}")


def _times() -> tuple[Field, ...]:
    names = ("Buổi thứ nhất", "Buổi thứ hai", "Buổi thứ ba")
    return tuple(
        Field(name=f"{end}{number}", label=f"{names[number - 1]} {word}", half=True, most=10)
        for number in range(1, STRETCHES + 1)
        for end, word in (("from", "từ"), ("to", "đến"))
    )


class OfficePart(Part[Office]):
    """The office as one form."""

    document = documents.OFFICE
    path = "office"
    title = "Văn phòng và giờ làm việc"
    one = "văn phòng"
    intro = "Tên, địa chỉ, điện thoại, giờ mở cửa và các phường cũ mà bot nói với người dân."
    only = KEY
    grows = False
    fields = (
        Field(name="name", label="Tên đầy đủ", needed=True),
        Field(
            name="short_name", label="Tên gọi ngắn", hint="Bot tự xưng bằng tên này.", needed=True
        ),
        Field(name="province", label="Tỉnh, thành phố", needed=True),
        Field(name="address", label="Địa chỉ", hint="Để trống thì bot nói là chưa biết."),
        Field(name="phone", label="Điện thoại", hint="Để trống thì bot không đưa số nào."),
        *_times(),
        Field(
            name="hours_confirmed",
            label="Giờ làm việc đã được văn phòng xác nhận",
            hint="Chưa xác nhận thì bot nói thêm điều đó.",
            kind="tick",
        ),
        Field(
            name="reply_hours",
            label="Hứa trả lời câu hỏi gửi cán bộ trong mấy giờ làm việc",
            hint="Từ 1 đến 80. Để trống thì bot không hứa.",
            most=2,
        ),
        Field(name="portal", label="Địa chỉ cổng dịch vụ công", needed=True),
        Field(name="complaints", label="Địa chỉ nhận phản ánh, kiến nghị", needed=True),
        Field(
            name="wards",
            label="Phường, xã và các tên cũ",
            hint="Mỗi dòng một phường: «phường Phan Rang: phường Kinh Dinh, phường Phủ Hà».",
            kind="lines",
        ),
        Field(
            name="frequent",
            label="Thủ tục hay hỏi nhất",
            hint="Mỗi dòng một mã, hay hỏi nhất đứng trước.",
            kind="lines",
        ),
    )

    def load(self, body: Body | None) -> Office:
        return documents.read_office(body)

    def dump(self, model: Office) -> Body:
        return documents.dump_office(model)

    def pieces(self, model: Office) -> list[Piece]:
        return [Piece(key=KEY, title=model.name)]

    def find(self, model: Office, key: str) -> Typed | None:
        if key != KEY:
            return None
        typed = self.blank()
        typed |= {
            name: getattr(model, name) or ""
            for name in ("name", "short_name", "province", "address", "phone", "portal")
        }
        typed |= {
            "complaints": model.complaints,
            "reply_hours": str(model.reply_hours or ""),
            "hours_confirmed": "yes" if model.hours_confirmed else "",
            "wards": spread(_ward(each) for each in model.wards),
            "frequent": spread(model.frequent),
        }
        for number, each in enumerate(model.hours[:STRETCHES], 1):
            typed[f"from{number}"] = f"{each.start:%H:%M}"
            typed[f"to{number}"] = f"{each.end:%H:%M}"
        return typed

    def put(self, model: Office, key: str, typed: Typed) -> tuple[Office, str]:
        del key
        faults: dict[str, str] = {}
        hours = _hours(typed, faults)
        wards = _wards(typed["wards"], faults)
        for name in ("portal", "complaints"):
            if not _is_address(typed[name]):
                faults[name] = "Cần địa chỉ trang web đầy đủ, bắt đầu bằng https://."
        if typed["phone"] and not _PHONE.fullmatch(typed["phone"]):
            faults["phone"] = "Số điện thoại chỉ gồm chữ số, dấu cách, chấm, gạch."
        promised = typed["reply_hours"]
        if promised and not (
            promised.isascii() and promised.isdecimal() and 1 <= int(promised) <= MOST_REPLY_HOURS
        ):
            faults["reply_hours"] = f"Ghi một số từ 1 đến {MOST_REPLY_HOURS}."
        codes = listed(typed["frequent"])
        if bad := [each for each in codes if not PROCEDURE_CODE.fullmatch(each)]:
            faults["frequent"] = f"Không phải mã thủ tục: {', '.join(bad)}."
        if faults:
            raise Wrong(faults)
        return model.model_copy(
            update={
                **{name: typed[name] for name in ("name", "short_name", "province")},
                **{name: typed[name] for name in ("portal", "complaints")},
                "address": typed["address"] or None,
                "phone": typed["phone"] or None,
                "hours": hours,
                "reply_hours": int(promised) if promised else None,
                "hours_confirmed": bool(typed["hours_confirmed"]),
                "wards": wards,
                "frequent": codes,
            }
        ), KEY

    async def preview(self, exchange: Exchange, before: Office, after: Office, key: str) -> Preview:
        del key
        services = exchange.site.desk.services
        preview = Preview()
        days = {"overrides": services.office.overrides}
        old = replace(services, office=before.model_copy(update=days))
        new = replace(services, office=after.model_copy(update=days))
        for text in ASKED:
            was, now = await _asked(text, old, exchange), await _asked(text, new, exchange)
            if was != now:
                preview.replies.append(Said(asked=text, before=was, after=now))
        added = [code for code in after.frequent if code not in before.frequent]
        if unknown := [code for code in added if services.procedure(code) is None]:
            preview.warnings.append(f"Kho chưa có thủ tục {', '.join(unknown)}.")
        if not after.hours:
            preview.warnings.append("Không có giờ nào: bot sẽ nói văn phòng luôn đóng cửa.")
        return preview


async def _asked(text: str, services: Services, exchange: Exchange) -> Reply | None:
    asking = Contact(channel="web", id="preview")
    incoming = Incoming(contact=asking, received_at=exchange.now, text=text)
    answers = await converse(incoming, Memory(), services)
    return answers[0].replies[0] if answers and answers[0].replies else None


def _ward(ward: Ward) -> str:
    return f"{ward.name}: {', '.join(ward.was)}" if ward.was else ward.name


def _wards(text: str, faults: dict[str, str]) -> tuple[Ward, ...]:
    wards = []
    for line in listed(text):
        name, _, was = line.partition(":")
        if not words(name):
            faults["wards"] = f"Dòng này thiếu tên phường: «{line[:60]}»."
            continue
        old = tuple(part.strip() for part in was.split(",") if part.strip())
        wards.append(Ward(name=name.strip(), was=old))
    names = [each.name for each in wards]
    if twice := {name for name in names if names.count(name) > 1}:
        faults["wards"] = f"Ghi hai lần: {', '.join(sorted(twice))}."
    return tuple(wards)


def _hours(typed: Typed, faults: dict[str, str]) -> tuple[Hours, ...]:
    found: list[Hours] = []
    for number in range(1, STRETCHES + 1):
        first, last = f"from{number}", f"to{number}"
        ends = [_time(typed[name], name, faults) for name in (first, last)]
        if not typed[first] and not typed[last]:
            continue
        if not typed[first] or not typed[last]:
            faults[last if typed[first] else first] = "Ghi đủ cả giờ mở và giờ đóng."
            continue
        start, end = ends
        if start is None or end is None:
            continue
        if end <= start:
            faults[last] = "Giờ đóng phải sau giờ mở."
        elif start < EARLIEST or end > LATEST:
            faults[first if start < EARLIEST else last] = "Giờ làm việc nằm trong 5 giờ – 22 giờ."
        elif found and start < found[-1].end:
            faults[first] = "Buổi này chồng lên buổi trước."
        else:
            found.append(Hours(start=start, end=end))
    return tuple(found)


def _time(text: str, name: str, faults: dict[str, str]) -> time | None:
    if not text:
        return None
    found = _CLOCK.fullmatch(text.lower())
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        faults[name] = "Giờ ghi như 07:30."
        return None
    return time(int(found[1]), int(found[2] or 0))


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("https", "http") and "." in (parts.hostname or "")
    except ValueError:
        return False
