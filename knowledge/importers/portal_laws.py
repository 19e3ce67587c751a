"""Legal bases of the national portal: numbers of laws, decrees and circulars in glued text."""

from __future__ import annotations

import re

from knowledge.importers.cleaning import line, shorten
from knowledge.model import Law

# Agencies are listed because a generic run of capitals would swallow the first letters of the
# next, glued title («12/2025/TT-BTCTHÔNG TƯ»).
_AGENCIES = (
    "BNNPTNT|BNN&PTNT|BLĐTBXH|BVHTTDL|BNNMT|VKSNDTC|TANDTC|BTNMT|BGTVT|BKHĐT|BKHCN|BTTTT|BGDĐT|"
    "BVHTT|BDTTG|NHNN|TTCP|VPCP|UBDT|UBND|HĐND|HĐTP|BTC|BTP|BCA|BNN|BXD|BYT|BCT|BQP|BNV|BNG|CP|TTg|CTN"
)
_KIND = (
    rf"(?:NĐ|NQ|TT|TTLT|QĐ|CT|PL|L|VBHN|NQLT)-(?:(?:{_AGENCIES})(?:[-/](?:{_AGENCIES}))*"
    r"|[A-ZĐ]{2,8}(?![a-zA-ZÀ-ỹ]))"
)
_NUMBER = re.compile(
    rf"(?<!\d)\d{{1,4}}(?:\.\d{{1,3}})?[a-z]?/(?:19|20)\d{{2}}/(?:QH\d{{1,2}}|UBTVQH\d{{1,2}}|{_KIND})"
)
_AFTER_DATE = re.compile(r"(\d{1,2}[/-]\d{1,2}[/-](?:19|20)\d{2})(?=\d)")
_AFTER_YEAR = re.compile(r"((?:19|20)\d{2})(?=\d{1,3}/(?:19|20)\d{2}/)")
_BROKEN = re.compile(r"(?<=/(?:NĐ|TT|QĐ|NQ)) ?- ?(?=[A-ZĐ])")
_AFTER_QH = re.compile(r"(QH\d{2})(?=\d)")


def numbers(text: str) -> list[str]:
    """Numbers of legal texts in order, each once: «29/2023/QH1529/2023/QH15» gives one."""
    text = _BROKEN.sub("-", text)
    text = _AFTER_QH.sub(r"\1 ", _AFTER_YEAR.sub(r"\1 ", _AFTER_DATE.sub(r"\1 ", line(text))))
    return list(dict.fromkeys(_NUMBER.findall(text)))


def _listed(entry: dict[str, object]) -> Law | None:
    number = line(str(entry.get("number") or entry.get("so_ky_hieu") or entry.get("code") or ""))
    name = line(str(entry.get("name") or entry.get("trich_yeu") or "")).strip(" .;")
    found = numbers(number) or numbers(name)
    chosen = found[0] if found else shorten(number.strip(" .;"), 120)
    if not chosen:
        return None
    return Law(number=chosen, title=shorten(name, 300) if name and name != chosen else None)


def read_laws(raw: object) -> tuple[Law, ...]:
    """Legal bases, each number once; titles only where the source parts them from numbers."""
    if isinstance(raw, str):
        return tuple(Law(number=number) for number in numbers(raw))
    laws: dict[str, Law] = {}
    for entry in raw if isinstance(raw, list) else ():
        if isinstance(entry, dict) and (law := _listed(entry)):
            laws.setdefault(law.number, law)
    return tuple(laws.values())
