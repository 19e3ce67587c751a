"""How a reply looks in Telegram, for pages that show it without sending it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.channels.telegram_layout import calls
from bot.channels.telegram_reading import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handlers.conversation import Reply

Rows = tuple[tuple[str, ...], ...]


def drawn(replies: tuple[Reply, ...]) -> Iterator[tuple[str, Rows, str]]:
    """For each message its HTML (escaped, with Telegram's few tags), rows of buttons, its file."""
    for call in calls(Place(contact="0"), replies):
        if call.call == "sendDocument":
            yield "", (), call.body.get("caption", call.body["form"])
            continue
        markup = call.body.get("reply_markup", {})
        keys = markup.get("inline_keyboard") or markup.get("keyboard") or []
        yield call.body["text"], tuple(tuple(key["text"] for key in row) for row in keys), ""
