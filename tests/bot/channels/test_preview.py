"""A preview shows what each channel's own layout makes of a reply."""

from __future__ import annotations

from bot.channels.preview import previews
from handlers.conversation import Button, File, Reply

REPLY = Reply(
    lead="Anh/chị cần gì <b>?",
    buttons=tuple(Button(label=f"Việc {n}", action=f"a:{n}") for n in range(1, 8)),
    files=(File(name="to-khai.docx", title="Tờ khai"),),
    source="QĐ 1",
)


def test_buttons_degrade_where_there_are_none() -> None:
    telegram, oa, bot = previews((REPLY,), lambda name: f"https://vd.vn/{name}")
    labels = [label for bubble in telegram.bubbles for row in bubble.rows for label in row]
    assert labels == [f"Việc {n}" for n in range(1, 8)]
    assert telegram.bubbles[0].html
    assert "&lt;b&gt;" in telegram.bubbles[0].text
    assert [row for bubble in oa.bubbles for row in bubble.rows] == [
        (f"Việc {n}",) for n in range(1, 6)
    ]
    assert "6) Việc 6" in oa.bubbles[0].text
    assert all(not bubble.rows for bubble in bot.bubbles)
    assert "7) Việc 7" in bot.bubbles[0].text
    assert "https://vd.vn/to-khai.docx" in bot.bubbles[0].text


def test_files_and_the_request_for_a_number() -> None:
    telegram, oa, _ = previews((REPLY, Reply(lead="Số?", asks_phone=True)), lambda _: None)
    assert [bubble.file for bubble in telegram.bubbles if bubble.file] == ["Tờ khai"]
    assert [bubble.file for bubble in oa.bubbles if bubble.file] == ["Tờ khai"]
    assert telegram.bubbles[-1].rows[0] == ("Gửi số điện thoại của tôi",)
    assert oa.bubbles[-1].rows == (("Chia sẻ số điện thoại",),)
