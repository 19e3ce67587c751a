"""Incoming and memory to inquiries: a button, an aspect, a procedure, or something else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from handlers import estimate
from handlers.choices import chosen_action
from handlers.conversation import Incoming, Inquiry, Intent, Memory, ScanKind
from handlers.dossier_reading import awaits_digits, topic_of
from handlers.searching import Found, Search
from handlers.spotting import COURTESY, Reading, Spotting
from handlers.status_talk import HOW, LEAST, StatusTalk, StatusTalks
from knowledge.confidence import Confidence, fitted
from knowledge.elsewhere import Elsewhere
from knowledge.text import clean, fold, words
from knowledge.workdays import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from knowledge.model import Aspect
    from knowledge.phrases import AskBack, Phrases, Said
    from knowledge.search import Index, Match
    from knowledge.vocabulary import Vocabulary

ANSWER = 0.64
"""Score from which one procedure is answered without asking back."""
LEAD = 0.06
"""What the first must be ahead of the second for that."""
OURS, CERTAINLY_OURS = 0.40, 0.85
"""Probability that the question is one for an office, to offer candidates and to answer."""
OURS_MISTYPED = 0.10
"""The same for a question with words put right: what was meant is asked rather than refused."""
BELONGS = 0.47
"""Score from which a match that belongs to the life event told of is what was meant."""
SURE = 0.80
"""Score at which a procedure wins over a phrase that usually means something else."""

NAMED = 0.55
"""Score from which two words of a procedure count more than a phrase about something else."""
CLEARLY = 0.56
"""Score below which no procedure is named clearly enough to outweigh talk of a dossier."""
STATUS, SURELY_STATUS = 0.40, 0.70
"""Probability that a dossier is asked for where no procedure is named clearly, and anywhere."""
MAYBE_STATUS, HARDLY_STATUS = 0.20, 0.05
"""Probability from which it is asked back what is meant: without a rule's word for it, and with."""
NOT_OURS = 0.05
"""Probability of a question for an office below which faint talk of a dossier is none."""
CERTAINLY_STATUS = 0.97
"""Probability that outweighs what usually asks something else, as «lên nộp» in a story."""
NAMED_OURS = 0.70
"""Probability from which a long story names its procedure beside such a phrase."""
OUTRIGHT = 0.94
"""Score at which even what is certainly something else is a procedure's own name."""
AGREED = "agreed"
"""Topic of a question whose best match belongs to the life event it tells of: two signs agree."""
ALONE = 0.70
"""Score a part of a message needs to be a question of its own."""

_NUMBERED = re.compile(r"\d\.\d|[A-Z]\d|\d{6}")
"""Numbers that may be a code or somebody's; other bare numbers say nothing."""
_PROCEDURE_CODE = re.compile(r"(?<![\d.])([1-6]\.\d{6})(?!\d)")
_BREAKS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"[?\n;!]+|\.(?=\s|$)",
        r"[?\n;!,]+|\.(?=\s|$)| và | với lại | còn | rồi ",
        r"[?\n;!,]+|\.(?=\s|$)| va | voi lai | con | roi ",
    )
)
"""Where one question may end and another begin: sentences first, then weaker signs.

A comma often only tells the story, and «con» is a child more often than «còn»: behind a weaker
sign every part must ask for something itself.
"""
_OPEN = frozenset([(Intent.PROCEDURE, ""), (Intent.OUT_OF_SCOPE, "not_ours"), (Intent.NONE, "")])
"""What was only matched, or not even that: nothing was said outright."""
_DOING = frozenset(
    [
        "bi", "mat", "lai", "cap", "doi", "lam", "xin", "sua", "sai", "moi", "dang", "ky", "nop",
        "xac", "nhan", "uy", "ban", "phuong", "xa", "viec",
    ]
)  # fmt: skip
"""What is done with papers of every kind; such words name no procedure by themselves."""
_ASKING = frozenset(
    ["dau", "gi", "nao", "may", "bao", "sao", "khong", "hong", "ko", "chua", "ai", "the"]
)
"""Words that make an everyday name a question."""


class Understanding:
    """Reads messages against the phrases and one index of procedures."""

    def __init__(
        self, phrases: Phrases, vocabulary: Vocabulary, confidence: Confidence | None = None
    ) -> None:
        self._confidence = confidence or fitted()
        self._fillers = vocabulary.filler_words()
        self._elsewhere = Elsewhere(phrases, vocabulary)
        self._spotting = Spotting(phrases, vocabulary)
        self.status = StatusTalks(phrases.intents.status)
        self._estimate = phrases.intents.estimate

    def understand(self, incoming: Incoming, memory: Memory, index: Index) -> list[Inquiry]:
        """One inquiry for each question in the message, at least one."""
        if incoming.action is not None:
            return self._acted(incoming.action, incoming, memory, index)
        text = clean(incoming.text)
        if incoming.phone and awaits_digits(memory, incoming.received_at):
            return [self._inquiry(incoming, memory, Intent.DOSSIER, text=text, topic="digits")]
        if incoming.scanned and (found := self._scanned(incoming, memory, text)):
            return [found]
        if not words(text):
            intent = Intent.ATTACHMENT if incoming.attachment else Intent.EMPTY
            return [self._inquiry(incoming, memory, intent, text=text)]
        today = incoming.received_at.astimezone(VIETNAM).date()
        if topic := topic_of(incoming, memory, text, today):
            return [self._inquiry(incoming, memory, Intent.DOSSIER, text=text, topic=topic)]
        chosen = chosen_action(text, memory)
        if chosen is not None:
            return self._acted(chosen, incoming, memory, index, text=text)
        return self._questions(text, incoming, memory, index, self.status.read(text))

    def _acted(
        self, action: str, incoming: Incoming, memory: Memory, index: Index, *, text: str = ""
    ) -> list[Inquiry]:
        """A button; «how to do it» reads again what was typed before, as no talk of a dossier."""
        doubt = memory.dossier.doubt if memory.dossier else ""
        if action == HOW and doubt:
            return self._questions(doubt, incoming, memory, index, StatusTalk())
        return [self._inquiry(incoming, memory, Intent.ACTION, text=text, topic=action)]

    def _questions(
        self, text: str, incoming: Incoming, memory: Memory, index: Index, status: StatusTalk
    ) -> list[Inquiry]:
        if topic := status.topic:
            return [self._inquiry(incoming, memory, Intent.DOSSIER, text=text, topic=topic)]
        if status.chance >= HARDLY_STATUS and _PROCEDURE_CODE.search(text):
            return [self._inquiry(incoming, memory, Intent.DOSSIER, text=text, topic="other_code")]
        if not any(word.isalpha() for word in words(text)) and not _NUMBERED.search(text):
            return [self._inquiry(incoming, memory, Intent.NONE, text=text)]
        search = Search(index, self._elsewhere, self._confidence)
        if self._sounds_like_status(text, status, memory, search):
            return [self._inquiry(incoming, memory, Intent.DOSSIER, text=text, topic="status")]
        parts = self._parts(text, search)
        if len(parts) > 1:  # Each names its procedure clearly: none of them is doubtful.
            status = StatusTalk()
        return [self._question(part, incoming, memory, search, status) for part in parts]

    def _sounds_like_status(
        self, text: str, status: StatusTalk, memory: Memory, search: Search
    ) -> bool:
        """A dossier is asked for by the wording, and nothing else that is certain is said."""
        if status.chance < STATUS or status.unlikely:
            return False
        if status.chance < CERTAINLY_STATUS and status.reading.otherwise:
            return False
        matches = search.find(text).matches
        if status.chance < SURELY_STATUS and matches and matches[0].score >= CLEARLY:
            return False
        reading = self.read(text)
        follows = memory.procedure and reading.aspects
        return not follows and not any(said.sure for said, _ in reading.said)

    @staticmethod
    def _inquiry(
        incoming: Incoming, memory: Memory, intent: Intent, text: str = "", topic: str = ""
    ) -> Inquiry:
        return Inquiry(incoming=incoming, memory=memory, intent=intent, text=text, topic=topic)

    def _scanned(self, incoming: Incoming, memory: Memory, text: str) -> Inquiry | None:
        """A picture with a code of ours."""
        kinds = {scan.kind: scan for scan in reversed(incoming.scanned)}
        if ScanKind.DOSSIER in kinds:
            return self._inquiry(incoming, memory, Intent.DOSSIER, text=text, topic="scanned")
        if procedure := kinds.get(ScanKind.PROCEDURE):
            return self._inquiry(
                incoming, memory, Intent.PROCEDURE, text=text, topic=procedure.code
            )
        if not words(text):
            return self._inquiry(incoming, memory, Intent.ATTACHMENT)
        return None

    def read(self, text: str) -> Reading:
        """Aspects, sayings, life events and ask-back phrases of a text."""
        return self._spotting.read(text)

    def search(self, text: str, index: Index) -> Found:
        """What the search alone says of a text, for explaining and measuring."""
        return Search(index, self._elsewhere, self._confidence).find(clean(text))

    def _parts(self, text: str, search: Search) -> list[str]:
        """The questions of a message, when each stands on its own and means another procedure."""
        whole = search.find(text).matches
        for pattern in _BREAKS:
            pieces = [piece.strip() for piece in pattern.split(text) if piece.strip()]
            if not 2 <= len(pieces) <= 3:
                continue
            asking = pattern is _BREAKS[0] or all(self.read(each).aspects for each in pieces)
            if asking and self._stand_alone(pieces, whole, search):
                return pieces
        return [text]

    def _stand_alone(self, pieces: Sequence[str], whole: Sequence[Match], search: Search) -> bool:
        """Every piece has its own clear procedure, and they explain more than the whole does."""
        found = [search.find(piece).matches for piece in pieces]
        if not all(self.decided(matches) and matches[0].score >= ALONE for matches in found):
            return False
        if len({matches[0].code for matches in found}) < len(pieces):
            return False
        if not whole or all(matches[0].score > whole[0].score for matches in found):
            return True
        explained = set(whole[0].because)
        return any(
            2 * len(explained.intersection(matches[0].because)) < len(matches[0].because)
            for matches in found
        )

    @staticmethod
    def decided(matches: Sequence[Match]) -> bool:
        """True when the first match may be shown without asking back."""
        if not matches or matches[0].score < ANSWER:
            return False
        return len(matches) == 1 or matches[0].score - matches[1].score >= LEAD

    @staticmethod
    def _certain(found: Found) -> bool:
        """True when the question is surely one for an office: by its wording, or by name."""
        return found.ours >= CERTAINLY_OURS or found.matches[0].score >= OUTRIGHT

    def _question(
        self, text: str, incoming: Incoming, memory: Memory, search: Search, status: StatusTalk
    ) -> Inquiry:
        reading, index = self.read(text), search.index
        found = search.find(text)
        matches = found.matches
        intent, topic = self._intent(text, reading, found, memory, index)
        if self._doubtful(intent, topic, found, status) and not incoming.public:
            of_today = estimate.said_beside(text, self._estimate) is not None
            intent, topic = (intent, topic) if of_today else (Intent.DOSSIER, "doubtful")
        follow_up = intent is Intent.PROCEDURE and topic == "follow_up"
        return Inquiry(
            incoming=incoming,
            memory=memory,
            intent=intent,
            text=text,
            topic=topic,
            aspects=self._asked(reading, matches, intent, index, follow_up=follow_up),
            matches=matches,
            ambiguous=intent is Intent.PROCEDURE
            and topic not in ("follow_up", AGREED)
            and not (self.decided(matches) and self._certain(found)),
            follow_up=follow_up,
        )

    @staticmethod
    def _doubtful(intent: Intent, topic: str, found: Found, status: StatusTalk) -> bool:
        """True when a filed dossier may be meant as well: better asked than guessed."""
        if (intent, topic) == (Intent.DOSSIER, "dossier"):
            return status.chance < LEAST
        if (intent, topic) not in _OPEN:
            return False
        if found.ours < NOT_OURS and status.chance < SURELY_STATUS:
            return False
        if status.reading.otherwise:
            return status.chance >= SURELY_STATUS
        if status.unlikely:
            return status.chance >= HARDLY_STATUS or intent is Intent.NONE
        if found.matches and found.matches[0].score >= CLEARLY:
            return False
        return status.chance >= (HARDLY_STATUS if status.reading.may_ask else MAYBE_STATUS)

    def _intent(
        self,
        text: str,
        reading: Reading,
        found: Found,
        memory: Memory,
        index: Index,
    ) -> tuple[Intent, str]:
        matches = found.matches
        score = matches[0].score if matches else 0.0
        named = _PROCEDURE_CODE.search(text)
        if named and any(said.intent == Intent.DOSSIER for said, _ in reading.said):
            return Intent.DOSSIER, "other_code"
        if named:
            return Intent.PROCEDURE, named[1]
        if said := self._said_only(reading, found, score):
            return Intent(said.intent), said.key
        if reading.ask_back and self._all_known(reading.ask_back, index):
            return Intent.PROCEDURE, "ask_back"
        if event := self._event(reading, found, score):
            return event
        if memory.procedure and self._leans_on_memory(reading, score):
            return Intent.PROCEDURE, "follow_up"
        least = OURS_MISTYPED if found.near.mistyped else OURS
        if matches and (found.ours >= least or score >= OUTRIGHT):
            return Intent.PROCEDURE, ""
        elsewhere = found.near.words + found.near.pairs < 0
        return (Intent.OUT_OF_SCOPE, "not_ours") if elsewhere else (Intent.NONE, "")

    def _said_only(self, reading: Reading, found: Found, score: float) -> Said | None:
        """What was said that is no procedure, unless a procedure is named beside it.

        «ly hôn ở đâu» is for the court, «ghi chú ly hôn ở nước ngoài» is a procedure of ours.
        """
        if not reading.said:
            return None
        # What is certain counts before what only may be meant.
        said, own = min(reading.said, key=lambda each: not each[0].sure)
        unnamed = score < (OUTRIGHT if said.sure else NAMED)
        if said.intent == "emergency" or not found.matches:
            return said
        if unnamed and (said.sure or found.ours < NAMED_OURS):
            return said
        asked = {reading.folded[place] for place in reading.covered}
        named = {fold(word) for word in found.matches[0].because} - own - asked
        topical = named - self._fillers - COURTESY - _DOING
        return None if len(topical) > 1 or (topical and score >= SURE) else said

    @staticmethod
    def _event(reading: Reading, found: Found, score: float) -> tuple[Intent, str] | None:
        """Something happened: all that belongs to it, or the one part that is asked for."""
        event = reading.event
        if event is None:
            return None
        belongs = score >= BELONGS and found.matches[0].code in event.codes
        if not reading.only_event and belongs and found.ours >= CERTAINLY_OURS:
            return Intent.PROCEDURE, AGREED
        if reading.only_event or (score < ANSWER and found.ours < CERTAINLY_OURS):
            return Intent.LIFE_EVENT, event.key
        return None

    @staticmethod
    def _all_known(rule: AskBack, index: Index) -> bool:
        return sum(option.code in index.procedures for option in rule.options) > 1

    def _leans_on_memory(self, reading: Reading, score: float) -> bool:
        """An aspect asked and no topic of its own: it is about the procedure just spoken of."""
        topic = [
            word
            for place, word in enumerate(reading.folded)
            if place not in reading.covered and word not in self._fillers
        ]
        return bool(reading.aspects) and not topic and score < SURE

    @staticmethod
    def _own_words(match: Match, index: Index) -> frozenset[str]:
        """Words of the procedure's names; an everyday name that asks something asks it."""
        procedure = index.procedures[match.code]
        spoken = {fold(word) for word in words(f"{procedure.name} {procedure.title}")}
        alias = {fold(word) for word in words(match.phrase)}
        return frozenset(spoken if alias & _ASKING else spoken | alias)

    def _asked(
        self,
        reading: Reading,
        matches: Sequence[Match],
        intent: Intent,
        index: Index,
        *,
        follow_up: bool,
    ) -> tuple[Aspect, ...]:
        """Aspects asked; one whose words belong to the procedure's own phrase is not asked."""
        if intent is not Intent.PROCEDURE:
            return ()
        own = self._own_words(matches[0], index) if matches and not follow_up else frozenset()
        asked: list[Aspect] = []
        for start, end, aspect in self._spotting.asked(reading.spoken):
            if not set(reading.folded[start:end]) <= own and aspect not in asked:
                asked.append(aspect)
        return tuple(asked)

    def ask_back(self, text: str) -> AskBack | None:
        """The ask-back rule of a phrase."""
        return self.read(text).ask_back
