"""The methods of the Bot API over HTTP: forms, multipart or JSON in, ``{"ok": …}`` out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fakes import Bubble, Trouble
from tests.fakes import telegram_rules as rules
from tests.fakes.telegram_rules import Refused, bad_request

if TYPE_CHECKING:
    from tests.fakes.telegram import FakeTelegram

Params = dict[str, Any]
MAX_UPLOAD = 50 * 1024 * 1024
MAX_DOWNLOAD = 20 * 1024 * 1024
BUBBLES = frozenset({"sendmessage", "editmessagetext", "senddocument"})


class BotApi:
    """Answers requests for one fake; method names are matched without case, as Telegram does."""

    def __init__(self, fake: FakeTelegram) -> None:
        self._fake = fake
        self._polling: asyncio.Event | None = None
        self._methods: dict[str, Callable[[Params], Awaitable[Any]]] = {
            "getme": self._get_me,
            "getupdates": self._get_updates,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._get_webhook_info,
            "sendmessage": self._send_message,
            "editmessagetext": self._edit_message_text,
            "senddocument": self._send_document,
            "sendchataction": self._send_chat_action,
            "answercallbackquery": self._answer_callback_query,
            "getfile": self._get_file,
            "setmycommands": self._set_my_commands,
            "getmycommands": self._get_my_commands,
            "setmydescription": self._set_my_description,
            "setmyshortdescription": self._set_my_short_description,
            "setchatmenubutton": self._set_chat_menu_button,
        }

    async def call(self, request: web.Request) -> web.StreamResponse:
        """``/bot<token>/<method>``."""
        fake = self._fake
        try:
            if request.match_info["token"] != fake.token:
                raise Refused(401, "Unauthorized")
            name = request.match_info["method"].lower()
            if name not in self._methods:
                raise Refused(404, "Not Found")
            params = await _params(request)
            fake.calls.append((name, params))
            if name in BUBBLES:
                await self._refuse(fake.next_trouble(), params)
            result = await self._methods[name](params)
        except Refused as refusal:
            answer = {
                "ok": False,
                "error_code": refusal.code,
                "description": refusal.description,
            }
            if refusal.parameters:
                answer["parameters"] = refusal.parameters
            return web.json_response(answer, status=refusal.code)
        return web.json_response({"ok": True, "result": result})

    async def file(self, request: web.Request) -> web.StreamResponse:
        """``/file/bot<token>/<path>``."""
        data = self._fake.files.get(request.match_info["path"].partition("/")[2].split(".")[0])
        if request.match_info["token"] != self._fake.token or data is None:
            return web.json_response({"ok": False, "error_code": 404}, status=404)
        return web.Response(body=data)

    async def _refuse(self, trouble: Trouble | None, params: Params) -> None:
        match trouble:
            case Trouble.BUSY:
                raise _too_many(self._fake.retry_after)
            case Trouble.DOWN:
                raise Refused(502, "Bad Gateway")
            case Trouble.SILENT:
                await asyncio.sleep(3600)
            case Trouble.LEFT:
                self._fake.blocked.add(int(params["chat_id"]))
            case Trouble.WRONG:
                raise bad_request(
                    'can\'t parse entities: Unsupported start tag "x" at byte offset 0'
                )
            case Trouble.TOKEN:
                raise Refused(401, "Unauthorized")
            case _:
                pass

    async def _get_me(self, _params: Params) -> Params:
        return {
            **self._fake.me,
            "can_join_groups": True,
            "can_read_all_group_messages": self._fake.reads_groups,
            "supports_inline_queries": False,
        }

    async def _get_updates(self, params: Params) -> list[Params]:
        fake = self._fake
        if fake.webhook:
            raise Refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if self._polling:
            self._polling.set()
        ended = self._polling = asyncio.Event()
        if "allowed_updates" in params:
            fake.allowed = rules.parsed(params["allowed_updates"], "allowed updates")
        offset = int(params.get("offset", 0))
        if offset > 0:
            fake.pending = [each for each in fake.pending if each["update_id"] >= offset]
        elif offset < 0:
            fake.pending = fake.pending[offset:]
        until = time.monotonic() + float(params.get("timeout", 0))
        while not fake.pending and time.monotonic() < until and not ended.is_set():
            await fake.changed(until - time.monotonic(), ended)
        if ended.is_set():
            raise Refused(
                409,
                "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
            )
        self._polling = None
        return fake.pending[: int(params.get("limit", 100))]

    async def _set_webhook(self, params: Params) -> bool:
        fake = self._fake
        if params.get("url"):
            rules.check_webhook(params)
        fake.webhook = str(params.get("url", ""))
        fake.webhook_secret = str(params.get("secret_token", ""))
        fake.max_connections = int(params.get("max_connections", 40))
        if "allowed_updates" in params:
            fake.allowed = rules.parsed(params["allowed_updates"], "allowed updates")
        _drop(fake, params)
        return True

    async def _delete_webhook(self, params: Params) -> bool:
        self._fake.webhook = ""
        _drop(self._fake, params)
        return True

    async def _get_webhook_info(self, _params: Params) -> Params:
        fake = self._fake
        info: Params = {
            "url": fake.webhook,
            "has_custom_certificate": False,
            "pending_update_count": len(fake.pending),
        }
        if fake.webhook:
            info |= {"max_connections": fake.max_connections}
        if fake.allowed:
            info |= {"allowed_updates": fake.allowed}
        if fake.last_error:
            info |= {
                "last_error_date": fake.last_error[0],
                "last_error_message": fake.last_error[1],
            }
        return info

    def _chat(self, params: Params, *, flood: bool = True) -> Params:
        """The chat of a call, when the bot may write there now."""
        fake = self._fake
        given = str(params.get("chat_id", ""))
        if not given:
            raise bad_request("chat_id is empty")
        number = int(given) if given.lstrip("-").isdecimal() else 0
        if number in fake.migrated:
            raise Refused(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=fake.migrated[number],
            )
        chat = fake.chats.get(number)
        if chat is None:
            raise bad_request("chat not found")
        if number in fake.blocked:
            raise Refused(
                403,
                "Forbidden: bot was blocked by the user"
                if number > 0
                else "Forbidden: bot was kicked from the supergroup chat",
            )
        if flood and (wait := fake.flood(number)):
            raise _too_many(wait)
        return chat

    async def _send_message(self, params: Params) -> Params:
        text, entities = rules.text_of(params, "text", rules.MAX_TEXT)
        chat = self._chat(params)
        markup = rules.markup_of(params, private=chat["type"] == "private")
        message = self._message(chat, params, text=text)
        if entities:
            message["entities"] = entities
        if markup and "inline_keyboard" in markup:
            message["reply_markup"] = markup
        self._fake.keep(message, markup, params)
        return message

    def _message(self, chat: Params, params: Params, **content: Any) -> Params:
        fake = self._fake
        message: Params = {
            "message_id": fake.next_message(),
            "from": fake.me,
            "chat": chat,
            "date": int(time.time()),
            **content,
        }
        topic = params.get("message_thread_id")
        if topic is not None:
            if int(topic) not in fake.topics:
                raise bad_request("message thread not found")
            message |= {"message_thread_id": int(topic), "is_topic_message": True}
        reply = rules.parsed(params.get("reply_parameters", {}), "reply parameters")
        if reply:
            if "message_id" not in reply:
                raise bad_request('can\'t find field "message_id"')
            found = fake.messages.get((chat["id"], int(reply["message_id"])))
            if found:
                message["reply_to_message"] = {
                    key: value for key, value in found.items() if key != "reply_to_message"
                }
            elif not reply.get("allow_sending_without_reply"):
                raise bad_request("message to be replied not found")
        return message

    async def _edit_message_text(self, params: Params) -> Params:
        fake = self._fake
        chat = self._chat(params)
        before = fake.messages.get((chat["id"], int(params["message_id"])))
        if before is None:
            raise bad_request("message to edit not found")
        if before["from"]["id"] != fake.me["id"]:
            raise bad_request("message can't be edited")
        if "text" not in before:
            raise bad_request("there is no text in the message to edit")
        text, entities = rules.text_of(params, "text", rules.MAX_TEXT)
        markup = rules.markup_of(params, private=chat["id"] > 0, inline_only=True)
        now = (text, entities, markup)
        if now == (before["text"], before.get("entities", []), before.get("reply_markup")):
            raise bad_request(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        message = {**before, "text": text, "entities": entities, "edit_date": int(time.time())}
        message.pop("reply_markup", None)
        if markup:
            message["reply_markup"] = markup
        fake.keep(message, markup, params, edits=True)
        return message

    async def _send_document(self, params: Params) -> Params:
        chat = self._chat(params)
        document = params.get("document")
        if not isinstance(document, web.FileField):
            raise bad_request("there is no document in the request")
        data = document.file.read()
        if not data:
            raise bad_request("file must be non-empty")
        if len(data) > MAX_UPLOAD:
            raise Refused(413, "Request Entity Too Large")
        caption, entities = rules.text_of(params, "caption", rules.MAX_CAPTION)
        markup = rules.markup_of(params, private=chat["type"] == "private")
        file = {
            "file_id": self._fake.store(data),
            "file_unique_id": f"u{len(self._fake.files)}",
            "file_name": document.filename,
            "mime_type": document.content_type,
            "file_size": len(data),
        }
        message = self._message(chat, params, document=file)
        if caption:
            message |= {"caption": caption, "caption_entities": entities}
        self._fake.keep(message, markup, params, file=document.filename)
        return message

    async def _send_chat_action(self, params: Params) -> bool:
        chat = self._chat(params, flood=False)
        if params.get("action") != "typing":
            raise bad_request("wrong parameter action in request")
        self._fake.actions.append(str(chat["id"]))
        return True

    async def _answer_callback_query(self, params: Params) -> bool:
        query = str(params.get("callback_query_id", ""))
        if query not in self._fake.queries:
            raise bad_request(
                "query is too old and response timeout expired or query ID is invalid"
            )
        self._fake.queries.discard(query)
        self._fake.answered.append(query)
        return True

    async def _get_file(self, params: Params) -> Params:
        name = str(params.get("file_id", ""))
        if name not in self._fake.files:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        size = len(self._fake.files[name])
        if size > MAX_DOWNLOAD:
            raise bad_request("file is too big")
        told = {"file_size": size} if self._fake.tells_size else {}
        path = f"photos/{name}.jpg"
        return {"file_id": name, "file_unique_id": f"u-{name}", "file_path": path, **told}

    async def _set_my_commands(self, params: Params) -> bool:
        commands = rules.check_commands(params)
        self._fake.commands[_scope(params)] = commands
        return True

    async def _get_my_commands(self, params: Params) -> list[dict[str, str]]:
        return self._fake.commands.get(_scope(params), [])

    async def _set_my_description(self, params: Params) -> bool:
        return self._describe("description", params, 512)

    async def _set_my_short_description(self, params: Params) -> bool:
        return self._describe("short_description", params, 120)

    def _describe(self, field: str, params: Params, most: int) -> bool:
        text = str(params.get(field, ""))
        if len(text) > most:
            raise bad_request(f"{field.replace('_', ' ')} is too long")
        self._fake.descriptions[field, str(params.get("language_code", ""))] = text
        return True

    async def _set_chat_menu_button(self, params: Params) -> bool:
        self._fake.menu_button = rules.parsed(params.get("menu_button", "{}"), "menu button")
        return True


async def _params(request: web.Request) -> Params:
    params: Params = dict(request.query)
    if request.content_type == "application/json":
        params |= await request.json()
    elif request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        params |= dict(await request.post())
    return params


def _scope(params: Params) -> tuple[str, str]:
    scope = rules.parsed(params.get("scope", '{"type": "default"}'), "scope")
    return scope["type"], str(params.get("language_code", ""))


def _drop(fake: FakeTelegram, params: Params) -> None:
    if str(params.get("drop_pending_updates", "")).lower() == "true":
        fake.pending.clear()


def _too_many(seconds: int) -> Refused:
    return Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def bubble_of(message: Params, markup: Any, *, edits: bool, file: str | None) -> Bubble:
    """What the citizen sees of a message."""
    rows = (markup or {}).get("inline_keyboard") or (markup or {}).get("keyboard") or []
    labels = [each if isinstance(each, str) else each["text"] for row in rows for each in row]
    return Bubble(
        contact=str(message["chat"]["id"]),
        id=str(message["message_id"]),
        text=message.get("text") or message.get("caption") or "",
        buttons=tuple(labels),
        file=file,
        edits=str(message["message_id"]) if edits else None,
        raw={"message": message, "markup": markup},
    )
