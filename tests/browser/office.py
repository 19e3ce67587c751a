"""A tiny office for the browser tests, and where their pictures go."""

from __future__ import annotations

import asyncio
from pathlib import Path

from handlers.conversation import Button, File, Incoming, Reply, Section, Shape

HERE = Path(__file__).parent
SHOTS = HERE / "shots"
OFFICE = "Trung tâm Phục vụ hành chính công phường Phan Rang"
QUESTION = "Câu hỏi của anh/chị"

PAPERS = Reply(
    lead="Đăng ký khai sinh – cần mang:",
    sections=(
        Section(
            lines=(
                (
                    "Giấy chứng sinh (bản chính). Không có thì giấy của người làm chứng, "
                    "hoặc giấy cam đoan."
                ),
                "Giấy tờ tùy thân của người đi khai – chỉ đưa xem.",
            ),
            shape=Shape.NUMBERED,
        ),
        Section(
            lines=("Cha mẹ đã đăng ký kết hôn thì không phải nộp giấy kết hôn nếu đã có dữ liệu.",)
        ),
        Section(
            lines=("Nộp sau 15 giờ thì ngày làm việc hôm sau mới có giấy.",), shape=Shape.WARNING
        ),
    ),
    buttons=(
        Button(label="Trường hợp của tôi khác", action="case:1"),
        Button(label="Các bước", action="steps"),
        Button(label="Nộp trên mạng", url="https://dichvucong.gov.vn"),
        Button(label="Đúng ý", action="rate:good:1", aside=True),
        Button(label="Chưa đúng", action="rate:bad:1", aside=True),
    ),
    source="QĐ 163/QĐ-BTP · kiểm tra 15/07/2026 · cán bộ chưa xác nhận",
)
CHECKLIST = Reply(
    lead="Giấy tờ cho trường hợp của anh/chị (đã có 1/3):",
    sections=(
        Section(
            lines=("Giấy chứng sinh (bản chính)", "Tờ khai đăng ký khai sinh", "Căn cước"),
            shape=Shape.CHECKLIST,
            ticked=frozenset({0}),
        ),
    ),
    buttons=(
        Button(label="Đã có: Tờ khai", action="tick:1"),
        Button(label="Đã có: Căn cước", action="tick:2"),
    ),
    source="QĐ 163/QĐ-BTP",
)
STEPS = Reply(
    lead="Các bước:",
    sections=(
        Section(
            lines=tuple(f"Bước {step}: nộp hồ sơ rồi chờ kết quả." for step in range(1, 40)),
            shape=Shape.NUMBERED,
        ),
    ),
)
TALK = {"case:1": CHECKLIST, "steps": STEPS}


async def converse(incoming: Incoming) -> tuple[Reply, ...]:
    """A tiny office."""
    if incoming.text == "chậm":
        await asyncio.sleep(1)
    if incoming.attachment:
        return (Reply(lead=f"Nhận: {incoming.attachment}"),)
    if incoming.text == "gọi ai":
        return (Reply(lead="Gọi 0259 382 1234, căn cước 058123456789, mã 1.001193."),)
    if incoming.text == "mẫu":
        form = File(name="Mẫu CT01.pdf", title="Mẫu CT01")
        return (Reply(lead="Mẫu đơn, tờ khai:", files=(form,), source="QĐ 1"),)
    if incoming.text == "html":
        return (Reply(lead="<img src=x onerror=alert(1)>"),)
    return (TALK.get(incoming.action or "", PAPERS),)
