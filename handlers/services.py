"""What handlers may use, handed to them as values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from handlers.conversation import File, Inquiry
from handlers.lookup import DossierDesk
from handlers.understanding import Understanding
from handlers.wording import Wording
from knowledge.model import Procedure
from knowledge.offices import VIETNAM, Office
from knowledge.phrases import AskBack, Phrases
from knowledge.review import CHECK_EVERY, check_by
from knowledge.search import Index
from knowledge.switches import NOTHING, Board


def no_forms(_label: str, _procedure: Procedure) -> File | None:
    """An office that hands out no blank forms."""
    return None


@dataclass(frozen=True, kw_only=True)
class Services:
    """One consistent view of the knowledge for one message."""

    index: Index
    phrases: Phrases
    understanding: Understanding
    office: Office
    wording: Wording
    forms: Callable[[str, Procedure], File | None] = no_forms
    """The blank form that a label on a procedure's papers means."""
    dossiers: DossierDesk | None = None
    link_keys: tuple[bytes, ...] = ()
    shows_handler: bool = True
    check_every: timedelta = CHECK_EVERY
    board: Board = NOTHING
    """What is switched off, and what is announced."""

    def procedure(self, code: str) -> Procedure | None:
        """The record in force for a code; an old code finds the record that replaced it."""
        found = self.index.procedures.get(code)
        return found or self.index.replacing.get(code)

    def overdue(self, procedure: Procedure, inquiry: Inquiry) -> bool:
        """True when a record should have been looked at again before the citizen's day."""
        return check_by(procedure, self.check_every) < self.today(inquiry)

    def means(self, text: str, rule: AskBack) -> bool:
        """True when a message is one of an ask-back rule's phrases."""
        return self.understanding.ask_back(text) is rule

    def fields(self) -> tuple[str, ...]:
        """Fields of the curated records, the fullest first."""
        counts = Counter(
            procedure.field for procedure in self.index.procedures.values() if procedure.aliases
        )
        return tuple(field for field, _ in counts.most_common(10))

    def of_field(self, field: str) -> tuple[Procedure, ...]:
        """The curated records of a field: what citizens come for most, then by their names."""
        often = {code: place for place, code in enumerate(self.office.frequent)}
        found = [
            procedure
            for procedure in self.index.procedures.values()
            if procedure.field == field and procedure.aliases
        ]
        found.sort(
            key=lambda each: (often.get(each.code, len(often)), -len(each.aliases), each.code)
        )
        return tuple(found[:10])

    def today(self, inquiry: Inquiry) -> date:
        """The citizen's day: the message's own time in Vietnam."""
        return inquiry.incoming.received_at.astimezone(VIETNAM).date()
