"""«Hồ sơ tới đâu rồi»: a code, its proof, the state in plain words, and being told of changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from handlers import dossier_status
from handlers.conversation import (
    Answer,
    Button,
    DossierTalk,
    Inquiry,
    Intent,
    KeptDossier,
    Reply,
    ScanKind,
    Section,
    Status,
)
from handlers.dossier_reading import Read, read
from handlers.lookup import ElsewhereHeld, NoAnswer, NoSystem, NotMatching, Seen, TooMany
from handlers.status_talk import FILED, HOW
from knowledge.codes import CodeKind, find_codes
from knowledge.masking import mask

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from handlers.lookup import DossierDesk, LookUp
    from handlers.services import Services

MOST_KEPT = 5
MOST_PICKED = 5
MOST_DOUBTED = 300
"""Characters kept of a message that may be about a dossier."""
ACTION = "hs:"


async def dossier(inquiry: Inquiry, services: Services) -> Answer | None:
    """A question about the citizen's own dossier, or a step of the talk about it."""
    pressed = inquiry.intent is Intent.ACTION and (
        inquiry.topic == "dossier" or inquiry.topic.startswith(ACTION)
    )
    if inquiry.intent is not Intent.DOSSIER and not pressed:
        return None
    if inquiry.incoming.public:
        # Whoever reads along must not learn even which dossiers there are.
        lead = services.wording("hs.private")
        return _say(inquiry, Status.CLARIFY_DOSSIER, Reply(lead=lead), _talk(inquiry), private=True)
    if services.dossiers is None:
        lead = services.wording("dossier", portal=services.office.portal)
        return _say(inquiry, Status.CLARIFY_DOSSIER, Reply(lead=lead), _talk(inquiry))
    talk = _Talk(inquiry, services, services.dossiers)
    if pressed:
        return await talk.pressed(inquiry.topic.removeprefix(ACTION))
    return await talk.said()


async def linked(code: str, inquiry: Inquiry, services: Services) -> Answer | None:
    """A code that came by a link or a picture of a receipt."""
    if services.dossiers is None or inquiry.incoming.public:
        return None
    return await _Talk(inquiry, services, services.dossiers).given((code,))


def _talk(inquiry: Inquiry) -> DossierTalk:
    return inquiry.memory.dossier or DossierTalk()


def _say(
    inquiry: Inquiry,
    status: Status,
    reply: Reply,
    talk: DossierTalk,
    *,
    private: bool = False,
    procedure: str | None = None,
) -> Answer:
    return Answer(
        replies=(reply,),
        status=status,
        memory=replace(
            inquiry.memory, offered=reply.buttons, checklist=None, dossier=talk, failures=0
        ),
        intent=Intent.DOSSIER,
        procedure=procedure,
        private=private,
    )


class _Talk:
    """One step of the talk."""

    def __init__(self, inquiry: Inquiry, services: Services, desk: DossierDesk) -> None:
        self.inquiry = inquiry
        self.services = services
        self.desk = desk
        self.say = services.wording
        self.talk = _talk(inquiry)
        self.today = services.today(inquiry)
        self.contact = inquiry.incoming.contact

    def answer(
        self,
        status: Status,
        lead: str,
        *lines: str,
        buttons: tuple[Button, ...] = (),
        talk: DossierTalk | None = None,
        private: bool = False,
        asks_phone: bool = False,
    ) -> Answer:
        """Text and buttons; ``talk`` is what is remembered instead of what was."""
        sections = (Section(lines=lines),) if lines else ()
        reply = Reply(lead=lead, sections=sections, buttons=buttons, asks_phone=asks_phone)
        return _say(self.inquiry, status, reply, talk or self.talk, private=private)

    async def said(self) -> Answer:
        """Something was written."""
        found = read(self.inquiry.text, self.today)
        match self.inquiry.topic:
            case "unfollow":
                return await self.unfollow()
            case "doubtful":
                return self.filed_or_how()
            case "where_code" | "late_rights" as general:
                return self.general(general)
            case "digits":
                return await self.digits(found)
            case "late":
                return replace(self.ask_code(), private=True)
            case "scanned":
                scanned = self.inquiry.incoming.scanned
                codes = [scan.code for scan in scanned if scan.kind is ScanKind.DOSSIER]
                return await self.given(codes, found)
        if found.dossiers:
            return await self.given(tuple(each.code for each in found.dossiers), found)
        return self.explained(found) or self.ask_code()

    def explained(self, found: Read) -> Answer | None:
        """What is wrong with a number that is no code to look up."""
        if found.doubtful:
            lead = self.say(f"hs.code.{found.doubtful[0]}")
            return self.answer(Status.CLARIFY_DOSSIER, lead, private=True)
        for each in found.others:
            if f"hs.code.{each.kind}" in self.say:
                lead = self.say(f"hs.code.{each.kind}")
                return self.answer(Status.CLARIFY_DOSSIER, lead, self.say("hs.shape"), private=True)
        return None

    async def pressed(self, action: str) -> Answer | None:
        """A button of ours."""
        steps: dict[str, Callable[[], Awaitable[Answer]]] = {
            "timeline": self.timeline,
            "follow": self.follow,
            "unfollow": self.unfollow,
            "keep": self.keep,
        }
        if action in steps:
            return await steps[action]()
        if action in ("dossier", "filed"):
            return self.ask_code()
        if action == "forget":
            talk = replace(self.talk, kept=())
            return self.answer(Status.ANSWERED_DOSSIER, self.say("hs.forgotten"), talk=talk)
        kind, _, number = action.partition(":")
        if kind == "timeline":
            return self.way(await self.desk.see_followed(self.contact, number))
        if kind == "unfollow":
            return await self.unfollow(number)
        if not number.isdecimal() or len(number) > 2:
            return None
        if kind == "pick":
            codes = self.desk.unseal(self.talk.choice)
            return await self.given(codes[int(number) :][:1]) if int(number) < len(codes) else None
        if kind == "mine" and int(number) < len(self.talk.kept):
            right = self.talk.kept[int(number)].right
            return self.told(await self.desk.see_again(self.contact, right, lasting=True))
        return None

    def ask_code(self) -> Answer:
        """Where is the code? What is remembered of this citizen is offered first."""
        kept = self.talk.kept
        buttons = tuple(
            Button(label=each.name, action=f"{ACTION}mine:{number}")
            for number, each in enumerate(kept)
        )
        if kept:
            buttons += (Button(label=self.say("button.hs.forget"), action=f"{ACTION}forget"),)
        talk = replace(self.talk, codes="")
        lead = self.say("hs.ask.kept" if kept else "hs.ask")
        lines = (self.say("hs.ask"),) if kept else (self.say("hs.ask.why"),)
        return self.answer(Status.CLARIFY_DOSSIER, lead, *lines, buttons=buttons, talk=talk)

    def filed_or_how(self) -> Answer:
        """A filed dossier, or how something is done? Either goes on from what was typed."""
        buttons = tuple(
            Button(label=self.say(f"button.{each.replace(':', '.')}"), action=each)
            for each in (FILED, HOW)
        )
        doubt = mask(self.inquiry.text)[:MOST_DOUBTED]
        talk = replace(self.talk, doubt=doubt)
        return self.answer(
            Status.CLARIFY_DOSSIER, self.say("hs.doubtful"), buttons=buttons, talk=talk
        )

    def general(self, topic: str) -> Answer:
        """A question about dossiers that none of them answers."""
        office = self.services.office
        lines = [self.say("hs.shape"), self.say("hs.photo")]
        if topic == "late_rights":
            lines = [self.say("hs.late.complain", at=office.complaints), self.say("hs.late.look")]
        return self.answer(Status.ANSWERED, self.say(f"hs.{topic}"), *lines)

    async def given(self, codes: Sequence[str], found: Read | None = None) -> Answer:
        """One code, or several of which one must be chosen."""
        if len(codes) > 1:
            return self.which(codes[:MOST_PICKED])
        held = self.desk.elsewhere(self._candidates(codes[0]))
        if held is not None:
            return self.told(held)
        talk = replace(
            self.talk,
            codes=self.desk.seal_codes(codes),
            choice="",
            at=self.inquiry.incoming.received_at,
        )
        if found and found.identity:
            return self.answer(
                Status.CLARIFY_DOSSIER, self.say("hs.identity"), talk=talk, private=True
            )
        if found and found.factor:
            return await self.look_up(codes[0], found.factor, talk)
        return self.answer(
            Status.CLARIFY_DOSSIER,
            self.say("hs.digits"),
            self.say("hs.digits.pin"),
            talk=talk,
            private=True,
            asks_phone=True,
        )

    def which(self, codes: Sequence[str]) -> Answer:
        """Several codes in one message."""
        buttons = tuple(
            Button(label=code, action=f"{ACTION}pick:{number}") for number, code in enumerate(codes)
        )
        talk = replace(self.talk, codes="", choice=self.desk.seal_codes(codes))
        answer = self.answer(
            Status.CLARIFY_DOSSIER, self.say("hs.which"), buttons=buttons, talk=talk, private=True
        )
        # Memory is not sealed: the labels hold codes, the places are enough.
        bare = tuple(replace(each, label=str(n)) for n, each in enumerate(buttons, 1))
        return replace(answer, memory=replace(answer.memory, offered=bare))

    async def digits(self, found: Read) -> Answer:
        """The proof was sent."""
        codes = self.desk.unseal(self.talk.codes)
        if found.identity:
            return self.answer(Status.CLARIFY_DOSSIER, self.say("hs.identity"), private=True)
        phone = self.inquiry.incoming.phone
        factor = found.factor or (phone[-4:] if phone else None)
        if not codes:
            return replace(self.ask_code(), private=True)
        if factor is None:
            return self.answer(
                Status.CLARIFY_DOSSIER, self.say("hs.digits.four"), private=True, asks_phone=True
            )
        return await self.look_up(codes[0], factor, self.talk)

    def _candidates(self, code: str) -> tuple[str, ...]:
        found = find_codes(code, self.today)
        return found[0].candidates if found and found[0].kind is CodeKind.DOSSIER else (code,)

    async def look_up(self, code: str, factor: str, talk: DossierTalk) -> Answer:
        """Ask the systems."""
        self.talk = talk
        return self.told(await self.desk.look_up(self.contact, self._candidates(code), factor))

    def told(self, outcome: LookUp) -> Answer:
        """What came of a look-up."""
        match outcome:
            case Seen(dossier=dossier, right=right):
                return self.shown(Seen(dossier=dossier, right=right))
            case ElsewhereHeld(system):
                key = "hs.elsewhere" if system.confirmed else "hs.elsewhere.maybe"
                lead = self.say(key, system=system.name, url=system.url)
                talk = replace(self.talk, codes="")
                return self.answer(Status.ANSWERED_DOSSIER_ELSEWHERE, lead, talk=talk, private=True)
            case TooMany(wait):
                lead = self.say("hs.too_many", wait=_spoken(wait))
                return self.answer(Status.UNANSWERED_DOSSIER, lead, private=True)
            case NoAnswer():
                lead = self.say("hs.no_answer")
                return self.answer(Status.UNANSWERED_SOURCE, lead, private=True)
            case NoSystem():
                lead = self.say("hs.no_system", portal=self.services.office.portal)
                return self.answer(Status.UNANSWERED_DOSSIER, lead, private=True)
            case NotMatching():
                return self.answer(
                    Status.UNANSWERED_DOSSIER, self.say("hs.not_found"), private=True
                )

    def shown(self, seen: Seen) -> Answer:
        """The state of a proved dossier."""
        dossier, now = seen.dossier, self.inquiry.incoming.received_at
        reply = dossier_status.status(
            dossier, self.services, now, buttons=self._buttons(seen, "timeline")
        )
        talk = replace(self.talk, codes="", choice="", right=seen.right, at=now)
        late = dossier_status.is_overdue(dossier, self.today)
        return _say(
            self.inquiry,
            Status.ANSWERED_DOSSIER_OVERDUE if late else Status.ANSWERED_DOSSIER,
            reply,
            talk,
            private=True,
            procedure=dossier.procedure_code,
        )

    def _buttons(self, seen: Seen, *first: str) -> tuple[Button, ...]:
        actions = list(first)
        if not (seen.dossier.stage and seen.dossier.stage.ended):
            actions.insert(0, "follow")
        if all(each.right != seen.right for each in self.talk.kept):
            actions.append("keep")
        return tuple(
            Button(label=self.say(f"button.hs.{each}"), action=f"{ACTION}{each}")
            for each in actions
        )

    async def _again(self) -> LookUp:
        if not self.talk.right:
            return NotMatching()
        return await self.desk.see_again(self.contact, self.talk.right)

    async def timeline(self) -> Answer:
        """The way of the dossier shown last."""
        return self.way(await self._again())

    def way(self, outcome: LookUp) -> Answer:
        """The way of a dossier, which is the one spoken of from now on."""
        if isinstance(outcome, NotMatching):
            return self.ask_code()
        if not isinstance(outcome, Seen):
            return self.told(outcome)
        now = self.inquiry.incoming.received_at
        reply = dossier_status.timeline(
            outcome.dossier, self.services, now, buttons=self._buttons(outcome)
        )
        talk = replace(self.talk, right=outcome.right, at=now)
        return _say(self.inquiry, Status.ANSWERED_DOSSIER, reply, talk, private=True)

    async def follow(self) -> Answer:
        """Tell of changes from now on."""
        if self.talk.right and await self.desk.follow(self.contact, self.talk.right):
            stop = Button(label=self.say("button.hs.unfollow"), action=f"{ACTION}unfollow")
            lead = self.say("hs.following")
            return self.answer(
                Status.ANSWERED_DOSSIER, lead, self.say("hs.following.how"), buttons=(stop,)
            )
        return self.ask_code()

    async def unfollow(self, mark: str = "") -> Answer:
        """Tell nothing more of one dossier, or of any."""
        stopped = await self.desk.unfollow(self.contact, mark)
        key = "hs.unfollowed" if stopped else "hs.unfollowed.none"
        return self.answer(Status.ANSWERED_DOSSIER, self.say(key))

    async def keep(self) -> Answer:
        """Remember the dossier in this chat, because the citizen wants it."""
        outcome = await self._again()
        if not isinstance(outcome, Seen):
            return self.ask_code()
        title = dossier_status.title(outcome.dossier, self.services)
        name = f"{title} (…{outcome.dossier.code[-4:]})"
        others = [each for each in self.talk.kept if each.name != name]
        kept = (*others, KeptDossier(name=name, right=outcome.right))[-MOST_KEPT:]
        return self.answer(
            Status.ANSWERED_DOSSIER,
            self.say("hs.kept", name=name),
            self.say("hs.kept.how"),
            talk=replace(self.talk, kept=kept),
        )


def _spoken(wait: timedelta) -> str:
    """«2 phút», rounded up."""
    seconds = max(1, round(wait.total_seconds()))
    return f"{seconds} giây" if seconds < 60 else f"{-(-seconds // 60)} phút"
