"""Fits how the signs of a question weigh on whether it is one for an office, and shows the curve.

Everyday questions are asked of an index without them, sentences of ``elsewhere.yaml`` of the
other four fifths of that file: nothing is judged by what it taught.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from benchmarks.comparison import without
from benchmarks.noise import noisy
from bot.app import build_services, seed_procedures
from bot.evaluation import read_rows
from handlers.services import Services
from handlers.understanding import Understanding
from knowledge.confidence import signs
from knowledge.importers import read
from knowledge.model import Procedure
from knowledge.phrases import seed_phrases
from knowledge.text import clean, fold
from knowledge.vocabulary import seed_vocabulary

INQUIRIES = Path(__file__).parents[1] / "tests" / "inquiries"
ASKING = ("", "cần giấy tờ gì", "mất bao lâu", "lệ phí bao nhiêu", "nộp ở đâu", "làm thế nào")
WAYS: dict[str, Callable[[str], str]] = {
    "clean": clean,
    "folded": fold,
    "noisy": noisy,
    "both": lambda text: fold(noisy(text)),
}
FOLDS = 5
WEIGHTS = {"everyday": 2.0, "inquiries": 1.0, "titles": 1.0, "development": 4.0, "elsewhere": 1.5}
"""What one sentence of each source counts: fewer, freer sentences count more."""
THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Example:
    """One sentence in one way of writing; ``ours``: some procedure is right."""

    source: str
    sentence: str
    way: str
    ours: bool
    signs: dict[str, float]


@dataclass(frozen=True)
class Source:
    """Sentences, where they come from, and what they are asked of."""

    name: str
    sentences: Sequence[str]
    ours: bool
    services: Services
    understanding: Understanding


def _titles(procedures: Sequence[Procedure], count: int) -> list[str]:
    chance = random.Random(1)
    names = sorted({each.name for each in procedures})
    chosen = chance.sample(names, min(count, len(names)))
    return [f"{name} {chance.choice(ASKING)}".strip() for name in chosen]


def sources(
    procedures: Sequence[Procedure], questions: Path, development: Sequence[Path]
) -> list[Source]:
    """Every source with an index and an understanding that were not taught by it."""
    everyday = [row.question for row in read_rows(questions) if row.codes]
    hidden = {fold(clean(question)) for question in everyday}
    held = build_services(without(procedures, hidden))
    full = build_services(procedures)
    inquiries = [
        sentence
        for file in sorted(INQUIRIES.glob("*.yaml"))
        for sentence in yaml.safe_load(file.read_bytes())["sentences"]
    ]
    rows = [row for file in development for row in read_rows(file)]
    found = [
        Source("everyday", everyday, True, held, held.understanding),
        Source("inquiries", inquiries, True, full, full.understanding),
        Source("titles", _titles(procedures, 300), True, full, full.understanding),
    ]
    for ours in (True, False):
        chosen = [row.question for row in rows if bool(row.codes) is ours]
        found.append(Source("development", chosen, ours, full, full.understanding))
    phrases, vocabulary = seed_phrases(), seed_vocabulary()
    shuffled = random.Random(1).sample(phrases.elsewhere, len(phrases.elsewhere))
    for number in range(FOLDS):
        asked = shuffled[number::FOLDS]
        rest = tuple(each for each in shuffled if each not in set(asked))
        taught = Understanding(phrases.model_copy(update={"elsewhere": rest}), vocabulary)
        found.append(Source("elsewhere", asked, False, full, taught))
    return found


def examples(source: Source) -> list[Example]:
    """The signs of every sentence, as typed, without diacritics, mistyped and both.

    What is refused by name, or is a life event or an ask-back rule, does not need the signs.
    """
    found = []
    for sentence in source.sentences:
        for way, change in WAYS.items():
            asked = change(sentence)
            reading = source.understanding.read(asked)
            if reading.said or reading.event or reading.ask_back:
                continue
            seen = source.understanding.search(asked, source.services.index)
            best = seen.matches[0] if seen.matches else None
            told = signs(best, seen.near, source.services.index.read(asked))
            found.append(Example(source.name, sentence, way, source.ours, told))
    return found


def fit(
    matrix: NDArray[np.float64], ours: NDArray[np.bool_], weights: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Bias and weights of a logistic rule, regularised alike for signs of every size."""
    spread = matrix.std(axis=0) + 1e-9
    model = LogisticRegression(C=1.0, max_iter=1_000)
    model.fit(matrix / spread, ours, sample_weight=weights)
    return float(model.intercept_[0]), model.coef_[0] / spread


def judged(found: Sequence[Example]) -> tuple[dict[str, float], NDArray[np.float64]]:
    """The fitted rule (``bias`` among the signs), and each example judged without itself."""
    names = list(found[0].signs)
    matrix = np.array([[each.signs[name] for name in names] for each in found])
    ours = np.array([each.ours for each in found])
    weights = np.array([WEIGHTS[each.source] for each in found])
    groups = np.unique([each.sentence for each in found], return_inverse=True)[1]
    chances = np.zeros(len(found))
    for train, test in GroupKFold(FOLDS).split(matrix, ours, groups):
        bias, rule = fit(matrix[train], ours[train], weights[train])
        chances[test] = 1 / (1 + np.exp(-(bias + matrix[test] @ rule)))
    bias, rule = fit(matrix, ours, weights)
    return {"bias": bias, **dict(zip(names, map(float, rule), strict=True))}, chances


def curve(found: Sequence[Example], chances: NDArray[np.float64]) -> list[str]:
    """Share refused at each threshold, by source and way of writing."""
    groups = sorted({(each.ours, each.source, each.way) for each in found}, reverse=True)
    lines = ["| | " + " | ".join(f"{t:.1f}" for t in THRESHOLDS) + " |"]
    lines.append("|--" * (len(THRESHOLDS) + 1) + "|")
    for ours, source, way in groups:
        here = np.array([(e.ours, e.source, e.way) == (ours, source, way) for e in found])
        shares = [f"{np.mean(chances[here] < t):.3f}" for t in THRESHOLDS]
        label = f"{'ours' if ours else 'not ours'}, {source}, {way}"
        lines.append(f"| {label} | {' | '.join(shares)} |")
    return lines


def main() -> None:
    """Print the curve and the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path, help="TSV: question, name, codes")
    parser.add_argument("development", type=Path, nargs="*", help="more, not everyday names")
    parser.add_argument("--records", type=Path, help="more procedures, any form import reads")
    options = parser.parse_args()
    procedures = {each.code: each for each in seed_procedures()}
    if options.records:
        for draft in read(options.records, today=date(2026, 11, 24)).drafts:
            procedures.setdefault(draft.procedure.code, draft.procedure)
    replaced = {old for each in procedures.values() for old in each.replaces}
    records = [each for each in procedures.values() if each.code not in replaced]
    chosen = sources(records, options.questions, options.development)
    found = [example for source in chosen for example in examples(source)]
    rule, chances = judged(found)
    print("\n".join(curve(found, chances)), "\n")
    print(f"bias: {rule.pop('bias'):.3f}\nweights:")
    print("\n".join(f"  {name}: {weight:.3f}" for name, weight in rule.items()))


if __name__ == "__main__":
    main()
