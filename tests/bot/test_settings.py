"""Every setting is in .env.example, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def _example() -> dict[str, str]:
    pairs = re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(pairs)


def _names() -> set[str]:
    prefix = Settings.model_config["env_prefix"]
    return {
        str(field.validation_alias or f"{prefix}{name}".upper())
        for name, field in Settings.model_fields.items()
    }


def test_example_names_every_setting_and_no_other() -> None:
    assert set(_example()) == _names()


def test_example_values_are_the_defaults() -> None:
    # An empty value means the default, so copying the example changes nothing.
    assert Settings(_env_file=EXAMPLE) == Settings(_env_file=None)  # type: ignore[call-arg]


def test_every_setting_says_what_it_is() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name


def test_an_unknown_name_in_env_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("HMC_PROT=9\n", encoding="utf-8")
    with pytest.raises(ValidationError, match="hmc_prot"):
        Settings(_env_file=file)  # type: ignore[call-arg]


def test_a_secret_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HMC_CHAT_SECRET", "do-not-show-me")
    assert "do-not-show-me" not in repr(Settings(_env_file=None))  # type: ignore[call-arg]
