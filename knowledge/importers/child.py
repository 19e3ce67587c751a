"""Runs a reader of strangers' files in a process of its own, which may die of what it reads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


class Failed(Exception):
    """The process ended without a result; ``code`` is its exit code, negative after a signal."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class TooSlow(Exception):
    """The process was stopped because it took too long."""


def run(
    reader: ModuleType,
    path: Path,
    *,
    seconds: float,
    object_hook: Callable[[dict[str, Any]], Any] | None = None,
) -> Any:
    """What ``reader`` prints of the file as JSON. Raises ``Failed`` or ``TooSlow``."""
    command = [sys.executable, "-I", str(Path(str(reader.__file__))), str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, check=False)  # noqa: S603 - our own program; the path is one argument, no shell
    except subprocess.TimeoutExpired as error:
        raise TooSlow from error
    if done.returncode:
        raise Failed(done.returncode)
    return json.loads(done.stdout, object_hook=object_hook)
