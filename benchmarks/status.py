"""Fits the wording of questions about one's own dossier, and measures it on samples left out.

The rules of ``knowledge/data/status.yaml`` were written with the phrasings of the tests in sight,
so only what the learned part understands alone is unseen there.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bot.app import seed_procedures
from bot.evaluation import read_rows
from knowledge.phrases import seed_phrases
from knowledge.status_wording import DATA, StatusSigns, StatusWording, seed_spelling

QUESTIONS = Path(__file__).parent / "questions"
TESTS = Path(__file__).parents[1] / "tests"
DEVELOPMENT = tuple(f"{each}development.tsv" for each in ("", "second_", "third_", "fourth_"))
SAMPLES = 7
"""Samples the phrasings of the tests were written in, one after the other."""
STRENGTH = 2.0
"""Inverse of the regularisation."""
WEIGHTS = {"asked": 1.0, "hard": 1.5, "easy": 0.3}
"""What one sentence counts: one that asks, one that only seems to, any other."""
SEEN = 2
"""Sentences a sign must stand in to be weighed."""
STORIES = 1_200
"""Long messages put together of sentences that ask for no dossier."""
SMALL = 0.1
"""Weights below this are left out."""
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


@dataclass(frozen=True)
class Example:
    """One sentence; ``kind`` of ``WEIGHTS``, and the sample it was written in (0: any)."""

    text: str
    kind: str
    sample: int = 0


def _cut(texts: Sequence[str], kind: str) -> list[Example]:
    return [
        Example(text, kind, 1 + place * SAMPLES // len(texts)) for place, text in enumerate(texts)
    ]


def examples() -> list[Example]:
    """Every sentence to learn from; what measures the search is not among them."""
    told = yaml.safe_load((TESTS / "dossier_phrasings.yaml").read_bytes())
    more = yaml.safe_load((QUESTIONS / "status.yaml").read_bytes())
    found = _cut(told["status"], "asked") + _cut(told["others"], "hard")
    found += [Example(text, "asked", SAMPLES + 1) for text in more["status"]]
    found += [Example(text, "hard", SAMPLES + 1) for text in more["others"]]
    easy = [name for each in seed_procedures() for name in (each.name, *each.aliases)]
    for file in sorted((TESTS / "inquiries").glob("*.yaml")):
        easy += yaml.safe_load(file.read_bytes())["sentences"]
    easy += [row.question for name in DEVELOPMENT for row in read_rows(QUESTIONS / name)]
    easy += seed_phrases().elsewhere
    return found + [Example(text, "easy") for text in [*sorted(set(easy)), *_stories(easy)]]


def _stories(sentences: Sequence[str]) -> list[str]:
    """Long messages that ask for no dossier: several sentences one behind the other."""
    chance = random.Random(1)
    return [
        ". ".join(chance.sample(sorted(set(sentences)), 2 + each % 3)) for each in range(STORIES)
    ]


def fit(given: Sequence[Example]) -> tuple[float, dict[str, float]]:
    """Bias and weights of a logistic rule over the signs."""
    signs = [StatusSigns(seed_spelling()).read(each.text) for each in given]
    counted = Counter(sign for read in signs for sign in read)
    names = sorted(sign for sign, count in counted.items() if count >= SEEN)
    columns = {name: number for number, name in enumerate(names)}
    places = [[columns[sign] for sign in read if sign in columns] for read in signs]
    matrix = csr_matrix(
        (
            np.ones(sum(map(len, places))),
            np.concatenate(places),
            np.cumsum([0, *map(len, places)]),
        ),
        shape=(len(given), len(names)),
    )
    model = LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=300)
    asked = [each.kind == "asked" for each in given]
    model.fit(matrix, asked, sample_weight=[WEIGHTS[each.kind] for each in given])
    weights = dict(zip(names, map(float, model.coef_[0]), strict=True))
    return float(model.intercept_[0]), {
        name: round(weight, 2) for name, weight in weights.items() if abs(weight) >= SMALL
    }


def left_out(given: Sequence[Example]) -> dict[Example, float]:
    """The chance of each sentence of a sample by the other samples."""
    found = {}
    for sample in range(1, SAMPLES + 2):
        wording = StatusWording(seed_spelling(), *fit([e for e in given if e.sample != sample]))
        found.update({e: wording.chance(e.text) for e in given if e.sample == sample})
    return found


def table(chances: dict[Example, float]) -> str:
    """Share taken for a question of status at each threshold, by sample."""
    lines = ["| | n | " + " | ".join(map(str, THRESHOLDS)) + " |"]
    lines.append("|--" * (len(THRESHOLDS) + 2) + "|")
    for kind in ("asked", "hard"):
        for sample in range(1, SAMPLES + 2):
            here: NDArray[np.float64] = np.array(
                [chance for e, chance in chances.items() if (e.kind, e.sample) == (kind, sample)]
            )
            shares = " | ".join(f"{np.mean(here >= least):.3f}" for least in THRESHOLDS)
            lines.append(f"| {kind}, sample {sample} | {len(here)} | {shares} |")
    return "\n".join(lines)


def main() -> None:
    """Write the weights, or print what is understood of samples left out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", action="store_true", help="leave each sample out once")
    given = examples()
    if parser.parse_args().measure:
        print(table(left_out(given)))
        return
    bias, weights = fit(given)
    lines = [
        f"  {json.dumps(name, ensure_ascii=False)}: {weight}"
        for name, weight in sorted(weights.items())
    ]
    (DATA / "status_weights.yaml").write_text(
        "# Weights of words in a question about one's own dossier, in log-odds. Written by\n"
        "# benchmarks/status.py; not to be tuned by hand.\n"
        f"bias: {bias:.3f}\nweights:\n" + "\n".join(lines) + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
