"""Deep links that open the chat at a dossier or a procedure, and how forged ones are told."""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from knowledge.dossier_codes import DossierCode
from knowledge.model import PROCEDURE_CODE

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 64
"""Characters of ``A-Z a-z 0-9 _ -`` that Telegram carries behind ``?start=``."""

_DOSSIER, _PROCEDURE = "hs_", "tt_"
_PAYLOAD = re.compile(rf"(?:{_DOSSIER}|{_PROCEDURE})[A-Za-z0-9_-]{{1,{LONGEST - 3}}}")
_TAG_BYTES = 12
_TAG_CHARACTERS = 16
"""Of 12 bytes (96 bits) in base64: beyond guessing, and the longest code still fits."""
_LONGEST_URL = 2_000
_CARRIERS = ("start", "text")
"""Parameters that carry a payload: Telegram's, and the one tried for Zalo."""


@dataclass(frozen=True, slots=True)
class DossierLink:
    """A link made by this office for one dossier. It proves no identity: whoever holds the
    receipt has it, so the second factor is asked all the same."""

    code: str


@dataclass(frozen=True, slots=True)
class ProcedureLink:
    """A link to a procedure; public, so not signed."""

    code: str


@dataclass(frozen=True, slots=True)
class ForgedLink:
    """Formed like one of our links, but not made by this office, or damaged."""


Link = DossierLink | ProcedureLink | ForgedLink


def dossier_payload(code: str, keys: Sequence[bytes]) -> str:
    """The signed payload of a dossier: ``hs_H32_215-261118-0042_<tag>``.

    The code stays readable: it stands in print beside the picture anyway. The first key signs.
    Raises ``ValueError`` for a code that is not in canonical form or too long.
    """
    dossier = DossierCode.parse(code)
    if dossier is None:
        raise ValueError("not a dossier code in canonical form")
    payload = f"{_DOSSIER}{code.replace('.', '_')}_{_tag(code, keys[0])}"
    if len(payload) > LONGEST:
        raise ValueError("dossier code too long for a link")
    return payload


def procedure_payload(code: str) -> str:
    """The payload of a procedure: ``tt_1_001193``. Raises ``ValueError`` for no such code."""
    if not PROCEDURE_CODE.fullmatch(code):
        raise ValueError("not a procedure code")
    return f"{_PROCEDURE}{code.replace('.', '_')}"


def decode(payload: str, keys: Sequence[bytes]) -> Link | None:
    """What a payload leads to; ``None`` when it is none of ours and claims not to be.

    Every key is tried, so that receipts printed before a change of the key stay good.
    """
    if not payload.startswith((_DOSSIER, _PROCEDURE)):
        return None
    if not _PAYLOAD.fullmatch(payload):
        return ForgedLink()
    body = payload[len(_DOSSIER) :]
    if payload.startswith(_PROCEDURE):
        code = body.replace("_", ".")
        return ProcedureLink(code) if PROCEDURE_CODE.fullmatch(code) else ForgedLink()
    code, tag = body[: -_TAG_CHARACTERS - 1].replace("_", "."), body[-_TAG_CHARACTERS:]
    whole = body[-_TAG_CHARACTERS - 1 : -_TAG_CHARACTERS] == "_" and DossierCode.parse(code)
    genuine = [hmac.compare_digest(tag, _tag(code, key)) for key in keys]
    return DossierLink(code) if whole and any(genuine) else ForgedLink()


def decode_url(url: str, keys: Sequence[bytes]) -> Link | None:
    """The same for a whole address as a code on paper holds it; nothing is opened."""
    if len(url) > _LONGEST_URL:
        return None
    try:
        query = parse_qsl(urlsplit(url).query, max_num_fields=20)
    except ValueError:
        return None
    found = (decode(value.strip(), keys) for name, value in query if name in _CARRIERS)
    return next((link for link in found if link), None)


def telegram_url(name: str, payload: str) -> str:
    """Opens the bot's chat with a button that sends the payload."""
    return f"https://t.me/{name}?start={payload}"


def zalo_url(oa_id: str, payload: str) -> str:
    """Opens the chat with the Official Account.

    Zalo documents ``https://zalo.me/<OA id>`` only. Web pages add ``?text=`` for a prefilled
    message; no document promises it, and where Zalo ignores it the chat opens empty.
    """
    return f"https://zalo.me/{oa_id}?text={payload}"


def _tag(code: str, key: bytes) -> str:
    digest = hmac.digest(key, b"dossier link\0" + code.encode(), "sha256")
    return urlsafe_b64encode(digest[:_TAG_BYTES]).decode()
