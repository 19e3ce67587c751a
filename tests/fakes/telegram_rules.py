"""Telegram's rules on texts, keyboards and names, with the words it refuses with."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any
from urllib.parse import urlsplit

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_CALLBACK = 64
MAX_BUTTONS = 100
MAX_ROW = 8

TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "ins": "underline", "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote",
    "tg-spoiler": "spoiler", "tg-emoji": "custom_emoji", "span": "spoiler",
}  # fmt: skip
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));?")
_START = re.compile(r"<([A-Za-z0-9-]+)((?:\s+[A-Za-z-]+(?:=(?:\"[^\"]*\"|'[^']*'|[\w.-]+))?)*)\s*>")
_END = re.compile(r"</\s*([A-Za-z0-9-]*)\s*>")
_HOST = re.compile(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_][\w-]+", re.UNICODE)


class Refused(Exception):
    """An answer with ``ok: false``."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(said: str) -> Refused:
    return Refused(400, f"Bad Request: {said}")


def units(text: str) -> int:
    """Length as Telegram counts offsets: UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def _cannot_parse(said: str) -> Refused:
    return bad_request(f"can't parse entities: {said}")


def parse_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """What is left of HTML after parsing, and the entities over it."""
    said = ""
    entities: list[dict[str, Any]] = []
    open_tags: list[tuple[str, str, int]] = []
    place = 0
    while place < len(source):
        if source[place] == "&":
            found = _REFERENCE.match(source, place)
            said += _referred(found) if found else "&"
            place = found.end() if found else place + 1
        elif source[place] != "<":
            said += source[place]
            place += 1
        elif source.startswith("</", place):
            place = _close(source, place, open_tags, entities, said)
        else:
            place = _open(source, place, open_tags, said)
    if open_tags:
        raise _cannot_parse(f'Can\'t find end tag corresponding to start tag "{open_tags[-1][0]}"')
    return said, entities


def _referred(found: re.Match[str]) -> str:
    if found[3]:
        return _NAMED[found[3]]
    number = int(found[1]) if found[1] else int(found[2], 16)
    return chr(number) if 0 < number < 0x110000 else found[0]


def _open(source: str, place: int, open_tags: list[tuple[str, str, int]], said: str) -> int:
    offset = len(source[:place].encode())
    found = _START.match(source, place)
    if not found:
        begun = re.match(r"<([^\s>]*)", source[place:])
        if ">" not in source[place:]:
            raise _cannot_parse(f"Unclosed start tag at byte offset {offset}")
        raise _cannot_parse(
            f'Unsupported start tag "{begun[1] if begun else ""}" at byte offset {offset}'
        )
    name = found[1].lower()
    if name not in TAGS:
        raise _cannot_parse(f'Unsupported start tag "{name}" at byte offset {offset}')
    if name == "blockquote" and any(each[0] == "blockquote" for each in open_tags):
        raise _cannot_parse(f"Blockquotes can't be nested at byte offset {offset}")
    open_tags.append((name, found[2], units(said)))
    return found.end()


def _close(
    source: str,
    place: int,
    open_tags: list[tuple[str, str, int]],
    entities: list[dict[str, Any]],
    said: str,
) -> int:
    offset = len(source[:place].encode())
    found = _END.match(source, place)
    if not found:
        raise _cannot_parse(f"Unclosed end tag at byte offset {offset}")
    if not open_tags:
        raise _cannot_parse(f"Unexpected end tag at byte offset {offset}")
    name, attributes, start = open_tags.pop()
    ended = found[1].lower()
    if ended not in (name, ""):
        raise _cannot_parse(
            f'Unmatched end tag at byte offset {offset}, expected "</{name}>", found "</{ended}>"'
        )
    kind = TAGS[name]
    if kind == "blockquote" and "expandable" in attributes:
        kind = "expandable_blockquote"
    if units(said) > start:
        entities.append({"type": kind, "offset": start, "length": units(said) - start})
    return found.end()


def text_of(params: dict[str, Any], field: str, most: int) -> tuple[str, list[dict[str, Any]]]:
    """A text as it stands in the bubble. Raises :class:`Refused`."""
    source = str(params.get(field, ""))
    mode = str(params.get("parse_mode", "")).lower()
    if mode not in ("", "html"):
        raise bad_request("unsupported parse_mode")
    said, entities = parse_html(source) if mode else (source, [])
    said = _clean(said)
    if units(said.strip()) > most:
        long = "message is too long" if field == "text" else "message caption is too long"
        raise bad_request(long)
    if field == "text" and not _visible(said):
        raise bad_request("message text is empty")
    return said.strip(), entities[:100]


def _clean(text: str) -> str:
    text = re.sub(r"[\r\u2028-\u202e]", "", text)
    return re.sub(r"[\x00-\x09\x0b-\x1f]", " ", text)


def _visible(text: str) -> bool:
    return any(
        unicodedata.category(each) not in ("Cf", "Zs", "Zl", "Zp", "Cc") and each not in "\u2800"
        for each in text
    )


def parsed(value: Any, what: str) -> Any:
    """A parameter that is JSON in forms and a value in JSON bodies."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise bad_request(f"can't parse {what} JSON object") from None


def markup_of(params: dict[str, Any], *, private: bool, inline_only: bool = False) -> Any:
    """A checked keyboard, or None."""
    if "reply_markup" not in params:
        return None
    markup = parsed(params["reply_markup"], "reply keyboard markup")
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        _check_rows(markup["inline_keyboard"], "inline_keyboard", _check_inline)
        return markup if any(markup["inline_keyboard"]) else None
    if inline_only:
        raise bad_request("inline keyboard expected")
    if "keyboard" in markup:
        _check_rows(markup["keyboard"], "keyboard", lambda button: _check_key(button, private))
    elif markup.get("remove_keyboard") is not True and markup.get("force_reply") is not True:
        raise bad_request("can't parse reply markup")
    return markup


def _check_rows(rows: Any, name: str, check: Any) -> None:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{name}" must be of type Array')
    if sum(map(len, rows)) > MAX_BUTTONS or any(len(row) > MAX_ROW for row in rows):
        raise bad_request("reply markup is too long")
    for row in rows:
        for button in row:
            check(button)


def _check_inline(button: Any) -> None:
    wrong = "can't parse inline keyboard button: "
    if not isinstance(button, dict) or "text" not in button:
        raise bad_request(f'{wrong}Can\'t find field "text"')
    if not isinstance(button["text"], str) or not _visible(button["text"]):
        raise bad_request(f'{wrong}Field "text" must be non-empty')
    if button.get("url"):
        _check_url(button["url"])
    elif button.get("callback_data"):
        if len(button["callback_data"].encode()) > MAX_CALLBACK:
            raise bad_request("BUTTON_DATA_INVALID")
    else:
        raise bad_request(f"{wrong}Text buttons are unallowed in the inline keyboard")


def _check_url(url: str) -> None:
    wrong = f"inline keyboard button URL '{url}' is invalid: "
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise bad_request(f"{wrong}Wrong HTTP URL") from None
    if parts.scheme not in ("http", "https", "tg", ""):
        raise bad_request(f"{wrong}Unsupported URL protocol")
    if not _HOST.fullmatch(host) or re.search(r"\s", url):
        raise bad_request(f"{wrong}Wrong HTTP URL")


def _check_key(button: Any, private: bool) -> None:
    text = button.get("text") if isinstance(button, dict) else button
    if not isinstance(text, str) or not _visible(text):
        raise bad_request("keyboard button text must be non-empty")
    if isinstance(button, dict) and button.get("request_contact") and not private:
        raise bad_request("phone number can be requested in private chats only")


def check_commands(params: dict[str, Any]) -> list[dict[str, str]]:
    """The commands of setMyCommands."""
    commands: list[dict[str, str]] = parsed(params.get("commands", "[]"), "commands")
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for each in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", each["command"]):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(each["description"]) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return commands


def check_webhook(params: dict[str, Any]) -> None:
    """The address and the secret of setWebhook; http only on loopback, where tests live."""
    parts = urlsplit(str(params["url"]))
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    secret = str(params.get("secret_token", ""))
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise bad_request("secret token contains unallowed characters")
    if not 1 <= int(params.get("max_connections", 40)) <= 100:
        raise bad_request("max_connections must be between 1 and 100")


def entities_of(text: str) -> list[dict[str, Any]]:
    """The commands and mentions that Telegram marks in what people write."""
    found: list[dict[str, Any]] = []
    for kind, pattern in (
        ("bot_command", r"(?:^|(?<=\s))/[A-Za-z0-9_]{1,32}(?:@\w+)?"),
        ("mention", r"(?:^|(?<=\s))@[A-Za-z0-9_]{4,32}"),
    ):
        found += [
            {"type": kind, "offset": units(text[: each.start()]), "length": units(each[0])}
            for each in re.finditer(pattern, text)
        ]
    return found
