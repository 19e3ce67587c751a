"""The sources of an installation, from one YAML file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from pydantic import Field, ValidationError

from knowledge.model import Code, Record, Text
from knowledge.onestop.demo import PREFIXES, DemoSource
from knowledge.onestop.desk import Desk, Route
from knowledge.onestop.files import FileSource
from knowledge.onestop.http import HttpSource
from knowledge.onestop.mapping import FileMapping, HttpMapping, read_mapping, shipped
from knowledge.onestop.sql import SqlSource
from knowledge.yaml_reading import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from knowledge.onestop.sources import Source

DEMO, NONE = "demo", "none"
DEMO_FILE = "onestop_demo.db"
_VARIABLE = re.compile(r"\$\{(\w+)\}")


class SourceEntry(Record):
    """One source: where it is, by which mapping it is read, and what it is asked for.

    ``mapping`` is a shipped one by name or a file beside the configuration. ``url`` is a database
    or web address, ``path`` a file or a folder of exports. ``${NAME}`` in ``url`` and ``values``
    stands for an environment variable, so that passwords need not stand here.
    """

    name: Text
    mapping: Text
    url: Text | None = None
    path: Path | None = None
    values: dict[str, str] = Field(default_factory=dict)
    prefixes: tuple[Text, ...] = Field(min_length=1)
    procedures: frozenset[Code] = frozenset()
    seconds: float = Field(default=2.0, gt=0, le=2.4)
    connections: int = Field(default=4, ge=1, le=32)


class Configuration(Record):
    """Every source, names unique."""

    sources: tuple[SourceEntry, ...]


class WrongConfiguration(Exception):
    """The file cannot be used; the text is Vietnamese and names the source."""


def open_desk(setting: str, *, folder: Path, environment: Mapping[str, str]) -> Desk:
    """The desk for the setting: ``demo``, ``none`` or the path of a YAML file.

    ``folder`` is where the demo keeps its database. Nothing is connected yet. Raises
    :class:`WrongConfiguration`.
    """
    if setting == NONE:
        return Desk([])
    if setting == DEMO:
        return Desk([Route(source=DemoSource(folder / DEMO_FILE), prefixes=PREFIXES)])
    path = Path(setting)
    try:
        raw = read_yaml(path)
        configuration = Configuration.model_validate(raw)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise WrongConfiguration(f"{path.name}: {_told(error)}") from error
    names = [entry.name for entry in configuration.sources]
    if len(set(names)) < len(names):
        raise WrongConfiguration(f"{path.name}: hai nguồn trùng tên.")
    return Desk([_route(entry, path.parent, environment) for entry in configuration.sources])


def _route(entry: SourceEntry, beside: Path, environment: Mapping[str, str]) -> Route:
    try:
        source = _source(entry, beside, environment)
    except (OSError, ValueError, yaml.YAMLError, ImportError) as error:
        raise WrongConfiguration(f"nguồn «{entry.name}»: {_told(error)}") from None
    return Route(source=source, prefixes=entry.prefixes, procedures=entry.procedures)


def _source(entry: SourceEntry, beside: Path, environment: Mapping[str, str]) -> Source:
    file = beside / entry.mapping
    mapping = read_mapping(file if file.suffix in (".yaml", ".yml") else shipped(entry.mapping))
    if isinstance(mapping, FileMapping):
        if entry.path is None:
            raise ValueError("thiếu «path».")
        return FileSource(entry.name, beside / entry.path, mapping)
    if entry.url is None:
        raise ValueError("thiếu «url».")
    url = _filled(entry.url, environment)
    if isinstance(mapping, HttpMapping):
        values = {key: _filled(value, environment) for key, value in entry.values.items()}
        return HttpSource(
            entry.name, url, mapping, values=values, seconds=entry.seconds,
            connections=entry.connections,
        )  # fmt: skip
    return SqlSource(entry.name, url, mapping, seconds=entry.seconds, workers=entry.connections)


def _filled(written: str, environment: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] not in environment:
            raise ValueError(f"thiếu biến môi trường {match[1]}.")
        return environment[match[1]]

    return _VARIABLE.sub(value, written)


def _told(error: Exception) -> str:
    if isinstance(error, ValidationError):
        # Without the values: one of them may be an address with its password.
        wrong = error.errors(include_input=False, include_url=False, include_context=False)
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in wrong)
    if isinstance(error, OSError):
        return str(error.strerror)
    return str(error)
