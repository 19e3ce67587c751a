"""Teaches an everyday name: checked against everybody else's, then in force, then guarded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot import documents
from bot.app import build_services
from bot.replay import Candidate, Collision, Material, Outcome, clashes, gather
from knowledge.masking import mask
from knowledge.missed import Verdict
from knowledge.regression import LONGEST, case_key
from knowledge.store import Write
from knowledge.text import clean, words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from bot.desk import Known
    from handlers.services import Services
    from knowledge.store import Store, UnitOfWork

TRIES = 3
"""How often a check is made again because knowledge changed while it ran."""


class Unteachable(Exception):
    """The phrase cannot be taught; the text says why, in Vietnamese."""


class Stealing(Unteachable):
    """Sentences of others would be lost; ``stolen`` names them."""

    def __init__(self, stolen: Sequence[Collision]) -> None:
        told = "; ".join(f"«{each.phrase}» của thủ tục {each.owner}" for each in stolen[:5])
        super().__init__(f"Tên gọi này lấy mất câu của thủ tục khác: {told}.")
        self.stolen = tuple(stolen)


class Unreached(Unteachable):
    """The phrase would not lead to the procedure even then; ``outcome`` is what it leads to."""

    def __init__(self, outcome: Outcome) -> None:
        other = f": câu này dẫn tới {', '.join(outcome.codes)}" if outcome.codes else ""
        super().__init__(f"Dạy tên gọi này cũng chưa tới được thủ tục{other}.")
        self.outcome = outcome


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """A phrase for a procedure; ``answers`` are the missed questions it settles."""

    code: str
    phrase: str
    author: str
    answers: tuple[str, ...] = ()


def teach(
    store: Store,
    lesson: Lesson,
    *,
    at: datetime,
    today: date,
    force: bool = False,
    known: Known | None = None,
) -> Write:
    """Add the phrase to the record in force, keep a regression case, settle missed questions.

    Computes: call it from a thread. ``known`` is what the running desk answers with; when that is
    up to date nothing is built anew, which takes seconds with thousands of records. Running
    processes follow within seconds. ``force`` teaches also what takes sentences of others. Raises
    :class:`Unteachable`.
    """
    said = checked(lesson.phrase)
    for _ in range(TRIES):
        with store.work() as work:
            material, before = _gathered(work, today, known)
        _refuse(material, lesson.code, said, before, force=force)
        with store.work() as work:
            work.alone()
            if work.version() != material.version:
                continue
            taught = work.teach(lesson.code, said, author=lesson.author, at=at)
            assert taught is not None, "the record was there at the same version"
            work.regression.add(said, lesson.code, author=lesson.author, at=at)
            work.missed.decide(
                {said, *lesson.answers},
                Verdict.TAUGHT,
                code=lesson.code,
                author=lesson.author,
                at=at,
            )
            work.audit.record(
                lesson.author,
                "procedure.teach",
                f"procedure:{lesson.code}",
                None,
                {"aliases": said} | ({"forced": True} if force else {}),
                at=at,
            )
            return taught
    raise Unteachable("Kho thủ tục đang được sửa liên tục. Anh/chị thử lại sau ít phút.")


def checked(phrase: str) -> str:
    """The phrase as it is kept. Raises :class:`Unteachable` for what is no name."""
    said = clean(phrase)
    if not any(word.isalpha() for word in words(said)):
        raise Unteachable("Tên gọi trống.")
    if len(said) > LONGEST:
        raise Unteachable(f"Tên gọi dài quá {LONGEST} ký tự. Chỉ lấy phần gọi tên việc cần làm.")
    if mask(said) != said or "[" in said:
        raise Unteachable("Câu có dữ liệu cá nhân. Chỉ lấy phần gọi tên việc cần làm.")
    return said


def _gathered(
    work: UnitOfWork, today: date, known: Known | None
) -> tuple[Material, Services | None]:
    """What is in force, and services over it unless they have to be built."""
    if known is None or (known.version, known.day) != (work.version(), today):
        return gather(work, today=today), None
    material = Material(
        version=known.version,
        today=today,
        procedures=tuple(known.services.index.procedures.values()),
        vocabulary=documents.read_vocabulary(documents.stored(work, documents.VOCABULARY)),
        phrases=known.services.phrases,
        cases=tuple(work.regression.all()),
    )
    return material, known.services


def _refuse(
    material: Material, code: str, said: str, before: Services | None, *, force: bool
) -> None:
    record = next(
        (
            each
            for each in material.procedures
            if each.code == code and each.in_force(material.today)
        ),
        None,
    )
    if record is None:
        raise Unteachable(f"Không có thủ tục {code} đang dùng.")
    if force or said in record.aliases:
        return
    taught = record.model_copy(update={"aliases": (*record.aliases, said)})
    before = before or build_services(
        [each for each in material.procedures if each.in_force(material.today)],
        material.vocabulary,
        material.phrases,
    )
    if code not in before.index.procedures:
        raise Unteachable(f"Thủ tục {code} đã được thủ tục khác thay thế.")
    after = replace(before, index=before.index.with_name(code, said))
    broken, collisions = clashes(material, Candidate(procedure=taught), (before, after))
    # The case of these very words may move to another procedure: that is what is being taught.
    stolen = [each for each in broken if case_key(each.phrase) != case_key(said)]
    stolen += [each for each in collisions if each.owner != code]
    if stolen:
        raise Stealing(stolen)
    for each in collisions:
        if each.phrase == said:
            raise Unreached(each.after)
