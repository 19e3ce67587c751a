"""What an answer means for being told of corrections, written down with the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.consents import Agreement

if TYPE_CHECKING:
    from bot.desk import Answered
    from bot.sealing import Seal
    from knowledge.store import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Word:
    """A citizen's word on it, sealed before the transaction; no agreement takes all back."""

    channel: str
    contact: str
    agreement: Agreement | None


def word_of(answered: Answered, seal: Seal) -> Word | None:
    """The word that some answers note; ``None`` when they note none."""
    given = next((each.consents for each in answered.answers if each.consents), None)
    if given is None:
        return None
    contact = answered.incoming.contact
    agreement = None
    if given.agreed and given.procedure:
        agreement = Agreement(
            channel=contact.channel,
            contact=answered.contact,
            procedure=given.procedure,
            sealed=seal.close(contact.id),
            wording=given.wording,
            agreed_at=answered.incoming.received_at,
        )
    return Word(channel=contact.channel, contact=answered.contact, agreement=agreement)


def note(work: UnitOfWork, word: Word) -> None:
    """Keep an agreement with its proof, or forget all of that contact."""
    if word.agreement:
        work.consents.agree(word.agreement)
    else:
        work.consents.revoke(word.channel, word.contact)
