"""Zalo Official Account: signed webhook events in, free replies and template messages out."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from bot.channels import Outgoing, Rejected, Sent
from bot.channels import zalo_oa_events as events
from bot.channels import zalo_oa_render as rendering
from bot.channels import zalo_oa_templates as templates
from bot.channels import zalo_pictures as pictures
from bot.channels.zalo_errors import AttachmentExpired
from bot.channels.zalo_oa_api import PATIENCE, Urls, ZaloOaApi
from bot.channels.zalo_oa_check import check, instructions
from bot.channels.zalo_oauth import ZaloOauth
from bot.channels.zalo_signature import Signature, TimestampSource, refuse_stale
from handlers.conversation import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.channels import Event, Finding, Forms, Limits, Notice, Tokens
    from handlers.conversation import Incoming

UPLOADS = frozenset({"pdf", "doc", "docx", "csv"})
MOST_UPLOAD = 5 * 1024 * 1024
UPLOAD_KEPT = timedelta(days=6)
"""Zalo keeps an uploaded file seven days; 5,000 uploads a month are allowed."""

FORM_AT = "Mẫu «{title}», anh/chị tải tại đây:\n{address}"
FORM_AT_DESK = (
    "Em chưa gửi được mẫu «{title}» qua Zalo. Anh/chị nhận bản giấy tại bộ phận một cửa giúp em."
)

log = structlog.get_logger()


class ZaloOaChannel:
    """One Official Account; implements ``bot.channels.Channel``. It has no polling."""

    def __init__(
        self,
        *,
        app_id: str,
        app_secret: str,
        oa_secret: str,
        tokens: Tokens,
        forms: Forms,
        clock: Callable[[], datetime],
        signature_timestamp: TimestampSource = "either",
        urls: Urls | None = None,
        picture_hosts: tuple[str, ...] = pictures.HOSTS,
        form_picture: str = "",
        patience: float = PATIENCE,
    ) -> None:
        """``form_picture`` is the address of an image beside the request for a phone number."""
        self._app_id = app_id
        self._secrets = {"HMC_ZALO_APP_SECRET": app_secret, "HMC_ZALO_OA_SECRET": oa_secret}
        self._signature = Signature(app_id, oa_secret, signature_timestamp)
        self._forms = forms
        self._clock = clock
        self._picture_hosts = picture_hosts
        self._form_picture = form_picture
        self._uploaded: dict[str, tuple[str, datetime]] = {}
        urls = urls or Urls()
        self.oauth = ZaloOauth(
            app_id=app_id, app_secret=app_secret, url=urls.oauth, tokens=tokens, clock=clock
        )
        self._api = ZaloOaApi(
            app_secret=app_secret, urls=urls, oauth=self.oauth, clock=clock, patience=patience
        )

    @property
    def name(self) -> str:
        """As in the database."""
        return events.NAME

    @property
    def limits(self) -> Limits:
        """2,000 characters, five buttons, eight messages within 48 hours."""
        return rendering.LIMITS

    def receive(self, headers: Mapping[str, str], body: bytes) -> tuple[Event, ...]:
        """The events of one request. Raises ``Forged`` or ``Malformed``.

        Unsigned is only the empty object that Zalo's console sends when the address is saved.
        """
        if body.strip() == b"{}":
            return ()
        refuse_stale(self._signature.verify(headers, body), self._clock())
        return events.events(body)

    def read(self, event: Event, *, at: datetime) -> Incoming | Notice:
        """What an event says."""
        return events.read(event, at=at)

    def render(self, event: Event, replies: tuple[Reply, ...]) -> tuple[Outgoing, ...]:
        """The calls that say some replies to an event."""
        return self.address(event.contact, replies)

    def address(self, contact: str, replies: tuple[Reply, ...]) -> tuple[Outgoing, ...]:
        """The calls that say something to a contact of the chat."""
        return rendering.say(contact, replies, picture=self._form_picture)

    async def working(self, event: Event) -> None:
        """Zalo shows no such thing."""

    async def send(self, outgoing: Outgoing) -> Sent:
        """Make one call."""
        match outgoing.call:
            case rendering.MESSAGE:
                return await self._say(outgoing.contact, outgoing.body)
            case rendering.ANONYMOUS_MESSAGE:
                return await self._say(outgoing.contact, outgoing.body, "/v2.0/oa/message")
            case rendering.FORM:
                return await self._ask(outgoing)
            case rendering.FILE:
                return await self._hand_out(outgoing.contact, **outgoing.body)
            case templates.CALL:
                return await self._send_template(outgoing)
        raise Rejected(f"no call {outgoing.call}")

    async def picture(self, event: Event) -> bytes | None:
        """The picture an event carries, from Zalo's hosts only."""
        address = events.picture_address(event)
        if address is None:
            return None
        return await pictures.fetch(self._api.session, address, hosts=self._picture_hosts)

    async def check(self) -> tuple[Finding, ...]:
        """Secrets, tokens, the OA itself, and what template messages the day still allows."""
        return await check(self._api, self.oauth, self._secrets, self._clock())

    async def register(self, url: str) -> tuple[Finding, ...]:
        """What a person must enter in Zalo's console, which has no interface for it."""
        return instructions(self._app_id, url)

    async def open(self) -> None:
        """Take connections."""
        await self._api.open()

    async def close(self) -> None:
        """Give them back."""
        await self._api.close()

    async def _say(
        self, contact: str, message: dict[str, Any], path: str = "/v3.0/oa/message/cs"
    ) -> Sent:
        body = {"recipient": rendering.recipient(contact), "message": message}
        data = await self._api.post(path, body)
        quota = data.get("quota")
        # Other kinds of quota count the messages of the whole office.
        remain = (
            quota.get("remain")
            if isinstance(quota, dict) and quota.get("quota_type", "reply") == "reply"
            else None
        )
        return Sent(id=str(data.get("message_id") or ""), remaining=_count(remain))

    async def _ask(self, outgoing: Outgoing) -> Sent:
        """The form for a telephone number; without it the words before it still stand."""
        try:
            return await self._say(outgoing.contact, outgoing.body)
        except Rejected as error:
            # Maybe Zalo wants a picture in it: no reason to apologise to the citizen.
            log.error("zalo_form_refused", error=str(error))
            return Sent()

    async def _hand_out(self, contact: str, name: str, title: str) -> Sent:
        """A blank form as a file; as an address where Zalo does not take it as one."""
        content = None
        if not contact.startswith(events.ANONYMOUS):
            content = await asyncio.to_thread(self._uploadable, name)
        if content:
            try:
                return await self._send_file(contact, name, content)
            except Rejected as error:
                log.error("form_refused", form=name, error=str(error))
        address = self._forms.address(name)
        shape = FORM_AT if address else FORM_AT_DESK
        text = shape.format(title=title, address=address)
        [plain] = self.address(contact, (Reply(lead=text),))
        return await self.send(plain)

    def _uploadable(self, name: str) -> bytes | None:
        if name.rpartition(".")[2].lower() not in UPLOADS:
            return None
        try:
            content = self._forms.read(name)
        except KeyError:
            log.error("form_missing", form=name)
            return None
        return content if 0 < len(content) <= MOST_UPLOAD else None

    async def _send_file(self, contact: str, name: str, content: bytes) -> Sent:
        key = f"{name}:{hashlib.sha256(content).hexdigest()}"
        if message := self._kept_file(key):
            try:
                return await self._say(contact, message)
            except (AttachmentExpired, Rejected) as error:
                log.info("upload_forgotten", form=name, error=str(error))
        data = await self._api.upload("/v2.0/oa/upload/file", name, content)
        self._uploaded[key] = (str(data.get("token") or ""), self._clock() + UPLOAD_KEPT)
        return await self._say(contact, self._kept_file(key))

    def _kept_file(self, key: str) -> dict[str, Any]:
        """The message that carries a file Zalo still has; empty when it must be uploaded."""
        token, until = self._uploaded.get(key, ("", self._clock()))
        if until <= self._clock():
            return {}
        return {"attachment": {"type": "file", "payload": {"token": token}}}

    async def _send_template(self, outgoing: Outgoing) -> Sent:
        phone = outgoing.contact.removeprefix(events.PHONE)
        by_phone = phone != outgoing.contact
        whom = {"phone": phone} if by_phone else rendering.recipient(outgoing.contact)
        data = await self._api.post_template({**whom, **outgoing.body}, by_phone=by_phone)
        # The quota told here is the office's of the day, not the citizen's.
        return Sent(id=str(data.get("msg_id") or data.get("message_id") or ""))


def _count(value: object) -> int | None:
    try:
        return max(int(str(value)), 0)
    except ValueError:
        return None
