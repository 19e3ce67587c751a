"""How a reply looks on each channel, made by the channels' own layouts and never sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.channels import zalo_bot, zalo_oa_render
from bot.channels.telegram_preview import drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from handlers.conversation import Reply

NOBODY = "0"
"""Stands for the citizen."""


@dataclass(frozen=True, kw_only=True)
class Bubble:
    """One message: its text (safe HTML when ``html``), rows of buttons below, a file's title."""

    text: str = ""
    html: bool = False
    rows: tuple[tuple[str, ...], ...] = ()
    file: str = ""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a citizen gets on one channel; ``note`` says how one answers there."""

    channel: str
    name: str
    note: str
    bubbles: tuple[Bubble, ...] = field(default=())


def previews(
    replies: Sequence[Reply], form_address: Callable[[str], str | None]
) -> tuple[Preview, ...]:
    """The replies on the channels whose layout differs from the web page's."""
    telegram = tuple(
        Bubble(text=text, html=True, rows=rows, file=file)
        for text, rows, file in drawn(tuple(replies))
    )
    return (
        Preview(
            channel="telegram",
            name="Telegram",
            note="Nút nằm dưới tin, bấm để chọn.",
            bubbles=telegram,
        ),
        Preview(
            channel="zalo_oa",
            name="Zalo OA",
            note="Nhiều nhất 5 nút một tin; còn lại thành dòng đánh số.",
            bubbles=tuple(
                _zalo_oa(each.call, each.body) for each in zalo_oa_render.say(NOBODY, replies)
            ),
        ),
        Preview(
            channel="zalo_bot",
            name="Zalo Bot",
            note="Không có nút: người dân gõ số.",
            bubbles=tuple(
                Bubble(text=text) for text in zalo_bot.texts(tuple(replies), form_address)
            ),
        ),
    )


def _zalo_oa(call: str, body: dict[str, Any]) -> Bubble:
    if call == zalo_oa_render.FILE:
        return Bubble(file=body["title"])
    if call == zalo_oa_render.FORM:
        return Bubble(text=zalo_oa_render.ASK_SUBTITLE, rows=((zalo_oa_render.ASK_TITLE,),))
    attached = body.get("attachment", {}).get("payload", {}).get("buttons", [])
    # The app puts each button on a line of its own.
    return Bubble(text=body["text"], rows=tuple((each["title"],) for each in attached))
