"""What deploy/ says agrees with the program: settings, commands, files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bot.__main__ import main
from bot.settings import Settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
FILES = sorted(each for each in DEPLOY.iterdir() if each.is_file())
KNOWN = {f"HMC_{name.upper()}" for name in Settings.model_fields} | {"DATABASE_URL"}


@pytest.mark.parametrize("file", FILES, ids=lambda each: each.name)
def test_settings_named_exist(file: Path) -> None:
    assert set(re.findall(r"HMC_[A-Z_]+[A-Z]", file.read_text(encoding="utf-8"))) <= KNOWN


def commands(text: str) -> list[str]:
    return re.findall(r"-m bot ([a-z]+)", text) + re.findall(r'"hoi-mot-cua", "([a-z]+)"', text)


def test_commands_named_exist() -> None:
    named = [each for file in FILES for each in commands(file.read_text(encoding="utf-8"))]
    assert {"serve", "backup"} <= set(named) <= set(main.commands)


def test_the_image_is_built_from_files_that_are_there() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
    sources = [name for line in copied for name in line.split()]
    let_in = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    assert sources
    assert all((ROOT / name).exists() for name in sources)
    assert set(sources) <= let_in


def test_compose_waits_for_a_stop_as_long_as_the_server_needs() -> None:
    from bot.server import STOP_SECONDS

    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert int(services["service"]["stop_grace_period"].removesuffix("s")) > STOP_SECONDS
    assert services["service"]["build"]["dockerfile"] == "deploy/Dockerfile"
    (mounted,) = [each for each in services["proxy"]["volumes"] if each.startswith("./")]
    assert (DEPLOY / mounted.split(":")[0]).exists()
    assert "ports" not in services["database"]
