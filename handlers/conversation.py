"""What passes between a citizen and the office, free of any channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from knowledge.handovers import Standing, Why
from knowledge.model import Aspect
from knowledge.search import Match


class Status(StrEnum):
    """How an inquiry ended; log, metrics, reports and evaluation read this field only."""

    ANSWERED = "answered"
    ANSWERED_OFFICE = "answered_office"
    ANSWERED_SMALLTALK = "answered_smalltalk"
    ANSWERED_OUT_OF_SCOPE = "answered_out_of_scope"
    ANSWERED_EMERGENCY = "answered_emergency"
    ANSWERED_PRIVACY = "answered_privacy"
    ANSWERED_CONSENT = "answered_consent"
    ANSWERED_DOSSIER = "answered_dossier"
    ANSWERED_DOSSIER_OVERDUE = "answered_dossier_overdue"
    """Shown like any other; counted apart."""
    ANSWERED_DOSSIER_ELSEWHERE = "answered_dossier_elsewhere"
    CLARIFY_PROCEDURE = "clarify_procedure"
    CLARIFY_CASE = "clarify_case"
    CLARIFY_DOSSIER = "clarify_dossier"
    UNANSWERED_NO_MATCH = "unanswered_no_match"
    UNANSWERED_EMPTY = "unanswered_empty"
    UNANSWERED_ATTACHMENT = "unanswered_attachment"
    UNANSWERED_DOSSIER = "unanswered_dossier"
    UNANSWERED_SOURCE = "unanswered_source"
    RATED_GOOD = "rated_good"
    RATED_BAD = "rated_bad"
    UNANSWERED_SWITCHED_OFF = "unanswered_switched_off"
    HANDED_OVER = "handed_over"
    HANDED_OVER_MESSAGE = "handed_over_message"
    HANDED_OVER_ENDED = "handed_over_ended"
    ERROR_INTERNAL = "error_internal"


class Attachment(StrEnum):
    """What came instead of text."""

    PHOTO = "photo"
    VOICE = "voice"
    STICKER = "sticker"
    LOCATION = "location"
    FILE = "file"
    OTHER = "other"


class ScanKind(StrEnum):
    """What a code on a picture holds."""

    DOSSIER = "dossier"
    """A dossier code, as the barcode of a receipt holds it, or a link of this office."""
    DOSSIER_DOUBTFUL = "dossier_doubtful"
    """Formed like a dossier code, of the future or of a day that does not exist."""
    PROCEDURE = "procedure"
    FORGED_LINK = "forged_link"
    """Formed like a link of this office, which did not make it."""
    WEB_LINK = "web_link"
    """Some address; never opened, and not read out."""
    IDENTITY_CARD = "identity_card"
    """What an identity card holds, or any full identity number; forgotten here."""
    HEIC = "heic"
    """The picture itself is in a format of phones that is not read."""
    OTHER = "other"


@dataclass(frozen=True)
class Scan:
    """One code read from a picture; ``code`` only for dossiers and procedures."""

    kind: ScanKind
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class Contact:
    """One conversation: a channel's name and the channel's own id for the chat."""

    channel: str
    id: str


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """One message from a citizen.

    ``action`` is the payload of a pressed button, ``start:<payload>`` for a deep link, or the name
    of a command of the menu. ``phone`` is a number the platform vouches for as the citizen's own.
    ``scanned`` holds what the codes on a picture say; ``public`` when others read along.
    ``officers`` is how things stand with the officers; ``None`` where they cannot be reached.
    """

    contact: Contact
    received_at: datetime
    text: str = ""
    action: str | None = None
    attachment: Attachment | None = None
    phone: str | None = None
    scanned: tuple[Scan, ...] = ()
    public: bool = False
    officers: Standing | None = None


@dataclass(frozen=True, kw_only=True)
class Button:
    """Something to press: an action (≤ 64 bytes, no personal data) or a web address.

    ``aside`` for what has no number and stands behind the others; where it cannot be drawn, a line
    says that its label may be typed.
    """

    label: str
    action: str = ""
    url: str | None = None
    aside: bool = False


class Shape(StrEnum):
    """How the lines of a section stand."""

    PLAIN = "plain"
    NUMBERED = "numbered"
    BULLETS = "bullets"
    CHECKLIST = "checklist"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Section:
    """A few lines that belong together. ``ticked`` holds positions done in a checklist."""

    lines: tuple[str, ...]
    heading: str = ""
    shape: Shape = Shape.PLAIN
    ticked: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class File:
    """A blank form to hand out: its name in the folder of forms, and what people call it."""

    name: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One bubble: the asked thing first, then sections, buttons, and the source last.

    ``replaces`` when it takes the place of the bubble whose button was pressed, where a channel
    can do that. ``asks_phone`` when the citizen may share the number of their account.
    """

    lead: str = ""
    sections: tuple[Section, ...] = ()
    buttons: tuple[Button, ...] = ()
    source: str = ""
    files: tuple[File, ...] = ()
    replaces: bool = False
    asks_phone: bool = False


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """Answers given so far in checklist mode and the papers already in hand."""

    code: str
    choices: dict[str, str] = field(default_factory=dict)
    asking: str = ""
    ticked: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class KeptDossier:
    """A dossier the citizen wants remembered in this chat: what to call it, a sealed right."""

    name: str
    right: str


@dataclass(frozen=True, kw_only=True)
class DossierTalk:
    """Where the talk about a dossier stands; codes and rights are sealed.

    ``codes`` wait for their proof since ``at``, ``choice`` are several of which one is meant,
    ``right`` belongs to the dossier shown last. ``doubt`` is what was typed, masked, when it was
    asked back whether a dossier was meant at all.
    """

    codes: str = ""
    choice: str = ""
    right: str = ""
    kept: tuple[KeptDossier, ...] = ()
    doubt: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What the office remembers of one conversation between two messages.

    ``offered`` are the buttons shown last, so that «2» or «cái đầu tiên» means one of them;
    ``announced`` the announcements told that are not over.
    """

    procedure: str | None = None
    aspect: Aspect | None = None
    offered: tuple[Button, ...] = ()
    checklist: Checklist | None = None
    saved_checklists: tuple[Checklist, ...] = ()
    failures: int = 0
    greeted: bool = False
    dossier: DossierTalk | None = None
    announced: tuple[int, ...] = ()
    updated_at: datetime | None = None


class Intent(StrEnum):
    """What a message is about, before any procedure is looked at."""

    PROCEDURE = "procedure"
    ACTION = "action"
    DOSSIER = "dossier"
    OFFICE = "office"
    CONSENT = "consent"
    HUMAN = "human"
    SMALLTALK = "smalltalk"
    OUT_OF_SCOPE = "out_of_scope"
    EMERGENCY = "emergency"
    LIFE_EVENT = "life_event"
    EMPTY = "empty"
    ATTACHMENT = "attachment"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Inquiry:
    """One question as understood. Two questions in one message are two inquiries."""

    incoming: Incoming
    memory: Memory
    intent: Intent
    text: str = ""
    topic: str = ""
    aspects: tuple[Aspect, ...] = ()
    matches: tuple[Match, ...] = ()
    ambiguous: bool = False
    follow_up: bool = False


class HandOverStep(StrEnum):
    """What an answer means for the conversation with officers."""

    OPEN = "open"
    RELAY = "relay"
    """Officers get the message; what the bot answers meanwhile, they get too."""
    END = "end"
    """The citizen goes on with the bot."""
    BACK = "back"
    """The citizen was told that an officer ended it."""


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """One step. ``why`` and ``expected_by`` when it opens; ``text`` in place of a button's name."""

    step: HandOverStep
    why: Why = Why.ASKED
    expected_by: datetime | None = None
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Rating:
    """What the citizen says of the newest answer about a procedure."""

    procedure: str
    good: bool


@dataclass(frozen=True, kw_only=True)
class Consent:
    """A citizen agreed to be told of corrections, or takes that back.

    ``wording`` is the sentence they agreed to. ``procedure`` ``None`` takes everything back.
    """

    agreed: bool
    procedure: str | None = None
    wording: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Replies to one inquiry, how it ended, and what is to be remembered and logged.

    ``erases`` when everything kept of the citizen goes before this answer is written down;
    ``private`` when not even the masked words of the message belong into the log;
    ``hands_over`` what it means for the conversation with officers. Without replies only while
    officers have the word.
    """

    replies: tuple[Reply, ...]
    status: Status
    memory: Memory
    intent: Intent
    procedure: str | None = None
    aspect: Aspect | None = None
    score: float | None = None
    revision: int | None = None
    erases: bool = False
    private: bool = False
    hands_over: HandOver | None = None
    rates: Rating | None = None
    consents: Consent | None = None
