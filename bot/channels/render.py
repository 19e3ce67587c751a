"""A reply as plain text within a channel's limits, and as JSON for the web chat."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import quote, urlsplit

from handlers.conversation import Button, Reply, Section, Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bot.channels import Limits

FORMS_PATH = "mau/"
"""Where our own web server hands out blank forms."""
NOWHERE = "xin tại bộ phận một cửa"
"""Said in place of a form's address when it has none."""

SAFE_SCHEMES = frozenset({"http", "https", "tel", "mailto"})
"""What an address may start with; anything else (``javascript:``) is dropped."""


class SectionJson(TypedDict):
    """A section as the web page reads it."""

    heading: str
    shape: str
    lines: list[str]
    ticked: list[int]


class ButtonJson(TypedDict):
    """A button as the web page reads it; ``number`` is what a citizen may type instead."""

    label: str
    action: str
    url: str | None
    number: int | None
    aside: bool


class FileJson(TypedDict):
    """A blank form as the web page offers it; the address is relative to the page."""

    title: str
    url: str


class ReplyJson(TypedDict):
    """A reply as the web page reads it."""

    lead: str
    sections: list[SectionJson]
    buttons: list[ButtonJson]
    files: list[FileJson]
    source: str


def with_addresses(reply: Reply, address: Callable[[str], str | None]) -> Reply:
    """The reply with lines in place of its files: where each of that name is found."""
    if not reply.files:
        return reply
    lines = tuple(f"→ {file.title}: {address(file.name) or NOWHERE}" for file in reply.files)
    return replace(reply, sections=(*reply.sections, Section(lines=lines)), files=())


def render_text(reply: Reply, limits: Limits) -> list[str]:
    """The messages that say this reply in plain text, none longer than the limit.

    Files are left to the caller, see :func:`with_addresses`.
    """
    blocks = [[reply.lead]] if reply.lead else []
    blocks += [section_lines(section) for section in reply.sections]
    blocks.append(list(_button_lines(reply.buttons, limits)))
    blocks.append([f"Nguồn: {reply.source}"] if reply.source else [])
    lines: list[str] = []
    for block in filter(None, blocks):
        lines += ["", *block] if lines else block
    return _pack("\n".join(lines).split("\n"), limits.max_text)


def reply_to_json(reply: Reply) -> ReplyJson:
    """The reply as the web page reads it: text only, to be shown as text only."""
    return {
        "lead": reply.lead,
        "sections": [
            {
                "heading": section.heading,
                "shape": section.shape.value,
                "lines": list(section.lines),
                "ticked": sorted(section.ticked),
            }
            for section in reply.sections
        ],
        "buttons": [
            {
                "label": button.label,
                "action": button.action,
                "url": button.url,
                "number": number if _numbers_help(reply) else None,
                "aside": button.aside,
            }
            for number, button in (
                *numbered(reply.buttons),
                *((None, button) for button in aside(reply.buttons)),
            )
        ],
        "files": [
            {"title": file.title, "url": FORMS_PATH + quote(file.name, safe="")}
            for file in reply.files
        ],
        "source": reply.source,
    }


def numbered(buttons: Iterable[Button]) -> Iterator[tuple[int | None, Button]]:
    """Each usable button with the number that means it; only actions count, as when typed."""
    count = 0
    for button in buttons:
        if button.aside:
            continue
        if button.action:
            count += 1
            yield count, button
        elif button.url and safe_address(button.url):
            yield None, button


def aside(buttons: Iterable[Button]) -> tuple[Button, ...]:
    """Buttons that have no number and stand behind the others."""
    return tuple(button for button in buttons if button.aside)


def fits_aside(buttons: Iterable[Button], limits: Limits) -> bool:
    """True when a channel still has room for all that stands aside."""
    shown = tuple(buttons)
    free = limits.max_buttons - sum(1 for _ in numbered(shown))
    return limits.supports_buttons and len(aside(shown)) <= free


def safe_address(url: str) -> bool:
    """Whether an address may stand behind something to press."""
    try:
        return urlsplit(url).scheme in SAFE_SCHEMES
    except ValueError:
        return False


def _numbers_help(reply: Reply) -> bool:
    # Beside a numbered list of papers a second row of numbers would confuse.
    listed = any(section.shape is Shape.NUMBERED for section in reply.sections)
    return not listed and sum(bool(each.action) and not each.aside for each in reply.buttons) > 1


def section_lines(section: Section) -> list[str]:
    """A section as lines, each with the mark of its shape; the heading, if any, is in the first."""
    lines = list(section.lines)
    heading = [section.heading] if section.heading else []
    match section.shape:
        case Shape.NUMBERED:
            lines = [f"{place}. {line}" for place, line in enumerate(lines, 1)]
        case Shape.BULLETS:
            lines = [f"– {line}" for line in lines]
        case Shape.CHECKLIST:
            lines = [
                f"{'☑' if place in section.ticked else '☐'} {line}"
                for place, line in enumerate(lines)
            ]
        case Shape.WARNING:
            first, *rest = [*heading, *lines] or [""]
            return [f"⚠ {first}", *rest] if first else []
        case Shape.PLAIN:
            pass
    return [*heading, *lines]


def _button_lines(buttons: tuple[Button, ...], limits: Limits) -> Iterator[str]:
    drawn = 0
    for number, button in numbered(buttons):
        drawable = limits.supports_buttons and drawn < limits.max_buttons
        if drawable and (number is not None or limits.supports_url_buttons):
            drawn += 1
        elif number is not None:
            yield f"{number}) {button.label}"
        else:
            yield f"→ {button.label}: {(button.url or '').removeprefix('tel:')}"
    if (typed := aside(buttons)) and not fits_aside(buttons, limits):
        labels = " hoặc ".join(f"«{button.label}»" for button in typed)
        yield f"Gõ {labels} cho em biết."


def _pack(lines: list[str], most: int) -> list[str]:
    """Lines gathered into messages; a blank line never begins or ends one."""
    messages: list[str] = []
    held = ""
    for piece in (piece for line in lines for piece in _cut(line.rstrip(), most)):
        joined = f"{held}\n{piece}" if held else piece
        if len(joined) > most:
            messages.append(held.rstrip())
            joined = piece
        held = joined
    return [*messages, held.rstrip()] if held else messages


def _cut(line: str, most: int) -> Iterator[str]:
    """One line in pieces that fit, cut between words where there are any."""
    while len(line) > most:
        space = line.rfind(" ", 1, most + 1)
        end = space if space > 0 else most
        yield line[:end].rstrip()
        line = line[end:].lstrip()
    yield line
