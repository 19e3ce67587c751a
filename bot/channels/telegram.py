"""Telegram as a channel: updates in, bubbles with keyboards out, through the Bot API."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from telegram.constants import ChatAction
from telegram.error import Conflict, InvalidToken, RetryAfter

from bot.channels import (
    MAX_PICTURE,
    Event,
    Finding,
    Forged,
    Limits,
    Malformed,
    Markup,
    Misconfigured,
    Sent,
    TryLater,
)
from bot.channels import telegram_setup as setup
from bot.channels.telegram_client import BAD_TOKEN, Client, failure
from bot.channels.telegram_html import MAX_TEXT
from bot.channels.telegram_layout import MAX_BUTTONS, MAX_LABEL, calls
from bot.channels.telegram_pace import Pacer, Rates
from bot.channels.telegram_reading import (
    ALLOWED_UPDATES,
    NAME,
    Place,
    Reader,
    chat_of,
    picture_id,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.channels import Forms, Notice, Outgoing
    from handlers.conversation import Incoming, Reply

log = structlog.get_logger()

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
PATIENCE = 2.0
"""Seconds a call waits for its turn here; longer, and it goes back into the outbox."""
TYPING_AFTER = (0.4, 4.5)
"""Seconds before «typing» is shown, and again: Telegram shows it for five. A quick answer needs
none, and it is not shown for ever because another process may have sent the answer."""
OPENING = 3.0
"""Seconds the start waits for Telegram: where it is blocked, the other channels must not wait."""
MOST_TYPING = 8
"""Chats where «typing» is shown at a time; under load it would cost more calls than the answers,
and make everybody wait."""
SLOWEST_RETRY = 60.0
EVERYBODY_REFUSED = 3
"""So many chats refused in a row mean that Telegram wants the whole bot to be slower."""

_TOKEN = re.compile(r"(\d{1,20}):[A-Za-z0-9_-]+")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_MOST_ID = 2**63


class TelegramChannel:
    """One bot. ``secret`` is what Telegram sends along with each update; ``office`` a short name.

    A 429 does not say whether one chat or the whole bot is meant. It pauses the chat it was for;
    the whole channel pauses when several chats in a row were refused.
    """

    name = NAME
    limits = Limits(
        max_text=MAX_TEXT,
        max_buttons=MAX_BUTTONS,
        supports_buttons=True,
        supports_url_buttons=True,
        max_label=MAX_LABEL,
        markup=Markup.HTML,
    )

    def __init__(
        self,
        *,
        token: str,
        api_url: str,
        secret: str,
        forms: Forms,
        office: str = "",
        timeout: float = 15.0,
        rates: Rates | None = None,
    ) -> None:
        shape = _TOKEN.fullmatch(token)
        if shape is None:
            raise ValueError("a Telegram token looks like 123456:ABC…")
        if not _SECRET.fullmatch(secret):
            raise ValueError("the webhook secret may have 1 to 256 of A-Z a-z 0-9 _ -")
        self._token = token
        self._secret = secret
        self._forms = forms
        self._office = office
        self._client = Client(token, api_url, timeout=timeout)
        self._pacer = Pacer(rates or Rates(), patience=PATIENCE)
        # The bot's own id is the first half of its token, so that is known without asking.
        self._reader = Reader(bot=int(shape[1]))
        self._identifying: asyncio.Task[None] | None = None
        self._working: dict[str, asyncio.Event] = {}
        self._refused: set[str] = set()
        self._offset: int | None = None
        self._webhook_deleted = False

    def receive(self, headers: Mapping[str, str], body: bytes) -> tuple[Event, ...]:
        """The one update of a webhook request."""
        sent = headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(sent, self._secret.encode()):
            raise Forged
        try:
            update = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Malformed("not JSON") from error
        event = _event(update)
        if event is None:
            raise Malformed("no update_id")
        return (event,) if event.contact else ()

    def read(self, event: Event, *, at: datetime) -> Incoming | Notice:
        """What an update says."""
        return self._reader.read(event, at)

    def render(self, event: Event, replies: tuple[Reply, ...]) -> tuple[Outgoing, ...]:
        """Bubbles in the chat of the event; in a group the first quotes the question."""
        return calls(self._reader.place(event), replies)

    def address(self, contact: str, replies: tuple[Reply, ...]) -> tuple[Outgoing, ...]:
        """Bubbles nobody asked for just now."""
        return calls(Place(contact=contact), replies)

    async def working(self, event: Event) -> None:
        """Stop the spinner on a pressed button; «typing» when the answer takes a while."""
        shown = len(self._working) < MOST_TYPING
        answered = asyncio.Event()
        if shown:
            # Before any waiting, or a quick answer would come unseen.
            answered = self._working.setdefault(event.contact, answered)
        try:
            # The raw id: taking the whole update apart once more costs more than the call.
            pressed = event.body.get("callback_query")
            if isinstance(pressed, dict) and isinstance(pressed.get("id"), str):
                with contextlib.suppress(Exception):
                    await self._client.answer_callback_query(pressed["id"])
            if not shown:
                return
            for wait in TYPING_AFTER:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await answered.wait()
                if answered.is_set():
                    return
                await self._client.send_chat_action(
                    int(event.contact),
                    ChatAction.TYPING,
                    message_thread_id=self._reader.place(event).topic,
                )
        except Exception as error:
            log.debug("typing_failed", error=type(error).__name__)
        finally:
            if self._working.get(event.contact) is answered:
                del self._working[event.contact]

    async def send(self, outgoing: Outgoing) -> Sent:
        """Make one call, in its turn."""
        contact = outgoing.contact
        if contact in self._working:
            self._working[contact].set()
        wait = self._pacer.wait(contact)
        if wait > PATIENCE:
            raise TryLater(wait, "its turn has not come")
        await asyncio.sleep(wait)
        try:
            sent = await self._client.make(outgoing.call, outgoing.body, self._forms)
        except RetryAfter as error:
            self._refused.add(contact)
            everyone = len(self._refused) >= EVERYBODY_REFUSED
            later = failure(error, self._token)
            assert isinstance(later, TryLater)
            raise TryLater(later.after, str(later), everyone=everyone) from None
        except Exception as error:
            # «from None»: the library's own words may contain the token.
            raise failure(error, self._token) from None
        self._refused.clear()
        return Sent(id=sent)

    async def fetch(self) -> tuple[Event, ...]:
        """Updates since the last call, which they acknowledge by being asked for after it."""
        try:
            updates = await self._client.updates(self._offset, ALLOWED_UPDATES)
        except Conflict as error:
            await self._give_up_webhook(error)
            return ()
        except Exception as error:
            raise failure(error, self._token) from None
        ids = [update["update_id"] for update in updates]
        if ids:
            self._offset = max(ids) + 1
        events = map(_event, updates)
        return tuple(event for event in events if event and event.contact)

    async def _give_up_webhook(self, error: Conflict) -> None:
        """Telegram is asked although it still sends to an address: that address goes, once."""
        if "webhook" not in str(error).lower():
            raise failure(error, self._token) from None
        if self._webhook_deleted:
            raise Misconfigured("somebody else sets a webhook for this bot")
        self._webhook_deleted = True
        log.warning("telegram_webhook_deleted", reason="polling")
        try:
            await self._client.delete_webhook()
        except Exception as failed:
            raise failure(failed, self._token) from None

    async def picture(self, event: Event) -> bytes | None:
        """The largest picture of the update that is small enough."""
        found = picture_id(event, MAX_PICTURE)
        if found is None:
            return None
        try:
            file = await self._client.get_file(found)
            if (file.file_size or 0) > MAX_PICTURE:
                return None
            data = bytes(await file.download_as_bytearray())
        except Exception as error:
            raise failure(error, self._token) from None
        return data if len(data) <= MAX_PICTURE else None

    async def check(self) -> tuple[Finding, ...]:
        """Token, webhook and privacy in groups."""
        me, found = await setup.identity(self._client, self._token)
        if me is None:
            return (found,)
        self._reader.username = me.username
        hook = await setup.webhook(self._client, self._token)
        return (found, *hook, *setup.privacy(me))

    async def register(self, url: str) -> tuple[Finding, ...]:
        """Webhook, menu and descriptions."""
        return await setup.register(
            self._client, self._token, url=url, secret=self._secret, office=self._office
        )

    async def open(self) -> None:
        """Take connections and learn the bot's name, now or when Telegram can be reached."""
        await self._client.start()
        known = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(OPENING):
                known = await self._identified()
        if not known:
            self._identifying = asyncio.create_task(self._identify(), name="telegram_identify")

    async def close(self) -> None:
        """Give connections back."""
        if self._identifying:
            self._identifying.cancel()
            await asyncio.gather(self._identifying, return_exceptions=True)
        await self._client.stop()

    async def _identify(self) -> None:
        wait = 1.0
        while not await self._identified():
            await asyncio.sleep(wait)
            wait = min(2 * wait, SLOWEST_RETRY)

    async def _identified(self) -> bool:
        """Ask for the bot's name, by which groups address it. True when there is no use asking."""
        try:
            me = await self._client.get_me()
        except InvalidToken:
            log.error("misconfigured", channel=NAME, error=BAD_TOKEN)
            return True
        except Exception as error:
            reason = failure(error, self._token)
            log.warning("telegram_not_reached", error=str(reason))
            return False
        self._reader.username = me.username
        return True


def _event(update: Any) -> Event | None:
    """An update as an event, without a contact when it is none that we read.

    ``None`` when it is no update. JSON may carry halves of surrogate pairs, which nothing behind
    takes.
    """
    number = update.get("update_id") if isinstance(update, dict) else None
    if type(number) is not int or not 0 <= number < _MOST_ID:
        return None
    chat = chat_of(update)
    if chat is None or abs(chat) >= _MOST_ID:
        return Event(id=str(number), contact="", body={})
    text = json.dumps(update, ensure_ascii=False).encode("utf-8", "replace")
    return Event(id=str(number), contact=str(chat), body=json.loads(text))
