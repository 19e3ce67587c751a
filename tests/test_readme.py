"""What README shows is what the program says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SPEAKER = "Anh/chị: "


def _transcript() -> list[str]:
    found = re.search(r"```text\n(.*?)```", README, re.DOTALL)
    assert found, "README has no transcript"
    return found[1].splitlines()


def test_the_transcript_is_what_the_terminal_says(tmp_path: Path) -> None:
    lines = _transcript()
    questions = [line.removeprefix(SPEAKER) for line in lines if line.startswith(SPEAKER)]
    assert len(questions) >= 3
    env = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'office.db'}",
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
    }
    said = subprocess.run(
        [sys.executable, "-m", "bot", "chat"],
        input="\n".join(questions),
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        env=env,
        timeout=120,
        check=True,
    ).stdout
    shown = [line for line in lines if line.strip() and not line.startswith(SPEAKER)]
    assert shown == [line for line in said.splitlines() if line.strip()]


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)\)", README))
def test_links_lead_somewhere(target: str) -> None:
    assert target.startswith("https://") or (ROOT / target).exists()


def test_every_command_is_in_the_table() -> None:
    from bot.__main__ import main

    for name in main.commands:
        assert f"`python -m bot {name}" in README, name


def test_make_targets_named_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:`|^    )make (\w+)", README, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
