"""Measures matching on labelled questions and lists the mistakes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from handlers.decision import decide
from handlers.services import Services

ANSWERING = ("answer",)
ASKING = ("clarify",)
PROBABILITIES = (0.2, 0.3, 0.4, 0.45, 0.5, 0.6, 0.7, 0.85)
THRESHOLDS = (0.40, 0.47, 0.52, 0.58, 0.64, 0.70, 0.76, 0.82, 0.90, 1.00)


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled question; no codes means that no procedure is right."""

    question: str
    name: str
    codes: tuple[str, ...]


@dataclass(slots=True)
class Report:
    """Counts over all rows; ``milliseconds`` of each decision.

    ``confidence``: best score of what was shown, and whether it was right; ``ours``: probability
    that a question is one for an office, and whether it is.
    """

    rows: int = 0
    refusals_due: int = 0
    first: int = 0
    in_three: int = 0
    reciprocal: float = 0.0
    wrong_card: int = 0
    asked_back: int = 0
    refused_real: int = 0
    refused_due: int = 0
    milliseconds: list[float] = field(default_factory=list)
    confidence: list[tuple[float, bool]] = field(default_factory=list)
    ours: list[tuple[float, bool]] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)


def read_rows(file: Path) -> list[Row]:
    """Rows of a TSV. Raises ValueError naming the line that is no row."""
    rows = []
    for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) < 2:
            raise ValueError(
                f"{file.name}, dòng {number}: cần ít nhất câu hỏi và tên, cách bằng tab"
            )
        codes = cells[2] if len(cells) > 2 else ""
        found = tuple(code.strip() for code in codes.split(";") if code.strip())
        rows.append(Row(cells[0], cells[1], found))
    return rows


def measure(rows: Sequence[Row], services: Services, change: Callable[[str], str]) -> Report:
    """Decide every question, ``change`` applied first, and count."""
    report = Report()
    for row in rows:
        question = change(row.question)
        started = time.perf_counter()
        decision = decide(question, services)
        report.milliseconds.append((time.perf_counter() - started) * 1000)
        found = [match.code for match in decision.matches]
        answered = decision.decision in ANSWERING
        told = f"{question} → {decision.decision} " + (
            f"{decision.matches[0].code} {decision.matches[0].name[:60]}" if found else "–"
        )
        if found and (answered or decision.decision in ASKING):
            best = decision.matches[0]
            report.confidence.append((best.score, best.code in row.codes))
        seen = services.understanding.search(question, services.index)
        report.ours.append((seen.ours, bool(row.codes)))
        if not row.codes:
            _count_refusal(
                report, told, taken=answered or decision.decision in ASKING, card=answered
            )
        else:
            _count_real(report, row, found, decision.decision, told)
    return report


def _count_refusal(report: Report, told: str, *, taken: bool, card: bool) -> None:
    report.refusals_due += 1
    report.refused_due += not taken
    report.wrong_card += card
    if taken:
        report.mistakes.append(f"không được từ chối: {told}")


def _count_real(report: Report, row: Row, found: list[str], decision: str, told: str) -> None:
    report.rows += 1
    rank = next((place for place, code in enumerate(found, 1) if code in row.codes), None)
    report.first += rank == 1
    report.in_three += rank is not None and rank <= 3
    report.reciprocal += 1 / rank if rank else 0.0
    report.asked_back += decision in ASKING
    report.refused_real += decision not in (*ANSWERING, *ASKING)
    report.wrong_card += decision in ANSWERING and rank != 1
    if rank != 1:
        report.mistakes.append(f"sai: {told} (đúng: {row.codes[0]} {row.name[:60]})")
    elif decision not in (*ANSWERING, *ASKING):
        report.mistakes.append(f"bị từ chối: {told}")


def curve(report: Report) -> list[str]:
    """For each threshold: questions whose best score reaches it, and how many would be wrong.

    The share is of all questions; a question below the threshold is asked back or refused.
    """
    total = max(report.rows + report.refusals_due, 1)
    lines = ["threshold  reached  wrong"]
    for threshold in THRESHOLDS:
        reached = [right for score, right in report.confidence if score >= threshold]
        wrong = reached.count(False)
        lines.append(f"{threshold:9.2f}  {len(reached) / total:7.3f}  {wrong / total:5.3f}")
    return lines


def refusals(report: Report) -> list[str]:
    """For each probability: the share below it of real questions, and of those to refuse.

    By wording and best match alone: what is refused or understood by name comes on top.
    """
    lines = ["probability  real refused  rightly refused"]
    for least in PROBABILITIES:
        shares = [
            sum(ours < least for ours, real in report.ours if real is wanted)
            / max(sum(real is wanted for _, real in report.ours), 1)
            for wanted in (True, False)
        ]
        lines.append(f"{least:11.2f}  {shares[0]:12.3f}  {shares[1]:15.3f}")
    return lines


def render(report: Report, *, mistakes: bool) -> str:
    """The report as text."""
    real, due = max(report.rows, 1), max(report.refusals_due, 1)
    spent = sorted(report.milliseconds) or [0.0]
    total = max(report.rows + report.refusals_due, 1)
    lines = [
        f"questions {report.rows}, without a procedure {report.refusals_due}",
        f"R@1 {report.first / real:.3f}",
        f"R@3 {report.in_three / real:.3f}",
        f"MRR {report.reciprocal / real:.3f}",
        f"wrong card {report.wrong_card / total:.3f}",
        f"asked back {report.asked_back / real:.3f}",
        f"refused, real questions {report.refused_real / real:.3f}",
        f"refused, without a procedure {report.refused_due / due:.3f}",
        f"ms p50 {spent[len(spent) // 2]:.2f}, p99 {spent[int(len(spent) * 0.99)]:.2f}",
    ]
    lines += ["", *curve(report), "", *refusals(report)]
    return "\n".join(lines + (["", *report.mistakes] if mistakes else []))
