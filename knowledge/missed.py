"""Questions the office did not answer, grouped by likeness, and what staff decided on them."""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from knowledge.bulk import upsert_all
from knowledge.regression import case_key
from knowledge.synonyms import Synonyms
from knowledge.tables import InquiryRow, MissedDecision, RatingRow
from knowledge.text import fold, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from knowledge.search import Index, Match
    from knowledge.vocabulary import Vocabulary

ALIKE = 0.6
"""Weighted Jaccard likeness from which two questions are taken for one."""
FILLER = 0.05
"""Weight of a filler beside the rarity of other words."""


class Kind(StrEnum):
    """How a question was missed."""

    UNANSWERED = "unanswered"
    ASKED_BACK = "asked_back"
    BADLY_RATED = "badly_rated"


STATUSES = {"unanswered_no_match": Kind.UNANSWERED, "clarify_procedure": Kind.ASKED_BACK}
"""Statuses of the log that tell a missed question."""


class Verdict(StrEnum):
    """What staff decided on a missed question; open until then."""

    OPEN = "open"
    TAUGHT = "taught"
    NEEDS_PROCEDURE = "needs_procedure"
    OUT_OF_SCOPE = "out_of_scope"
    GLOSSARY = "glossary"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One distinct masked question, how often and how it was missed, and when last."""

    text: str
    kinds: Counter[Kind]
    last: datetime

    @property
    def count(self) -> int:
        """How often it was missed."""
        return self.kinds.total()

    @cached_property
    def key(self) -> str:
        """What a decision on it is kept under, see :func:`missed_key`."""
        return missed_key(self.text)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What was decided on one phrase, by whom and when."""

    phrase: str
    verdict: Verdict
    code: str | None
    note: str
    author: str
    decided_at: datetime


@dataclass(frozen=True, kw_only=True)
class Group:
    """Questions taken for one, the most frequent first, and the newest decision on any."""

    members: tuple[Asked, ...]
    verdict: Verdict = Verdict.OPEN
    decision: Decision | None = None

    @property
    def phrase(self) -> str:
        """The question that stands for the others."""
        return self.members[0].text

    @property
    def count(self) -> int:
        """How often all of them were missed."""
        return sum(each.count for each in self.members)

    @property
    def kinds(self) -> Counter[Kind]:
        """How often in which way."""
        return sum((each.kinds for each in self.members), Counter())

    @property
    def last(self) -> datetime:
        """When one of them was missed last."""
        return max(each.last for each in self.members)


@dataclass(frozen=True, kw_only=True)
class Suggested:
    """A group and the procedures it may mean, the likeliest first."""

    group: Group
    matches: tuple[Match, ...]


def missed_key(text: str) -> str:
    """What a decision on a question is kept under: a digest of its words without diacritics."""
    return hashlib.blake2b(case_key(text).encode(), digest_size=16).hexdigest()


class MissedQuestions:
    """Reads of the log and decisions on missed questions inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def asked(self, *, since: datetime) -> list[Asked]:
        """Distinct questions missed since a time, the most frequent first.

        Presses of buttons and what is kept private are no questions.
        """
        found: dict[str, Counter[Kind]] = defaultdict(Counter)
        last: dict[str, datetime] = {}
        for text, kind, count, at in self._tally(since):
            found[text][kind] += count
            last[text] = max(at, last.get(text, at))
        asked = [Asked(text=text, kinds=kinds, last=last[text]) for text, kinds in found.items()]
        return sorted(asked, key=lambda each: (-each.count, each.text))

    def _tally(self, since: datetime) -> Iterable[tuple[str, Kind, int, datetime]]:
        words_only = (InquiryRow.text != "", ~InquiryRow.text.like("[%]"))
        columns = (InquiryRow.text, InquiryRow.status, func.count(), func.max(InquiryRow.at))
        for text, status, count, at in self._session.execute(
            select(*columns)
            .where(InquiryRow.at >= since, InquiryRow.status.in_(STATUSES), *words_only)
            .group_by(InquiryRow.text, InquiryRow.status)
        ):
            yield text, STATUSES[status], count, at
        for text, count, at in self._session.execute(
            select(InquiryRow.text, func.count(), func.max(InquiryRow.at))
            .join(RatingRow, RatingRow.inquiry == InquiryRow.id)
            .where(
                RatingRow.good.is_(False),
                RatingRow.at >= since,
                InquiryRow.at >= since,
                InquiryRow.status.not_in(STATUSES),
                *words_only,
            )
            .group_by(InquiryRow.text)
        ):
            yield text, Kind.BADLY_RATED, count, at

    def decisions(self) -> dict[str, Decision]:
        """All decisions by :func:`missed_key`."""
        return {
            row.key: Decision(
                phrase=row.phrase,
                verdict=Verdict(row.state),
                code=row.code,
                note=row.note,
                author=row.author,
                decided_at=row.decided_at,
            )
            for row in self._session.scalars(select(MissedDecision))
        }

    def decide(
        self,
        phrases: Collection[str],
        verdict: Verdict,
        *,
        author: str,
        at: datetime,
        code: str | None = None,
        note: str = "",
    ) -> None:
        """Decide on all questions of a group; ``OPEN`` takes a decision back."""
        rows = {
            missed_key(phrase): {
                "key": missed_key(phrase),
                "phrase": phrase,
                "state": verdict,
                "code": code,
                "note": note,
                "author": author,
                "decided_at": at,
            }
            for phrase in phrases
        }
        upsert_all(self._session, MissedDecision, ("key",), list(rows.values()))

    def groups(self, vocabulary: Vocabulary, *, since: datetime) -> list[Group]:
        """Missed questions in groups with what was decided, the most frequent first."""
        return judged(grouped(self.asked(since=since), vocabulary), self.decisions())


def suggested(groups: Iterable[Group], index: Index, limit: int = 3) -> list[Suggested]:
    """For each group the procedures it may mean; for one page of groups, not for all."""
    return [
        Suggested(group=group, matches=tuple(index.match(group.phrase, limit))) for group in groups
    ]


def judged(groups: Iterable[Sequence[Asked]], decisions: Mapping[str, Decision]) -> list[Group]:
    """Groups with the newest decision on any of their questions.

    A group that was taught is open again when one of its questions was missed afterwards.
    """
    found = []
    for members in groups:
        known = [each for member in members if (each := decisions.get(member.key))]
        decision = max(known, key=lambda each: each.decided_at, default=None)
        verdict = decision.verdict if decision else Verdict.OPEN
        if decision and verdict is Verdict.TAUGHT:
            again = any(member.last > decision.decided_at for member in members)
            verdict = Verdict.OPEN if again else verdict
        found.append(Group(members=tuple(members), verdict=verdict, decision=decision))
    return sorted(found, key=lambda group: (-group.count, group.phrase))


def grouped(asked: Iterable[Asked], vocabulary: Vocabulary) -> list[list[Asked]]:
    """Questions taken for one, by the rarity-weighted Jaccard likeness of their words.

    Each joins the likest group before it, measured on the group's most frequent question. Only
    groups that share one of the rarest words of both are looked at: two questions that are alike
    must share one of those (prefix filtering), so the time grows little faster than the text.
    """
    ordered = sorted(asked, key=lambda each: (-each.count, each.text))
    synonyms, fillers = Synonyms(vocabulary), vocabulary.filler_words()
    bags = [_bag(each.text, synonyms) for each in ordered]
    weights = _weights(bags, fillers)
    leaders: list[frozenset[str]] = []
    totals: list[float] = []
    groups: list[list[Asked]] = []
    holding: dict[str, list[int]] = defaultdict(list)
    same: dict[frozenset[str], int] = {}
    for each, bag in zip(ordered, bags, strict=True):
        place = same.get(bag)
        if place is None:
            total = sum(weights[word] for word in bag)
            prefix = _prefix(bag, total, weights)
            near = {number for word in prefix for number in holding[word]}
            place = _likest(bag, total, near, leaders, totals, weights)
            if place is None:
                place = len(groups)
                groups.append([])
                leaders.append(bag)
                totals.append(total)
                for word in prefix:
                    holding[word].append(place)
            same[bag] = place
        groups[place].append(each)
    return groups


def _bag(text: str, synonyms: Synonyms) -> frozenset[str]:
    return frozenset(fold(each.word) for each in synonyms.read(words(text)))


def _weights(bags: Sequence[frozenset[str]], fillers: frozenset[str]) -> dict[str, float]:
    holders = Counter(word for bag in bags for word in bag)
    most = len(bags) + 1
    return {
        word: FILLER if word in fillers else math.log(1 + most / count)
        for word, count in holders.items()
    }


def _prefix(bag: frozenset[str], total: float, weights: Mapping[str, float]) -> list[str]:
    """The rarest words, so many that the others alone cannot make a question alike."""
    rarest = sorted(bag, key=lambda word: (-weights[word], word))
    left = total
    for place, word in enumerate(rarest):
        if left < ALIKE * total:
            return rarest[:place]
        left -= weights[word]
    return rarest


def _likest(
    bag: frozenset[str],
    total: float,
    near: Iterable[int],
    leaders: Sequence[frozenset[str]],
    totals: Sequence[float],
    weights: Mapping[str, float],
) -> int | None:
    best, found = ALIKE, None
    for number in sorted(near):
        other = totals[number]
        if min(total, other) < best * max(total, other):
            continue
        shared = sum(weights[word] for word in bag & leaders[number])
        likeness = shared / (total + other - shared) if shared else 0.0
        if likeness >= best and (found is None or likeness > best):
            best, found = likeness, number
    return found
