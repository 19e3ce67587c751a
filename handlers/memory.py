"""Memory to plain values and back, tolerant of what an older version wrote."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from handlers.conversation import Memory

_ADAPTER: TypeAdapter[Memory] = TypeAdapter(Memory)


def dump(memory: Memory) -> dict[str, Any]:
    """Plain values for the database."""
    found: dict[str, Any] = _ADAPTER.dump_python(memory, mode="json")
    return found


def load(stored: dict[str, Any] | None) -> Memory:
    """The memory; an unreadable one is forgotten rather than in the citizen's way."""
    if stored is None:
        return Memory()
    try:
        return _ADAPTER.validate_python(stored)
    except ValidationError:
        return Memory()
