"""Text typed for the fonts of old, VNI and TCVN3 (ABC), becomes Unicode."""

from __future__ import annotations

import re
import unicodedata

_UNICODE = re.compile(r"[đĐơƠưƯăĂ\u1ea0-\u1ef9\u0300\u0301\u0303\u0309\u0323]")
"""Letters and marks that only Unicode text has; such text is never touched."""
ENOUGH = 2
"""Signs of an old font in a text; a single one may be a foreign name."""

_GRAVE, _ACUTE, _TILDE, _HOOK, _DOT = "\u0300\u0301\u0303\u0309\u0323"
_VNI_MARKS = {
    "ø": _GRAVE,
    "ù": _ACUTE,
    "õ": _TILDE,
    "û": _HOOK,
    "ï": _DOT,
    "â": "\u0302",
    "à": "\u0302" + _GRAVE,
    "á": "\u0302" + _ACUTE,
    "ã": "\u0302" + _TILDE,
    "å": "\u0302" + _HOOK,
    "ä": "\u0302" + _DOT,
    "ê": "\u0306",
    "è": "\u0306" + _GRAVE,
    "é": "\u0306" + _ACUTE,
    "ü": "\u0306" + _TILDE,
    "ú": "\u0306" + _HOOK,
    "ë": "\u0306" + _DOT,
}
"""Letters that VNI fonts draw as marks over the vowel before them."""
_VNI_ALONE = {
    "ñ": "đ",
    "ö": "ư",
    "ô": "ơ",
    "í": "í",
    "ì": "ì",
    "ó": "ĩ",
    "æ": "ỉ",
    "ò": "ị",
    "î": "ỵ",
}
_VNI_SIGN = re.compile(r"ñ(?=[a-zöô])|[aeouyöô][" + "".join(_VNI_MARKS) + "]", re.I)
_VNI = re.compile(rf"([aeouy])([{''.join(_VNI_MARKS)}])|([öô])([øùõûï]?)|([ñíìóæòî])", re.I)

_TCVN3 = dict(
    zip(
        "¨©ª«¬­®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
        "ăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
        strict=True,
    )
)
_TCVN3_SIGN = re.compile(
    r"(?<=[a-z])[¨©ª«¬\u00ad®µ¶·¸¹¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞ]"
    r"|(?<![a-z])[¨©ª¬®](?=[a-z¨©ª«¬µ¶·¸¹¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞ])|(?<=®)[¨©ª«¬]"
)


def _vni(found: re.Match[str]) -> str:
    vowel, mark, horned, tone, alone = found.groups()
    if vowel:
        return vowel + _VNI_MARKS[mark.lower()]
    if horned:
        return _cased(_VNI_ALONE[horned.lower()], horned) + (
            _VNI_MARKS[tone.lower()] if tone else ""
        )
    return _cased(_VNI_ALONE[alone.lower()], alone)


def _cased(letter: str, like: str) -> str:
    return letter.upper() if like.isupper() else letter


def modern(text: str) -> str:
    """The text in Unicode. Unicode text, and text with less than two signs, comes back as it is."""
    if text.isascii() or _UNICODE.search(text):
        return text
    if len(_TCVN3_SIGN.findall(text)) >= ENOUGH:
        return "".join(_TCVN3.get(letter, letter) for letter in text)
    if len(_VNI_SIGN.findall(text)) >= ENOUGH:
        return unicodedata.normalize("NFC", _VNI.sub(_vni, text))
    return text
