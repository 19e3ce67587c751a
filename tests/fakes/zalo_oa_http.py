"""The routes of Zalo's OA interface and of template messages over the state of the fake."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fakes import Bubble, Trouble
from tests.fakes.zalo_oa_rules import Refused, check_message, check_template, check_upload

if TYPE_CHECKING:
    from tests.fakes.zalo_oa import FakeZaloOa

UPLOADS_LIVE = timedelta(days=7)
Data = dict[str, Any]

_ERRORS = {
    Trouble.BUSY: Refused(-32, "Your OA reached limit call api"),
    Trouble.LEFT: Refused(-213, "User has not followed OA"),
    Trouble.CLOSED: Refused(-230, "User has not interacted with the OA in the past 7 days"),
    Trouble.WRONG: Refused(-201, "message.text is invalid!"),
    Trouble.TOKEN: Refused(-216, "Access token is invalid"),
}


class Interface:
    """Everything a program can call."""

    def __init__(self, zalo: FakeZaloOa) -> None:
        self._zalo = zalo
        self._uploads: dict[str, tuple[str, Any]] = {}
        self._tracked: dict[str, Data] = {}

    def add_routes(self, app: web.Application) -> None:
        """The three services under one address: ``/``, ``/business``, ``/oauth``."""
        router = app.router
        router.add_post("/v3.0/oa/message/cs", self._guarded(self.say))
        router.add_post("/v3.0/oa/message/template", self._guarded(self.template_by_id))
        router.add_post("/v2.0/oa/message", self._guarded(self.old_message))
        router.add_post("/v2.0/oa/upload/{kind}", self._guarded(self.upload))
        router.add_get("/v2.0/oa/getoa", self._guarded(self.account))
        router.add_get("/v3.0/oa/user/detail", self._guarded(self.detail))
        router.add_get("/v3.0/oa/user/getlist", self._guarded(self.people))
        router.add_post("/v3.0/oa/quota/message", self._guarded(self.quota))
        router.add_post("/business/message/template", self._guarded(self.template_by_phone))
        router.add_get("/business/message/quota", self._guarded(self.template_quota))
        router.add_post("/oauth/v4/oa/access_token", self._zalo.oauth.exchange)
        router.add_get("/photo/{name}", self.photo)

    def _guarded(
        self, handler: Callable[[web.Request], Awaitable[Data]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Errors with HTTP 200, after the token was looked at."""

        async def handle(request: web.Request) -> web.StreamResponse:
            self._zalo.calls += 1
            try:
                self._check_token(request)
                data = await handler(request)
            except Refused as error:
                if error.code in {-216, -220} and request.path.startswith("/business"):
                    error = Refused(-124, "Access token is invalid")
                return web.json_response({"error": error.code, "message": error.message})
            return web.json_response({"data": data, "error": 0, "message": "Success"})

        return handle

    def _check_token(self, request: web.Request) -> None:
        token = request.headers.get("access_token", "")
        if code := self._zalo.oauth.judge(token):
            raise Refused(code, "Access token is invalid" if code == -216 else "expired or removed")
        if proof := request.headers.get("appsecret_proof"):
            key = self._zalo.app_secret.encode()
            if proof != hmac.new(key, token.encode(), hashlib.sha256).hexdigest():
                raise Refused(-242, "appsecret_proof is invalid")

    async def say(self, request: web.Request) -> Data:
        """A reply of the office."""
        body = await _json(request)
        await self._meet_trouble()
        contact = str(body.get("recipient", {}).get("user_id", ""))
        person = self._zalo.people.get(contact)
        if person is None:
            raise Refused(-201, "user_id is invalid!")
        message = body.get("message")
        check_message(message)
        file = self._file(message)
        quota = person.take(self._zalo.clock())
        bubble = self._show(contact, message, file)
        self._zalo.echo(contact, bubble)
        return {
            "message_id": bubble.id,
            "user_id": contact,
            "sent_time": self._zalo.timestamp(),
            "quota": {**quota, "owner_type": "OA", "owner_id": self._zalo.oa_id},
        }

    async def old_message(self, request: web.Request) -> Data:
        """What is left of v2: visitors of a website, and reactions."""
        body = await _json(request)
        whom = body.get("recipient", {})
        if "sender_action" in body:
            return {"message_id": secrets.token_hex(10)}
        if not (whom.get("anonymous_id") and whom.get("conversation_id")):
            raise Refused(-240, "MessageV2 API has been shut down, please switch to MessageV3")
        await self._meet_trouble()
        check_message(body.get("message"))
        contact = f"anonymous:{whom['anonymous_id']}:{whom['conversation_id']}"
        return {"message_id": self._show(contact, body["message"], None).id}

    async def _meet_trouble(self) -> None:
        zalo = self._zalo
        if not zalo.waiting_troubles:
            zalo.oauth.refuse = False
            return
        match trouble := zalo.waiting_troubles.popleft():
            case Trouble.DOWN:
                page = "<html><h1>502 Bad Gateway</h1></html>"
                raise web.HTTPBadGateway(text=page, content_type="text/html")
            case Trouble.SILENT:
                await zalo.closing.wait()
                raise web.HTTPServiceUnavailable
            case Trouble.TOKEN:
                zalo.oauth.refuse = True
        raise _ERRORS[trouble]

    def _file(self, message: Data) -> str | None:
        attachment = message.get("attachment", {})
        if attachment.get("type") != "file":
            return None
        name, at = self._uploads.get(attachment["payload"]["token"], ("", None))
        if not name:
            raise Refused(-201, "token is invalid!")
        if self._zalo.clock() - at > UPLOADS_LIVE:
            raise Refused(-100, "Attachment is expired")
        return name

    def _show(self, contact: str, message: Data, file: str | None) -> Bubble:
        payload = message.get("attachment", {}).get("payload", {})
        bubble = Bubble(
            contact=contact,
            id=secrets.token_hex(10),
            text=message.get("text", ""),
            buttons=tuple(button["title"] for button in payload.get("buttons", ())),
            file=file,
            raw=message,
        )
        self._zalo.bubbles.append(bubble)
        return bubble

    async def upload(self, request: web.Request) -> Data:
        """A multipart field called «file»."""
        kind = request.match_info["kind"]
        if kind not in {"file", "image", "gif"} or request.content_type != "multipart/form-data":
            raise Refused(-201, "file is invalid!")
        field = (await request.post()).get("file")
        if not isinstance(field, web.FileField):
            raise Refused(-201, "file is invalid!")
        check_upload(kind, field.filename, field.file.read())
        token = secrets.token_urlsafe(24)
        self._uploads[token] = (field.filename, self._zalo.clock())
        return {"token" if kind == "file" else "attachment_id": token}

    @property
    def uploads(self) -> int:
        """How many files were uploaded."""
        return len(self._uploads)

    async def account(self, request: web.Request) -> Data:
        """The OA itself."""
        return {
            "oaid": self._zalo.oa_id,
            "name": "UBND phường Thử Nghiệm",
            "is_verified": True,
            "oa_type": 4,
            "package_name": "Nâng cao",
        }

    async def detail(self, request: web.Request) -> Data:
        """A citizen's profile, asked for with one parameter of JSON."""
        contact = str(_query(request).get("user_id", ""))
        person = self._zalo.people.get(contact)
        if person is None:
            raise Refused(-201, "user_id is invalid!")
        return {
            "user_id": contact,
            "display_name": "Người dân",
            "user_is_follower": person.follows,
            "is_sensitive": False,
            "shared_info": {"address": "", "city": "", "district": "", "phone": 0, "name": ""},
        }

    async def people(self, request: web.Request) -> Data:
        """Everybody the OA knows."""
        asked = _query(request)
        if int(asked.get("offset", 0)) > 9951 or not 1 <= int(asked.get("count", 0)) <= 50:
            raise Refused(-210, "offset or count exceeds the limit")
        users = [{"user_id": contact} for contact in self._zalo.people]
        return {"total": len(users), "count": len(users), "offset": 0, "users": users}

    async def quota(self, request: web.Request) -> Data:
        """How many replies one citizen may still get."""
        person = self._zalo.people.get(str((await _json(request)).get("user_id", "")))
        if person is None:
            raise Refused(-201, "user_id is invalid!")
        return {"cs_reply": {"remain": person.left, "total": 8}}

    async def template_by_id(self, request: web.Request) -> Data:
        """A template to a citizen of the chat; it has no tracking name."""
        body = await _json(request)
        contact = str(body.get("user_id", ""))
        person = self._zalo.people.get(contact)
        if person is None:
            raise Refused(-201, "user_id is invalid!")
        if "tracking_id" in body:
            raise Refused(-201, "tracking_id is invalid!")
        check_template(self._zalo.templates.get(body.get("template_id", "")), body["template_data"])
        if person.refuses_templates:
            raise Refused(-139, "User refused to receive this type of message")
        return {"message_id": self._post(f"template:{contact}", body).id}

    async def template_by_phone(self, request: web.Request) -> Data:
        """A template to a telephone number; one tracking name is sent once."""
        zalo = self._zalo
        body = await _json(request)
        phone = str(body.get("phone", "")).removeprefix("+")
        if not (phone.isdigit() and phone.startswith("84") and len(phone) == 11):
            raise Refused(-108, "Phone number is invalid")
        tracking = str(body.get("tracking_id", ""))
        if not tracking or len(tracking) > 48:
            raise Refused(-1123, "tracking_id is invalid")
        if tracking in self._tracked:
            return self._tracked[tracking]
        check_template(zalo.templates.get(body.get("template_id", "")), body.get("template_data"))
        if not 6 <= zalo.local_hour() < 22:
            raise Refused(-133, "This type of message is not allowed to send at night")
        if code := zalo.phones.get(phone, -118):
            raise Refused(code, "User cannot receive")
        if zalo.template_quota <= 0:
            raise Refused(-144, "OA exceeds daily limit")
        zalo.template_quota -= 1
        bubble = self._post(f"phone:{phone}", body)
        zalo.report_delivery(phone, bubble.id, tracking)
        self._tracked[tracking] = {
            "msg_id": bubble.id,
            "sent_time": zalo.timestamp(),
            "sending_mode": "1",
            "quota": {"dailyQuota": "500", "remainingQuota": str(zalo.template_quota)},
        }
        return self._tracked[tracking]

    def _post(self, contact: str, body: Data) -> Bubble:
        text = "\n".join(f"{name}: {value}" for name, value in body["template_data"].items())
        bubble = Bubble(contact=contact, id=secrets.token_hex(10), text=text, raw=body)
        self._zalo.bubbles.append(bubble)
        return bubble

    async def template_quota(self, request: web.Request) -> Data:
        """What the day still allows."""
        return {"dailyQuota": "500", "remainingQuota": str(self._zalo.template_quota)}

    async def photo(self, request: web.Request) -> web.StreamResponse:
        """A picture a citizen sent; whoever brings a token along has leaked it."""
        assert "access_token" not in request.headers
        found = self._zalo.pictures.get(request.match_info["name"])
        if isinstance(found, str):
            raise web.HTTPFound(found)
        return web.Response(body=found, content_type="image/jpeg", status=200 if found else 404)


async def _json(request: web.Request) -> Data:
    if request.content_type != "application/json":
        raise Refused(-201, "Content-Type is invalid!")
    body = await request.json()
    if not isinstance(body, dict):
        raise Refused(-201, "body is invalid!")
    return body


def _query(request: web.Request) -> Data:
    try:
        asked = json.loads(request.query["data"])
    except (KeyError, ValueError):
        raise Refused(-201, "data is invalid!") from None
    return dict(asked)
