"""YAML that comes with the program or that an operator wrote, read the fast way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path


def read_yaml(file: Path) -> Any:
    """What a file holds, plain types only. Raises ``OSError``, ``ValueError``, ``yaml.YAMLError``.

    By libyaml: the loader written in Python takes ten times as long, a second at every start.
    """
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
