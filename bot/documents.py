"""Documents as the bot uses them: read from the database, from the seed while there is none."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import structlog

from handlers.wording import Wording, seed_wording
from knowledge.offices import Office, seed_office
from knowledge.phrases import Phrases, seed_phrases
from knowledge.vocabulary import Vocabulary, seed_vocabulary
from knowledge.workdays import Overrides, seed_overrides

if TYPE_CHECKING:
    from collections.abc import Mapping

    from knowledge.store import UnitOfWork

log = structlog.get_logger()

OFFICE = "office"
WORKDAYS = "workdays"
VOCABULARY = "vocabulary"
PHRASES = "phrases"
WORDING = "wording"
NAMES = (OFFICE, WORKDAYS, VOCABULARY, PHRASES, WORDING)

Body = dict[str, Any]

program_office = cache(seed_office)
program_overrides = cache(seed_overrides)
program_vocabulary = cache(seed_vocabulary)
program_phrases = cache(seed_phrases)
program_wording = cache(seed_wording)
"""What came with the program, read once: reading YAML takes up to a second."""


def read_office(body: Body | None) -> Office:
    """The office without its calendar; what a newer program asks beyond the body is the seed's."""
    seed = dump_office(program_office())
    return Office.model_validate({**seed, **body} if body else seed)


def dump_office(office: Office) -> Body:
    """Everything but the calendar, which is a document of its own. Empty fields stay as such."""
    return office.model_dump(mode="json", exclude={"overrides"}, by_alias=True)


def read_overrides(body: Body | None) -> Overrides:
    """The calendar's rows."""
    return program_overrides() if body is None else Overrides.model_validate(body)


def read_vocabulary(body: Body | None) -> Vocabulary:
    """The glossary."""
    return program_vocabulary() if body is None else Vocabulary.model_validate(body)


def read_phrases(body: Body | None) -> Phrases:
    """Ways of asking, ask-back rules and life events."""
    return program_phrases() if body is None else Phrases.model_validate(body)


def read_wording(body: Body | None) -> Wording:
    """The seed's sentences with those that people wrote anew.

    Only these are in the document, so that a newer program finds its new sentences; one whose
    places the program no longer fills is left out.
    """
    seed = program_wording()
    written = rewritten(body)
    kept = {key: text for key, text in written.items() if seed.fits(key, text)}
    if len(kept) != len(written):
        log.warning("sentences_left_out", keys=sorted(written.keys() - kept.keys()))
    return seed.rewritten(kept)


def rewritten(body: Body | None) -> Mapping[str, str]:
    """The sentences of a wording document."""
    return dict(body["sentences"]) if body else {}


def stored(work: UnitOfWork, name: str) -> Body | None:
    """The body of a document in force."""
    found = work.documents.current(name)
    return found.body if found else None
