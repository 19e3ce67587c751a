"""What the Vietnamese guides name exists: settings, commands, options, other guides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bot.__main__ import main
from bot.settings import Settings

DOCS = Path(__file__).parents[1] / "docs" / "vi"
GUIDES = sorted(DOCS.glob("*.md"))
COMMAND = re.compile(r"python -m bot((?: +[^\s`«»]+)+)")
MENTIONED = re.compile(r"`(channels [a-z-]+)`")
MOST_PICTURES, LARGEST_PICTURE = 15, 120_000
"""Pictures of one guide, and bytes of each: guides are read on phones."""
UNFINISHED = "channels"
"""The one group that may still be missing from the command line."""

pytestmark = pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)


def _commands(guide: Path) -> Iterator[list[str]]:
    text = guide.read_text(encoding="utf-8")
    yield from (found.split() for found in COMMAND.findall(text))
    yield from (found.split() for found in MENTIONED.findall(text))


def _followed(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that some words lead to, and its options. Raises AssertionError."""
    command: click.Command = main
    while isinstance(command, click.Group):
        assert words, f"only a group: {command.name}"
        found = command.commands.get(words[0])
        assert found is not None, f"no such command: {words[0]}"
        command, words = found, words[1:]
    return command, [word for word in words if word.startswith("-")]


def test_every_setting_exists(guide: Path) -> None:
    known = {f"HMC_{name.upper()}" for name in Settings.model_fields}
    named = set(re.findall(r"HMC_[A-Z_]+", guide.read_text(encoding="utf-8")))
    assert named <= known, f"unknown: {named - known}"


def test_every_command_and_option_exists(guide: Path) -> None:
    found = list(_commands(guide))
    assert found, "a guide without any command"
    for words in found:
        if words[0] == UNFINISHED and UNFINISHED not in main.commands:
            continue
        command, options = _followed(words)
        known = {option for each in command.params for option in each.opts}
        assert set(options) <= known, words


def test_every_guide_it_points_to_exists(guide: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", guide.read_text(encoding="utf-8")):
        assert (guide.parent / target).is_file(), target


def test_pictures_are_few_small_and_used(guide: Path) -> None:
    text = guide.read_text(encoding="utf-8")
    used = {(guide.parent / each).resolve() for each in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text)}
    assert len(used) <= MOST_PICTURES
    for picture in used:
        assert picture.stat().st_size <= LARGEST_PICTURE, picture.name
    for folder in {picture.parent for picture in used}:
        assert set(folder.iterdir()) == used
