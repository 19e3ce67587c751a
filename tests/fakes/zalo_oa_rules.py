"""What Zalo's OA interface takes: shapes and sizes of messages, uploads and template data."""

from __future__ import annotations

import unicodedata
from typing import Any
from urllib.parse import urlsplit

MOST_TEXT = 2000
MOST_BUTTONS = 5
UPLOADS = {
    "file": ({"pdf", "doc", "docx", "csv"}, 5 * 1024 * 1024),
    "image": ({"jpg", "jpeg", "png"}, 1024 * 1024),
    "gif": ({"gif"}, 5 * 1024 * 1024),
}


class Refused(Exception):
    """An error as Zalo answers it."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def check_message(message: Any) -> None:
    """Raise ``Refused`` for a message the interface does not take."""
    if not isinstance(message, dict) or not message.keys() & {"text", "attachment"}:
        raise Refused(-201, "message is invalid!")
    if "text" in message:
        _check_text(message["text"])
    if "attachment" in message:
        _check_attachment(message["attachment"], has_text="text" in message)


def _check_text(text: Any) -> None:
    if not isinstance(text, str) or not text.strip():
        raise Refused(-201, "message.text is invalid!")
    if len(unicodedata.normalize("NFC", text)) > MOST_TEXT:
        raise Refused(-210, "message.text exceeds the maximum length of 2000")


def _check_attachment(attachment: Any, *, has_text: bool) -> None:
    payload = attachment.get("payload") if isinstance(attachment, dict) else None
    if not isinstance(payload, dict):
        raise Refused(-201, "attachment is invalid!")
    if attachment.get("type") == "file":
        if not payload.get("token") or has_text:
            raise Refused(-201, "attachment.payload.token is invalid!")
        return
    if attachment.get("type") != "template":
        raise Refused(-233, "attachment.type is not supported")
    match payload.get("template_type"):
        case None:
            if not has_text:
                raise Refused(-201, "message.text is invalid!")
            check_buttons(payload.get("buttons"))
        case "media":
            _check_media(payload.get("elements"))
        case "request_user_info":
            _check_request(payload.get("elements"))
        case _:
            raise Refused(-233, "template_type is not supported")


def check_buttons(buttons: Any) -> None:
    """At most five buttons of the kinds Zalo knows."""
    if not isinstance(buttons, list) or not buttons:
        raise Refused(-201, "buttons is invalid!")
    if len(buttons) > MOST_BUTTONS:
        raise Refused(-210, "buttons exceeds the maximum of 5")
    for button in buttons:
        title, payload = button.get("title"), button.get("payload")
        if not isinstance(title, str) or not 1 <= len(title) <= 100:
            raise Refused(-201, "buttons.title is invalid!")
        match button.get("type"):
            case "oa.query.show" | "oa.query.hide":
                fits = isinstance(payload, str) and 1 <= len(payload) <= 1000
            case "oa.open.url":
                parts = urlsplit(payload.get("url", ""))
                fits = parts.scheme in {"http", "https"} and bool(parts.hostname)
            case "oa.open.phone" | "oa.open.sms":
                number = payload.get("phone_code", "")
                fits = number.isdigit() and number.startswith("84") and 9 <= len(number) <= 12
            case _:
                fits = False
        if not fits:
            raise Refused(-201, "buttons.payload is invalid!")


def _check_media(elements: Any) -> None:
    if not isinstance(elements, list) or len(elements) != 1:
        raise Refused(-201, "elements is invalid!")
    if ("url" in elements[0]) == ("attachment_id" in elements[0]):
        raise Refused(-201, "elements.url is invalid!")


def _check_request(elements: Any) -> None:
    if not isinstance(elements, list) or len(elements) != 1:
        raise Refused(-201, "elements is invalid!")
    for name, most in (("title", 100), ("subtitle", 500)):
        if not 1 <= len(elements[0].get(name, "")) <= most:
            raise Refused(-201, f"elements.{name} is invalid!")


def check_upload(kind: str, name: str, content: bytes) -> None:
    """Kind and size of an uploaded file."""
    kinds, most = UPLOADS[kind]
    if name.rpartition(".")[2].lower() not in kinds:
        raise Refused(-201, "file is invalid!")
    if not 0 < len(content) <= most:
        raise Refused(-210, "file exceeds the maximum size")


def check_template(parameters: dict[str, int] | None, data: Any) -> None:
    """Data of a template message against the most characters of each parameter."""
    if parameters is None:
        raise Refused(-109, "Template ID is invalid")
    if not isinstance(data, dict) or data.keys() != parameters.keys():
        raise Refused(-1121, "Template data does not match")
    for name, most in parameters.items():
        if not isinstance(data[name], str) or not data[name]:
            raise Refused(-1122, f"{name} is empty")
        if len(data[name]) > most:
            raise Refused(-1124, f"{name} is too long")
