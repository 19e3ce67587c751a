"""The Bot API through python-telegram-bot: calls made, failures told by what to do next."""

from __future__ import annotations

import logging
import os
import re
from typing import TYPE_CHECKING, Any, cast

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.ext import ExtBot

from bot.channels import ChannelError, Misconfigured, Rejected, TryLater, Unreachable
from bot.channels.telegram_request import AiohttpRequest

if TYPE_CHECKING:
    from datetime import timedelta

    from bot.channels import Forms

POLL_SECONDS = 25
"""How long Telegram holds a request for updates while there are none."""
BUSY_SECONDS = 2.0
"""Wait after a failure of the network or of Telegram itself; delivery doubles it."""

BAD_TOKEN = "Telegram does not take the token"  # noqa: S105 - says that it is wrong
_GONE = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "chat_write_forbidden",
    "not enough rights",
    "have no rights",
    "need administrator rights",
    "group chat was deactivated",
)
"""Refusals that mean the chat, not the message (seen in Telegram's answers, lower case)."""
_NOT_EDITABLE = (
    "message to edit not found",
    "message can't be edited",
    "no text in the message to edit",
    "message_id_invalid",
)
_UNCHANGED = "message is not modified"
_NO_TOPIC = ("message thread not found", "topic_deleted", "topic_closed")
_TOO_LARGE = "request entity too large"


class Client(ExtBot[None]):
    """The bot of one token. Errors are the library's own; :func:`failure` translates them."""

    def __init__(self, token: str, api_url: str, *, timeout: float) -> None:
        _quiet()
        api = api_url.rstrip("/")
        self._http = tuple(
            AiohttpRequest(
                api, size, read=timeout, connect=min(timeout, 5.0), write_media=max(timeout, 20.0)
            )
            for size in (64, 1)
        )
        super().__init__(
            token,
            base_url=f"{api}/bot",
            base_file_url=f"{api}/file/bot",
            request=self._http[0],
            get_updates_request=self._http[1],
        )

    async def start(self) -> None:
        """Take connections; unlike the library's own start this asks Telegram nothing."""
        for each in self._http:
            await each.initialize()

    async def stop(self) -> None:
        """Give the connections back."""
        for each in self._http:
            await each.shutdown()

    async def updates(self, offset: int | None, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
        """Updates as Telegram sent them.

        The library's ``get_updates`` fails for a whole batch when it cannot read one of it, asks
        for the same again for ever, and logs all of it.
        """
        # Telegram holds the request for so long, so an answer may be later by that.
        patience = (self._http[1].read_timeout or 0.0) + POLL_SECONDS
        found = await self._post(
            "getUpdates",
            {"offset": offset, "timeout": POLL_SECONDS, "allowed_updates": list(kinds)},
            read_timeout=patience,
        )
        return cast("list[dict[str, Any]]", found)

    async def make(self, call: str, body: dict[str, Any], forms: Forms) -> str:
        """Make one call of an outgoing message; the id of what stands in the chat now."""
        body = dict(body)
        while True:
            try:
                return await self._made(call, body, forms)
            except ChatMigrated as error:
                # A group that became a supergroup; its old id leads nowhere from now on.
                if body["chat_id"] == error.new_chat_id:
                    raise
                body["chat_id"] = error.new_chat_id
                body.pop("reply_parameters", None)
            except BadRequest as error:
                said = str(error).lower()
                if call == "editMessageText" and _UNCHANGED in said:
                    return str(body["message_id"])
                if call == "editMessageText" and any(each in said for each in _NOT_EDITABLE):
                    call = "sendMessage"
                elif "message_thread_id" in body and any(each in said for each in _NO_TOPIC):
                    del body["message_thread_id"]
                else:
                    raise

    async def _made(self, call: str, body: dict[str, Any], forms: Forms) -> str:
        match call:
            case "sendMessage":
                left_out = "message_id"
            case "editMessageText":
                left_out = "message_thread_id"
            case "sendDocument":
                return await self._handed_out(body, forms)
            case _:
                raise Rejected(f"no such call: {call}")
        # Past the library's own method of this name, which does nothing for a body that is
        # rendered, and takes the whole message apart that comes back.
        sent = await self._post(call, {key: body[key] for key in body if key != left_out})
        return str(sent["message_id"]) if isinstance(sent, dict) and "message_id" in sent else ""

    async def _handed_out(self, body: dict[str, Any], forms: Forms) -> str:
        rest = dict(body)
        name = rest.pop("form")
        sent = await self.send_document(
            chat_id=rest.pop("chat_id"),
            document=forms.read(name),
            filename=name.rpartition("/")[2],
            api_kwargs=rest,
        )
        return str(sent.message_id)


def failure(error: Exception, token: str) -> ChannelError:
    """What an error of the library means for whoever made the call.

    The token is in some of the library's messages, in any case of letters; it is in none of ours.
    """
    said = re.sub(re.escape(token), "…", str(error), flags=re.IGNORECASE)
    match error:
        case ChannelError():
            return error
        case RetryAfter():
            return TryLater(_seconds(error), "too many requests")
        case Forbidden():
            return Unreachable(said)
        case InvalidToken():
            return Misconfigured(BAD_TOKEN)
        case BadRequest():
            gone = any(each in said.lower() for each in _GONE)
            return Unreachable(said) if gone else Rejected(said)
        case Conflict():
            return TryLater(BUSY_SECONDS * 5, said)
        case TelegramError() if _TOO_LARGE in said.lower():
            return Rejected(said)
        case TelegramError():
            return TryLater(BUSY_SECONDS, said)
        case _:
            return Rejected(f"{type(error).__name__}: {said}")


def _seconds(error: RetryAfter) -> float:
    after: int | timedelta = error.retry_after
    return float(after) if isinstance(after, int | float) else after.total_seconds()


def _quiet() -> None:
    # httpx logs every address, and ours contain the token; the library logs what citizens say.
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # The library's own switch to its coming type of durations; without it every 429 warns.
    os.environ.setdefault("PTB_TIMEDELTA", "1")
