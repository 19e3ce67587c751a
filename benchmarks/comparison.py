"""Quality and speed of our search beside other methods, on questions held back from all of them."""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from benchmarks.methods import all_methods
from benchmarks.noise import noisy
from bot.app import build_services, seed_procedures
from bot.evaluation import Row, read_rows
from knowledge.importers import read
from knowledge.model import Procedure
from knowledge.text import clean, fold

WAYS: dict[str, Callable[[str], str]] = {
    "as typed": clean,
    "no diacritics": fold,
    "mistyped": noisy,
}


@dataclass
class Score:
    """Counts of one method."""

    asked: int = 0
    first: int = 0
    in_three: int = 0
    spent: list[float] = field(default_factory=list)


def without(procedures: Sequence[Procedure], hidden: set[str]) -> list[Procedure]:
    """The procedures without the everyday names that are to be asked."""
    return [
        each.model_copy(
            update={"aliases": tuple(a for a in each.aliases if fold(clean(a)) not in hidden)}
        )
        for each in procedures
    ]


def compare(
    procedures: Sequence[Procedure], rows: Sequence[Row], rounds: int
) -> dict[str, dict[str, Score]]:
    """In each round a random half of the questions is held back and asked."""
    scores: dict[str, dict[str, Score]] = defaultdict(lambda: defaultdict(Score))
    for seed in range(rounds):
        chosen = list(rows)
        random.Random(seed).shuffle(chosen)
        asked = chosen[: len(chosen) // 2]
        known = without(procedures, {fold(clean(row.question)) for row in asked})
        for name, find in all_methods(known, build_services(known)).items():
            for way, change in WAYS.items():
                for row in asked:
                    started = time.perf_counter()
                    codes = find(change(row.question))
                    score = scores[name][way]
                    score.spent.append((time.perf_counter() - started) * 1000)
                    score.asked += 1
                    score.first += bool(codes) and codes[0] in row.codes
                    score.in_three += any(code in row.codes for code in codes[:3])
    return scores


def table(scores: dict[str, dict[str, Score]]) -> str:
    """A Markdown table."""
    lines = [f"| method | {' | '.join(WAYS)} | ms, median |", "|--" * (len(WAYS) + 2) + "|"]
    for name, ways in scores.items():
        cells = [
            f"{way.first / way.asked:.3f} / {way.in_three / way.asked:.3f}" for way in ways.values()
        ]
        spent = sorted(ways["as typed"].spent)
        lines.append(f"| {name} | {' | '.join(cells)} | {spent[len(spent) // 2]:.2f} |")
    return "\n".join(lines)


def plot(scores: dict[str, dict[str, Score]]) -> str:
    """A bar chart of R@1 as SVG."""
    rows = []
    for number, (name, ways) in enumerate(scores.items()):
        share = ways["as typed"].first / ways["as typed"].asked
        y = 30 + number * 34
        rows.append(
            f'<text x="250" y="{y + 16}" text-anchor="end">{name}</text>'
            f'<rect x="260" y="{y}" width="{share * 400:.0f}" height="22" fill="#0b5563"/>'
            f'<text x="{268 + share * 400:.0f}" y="{y + 16}">{share:.2f}</text>'
        )
    height = 40 + len(rows) * 34
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 740 {height}" '
        'font-family="sans-serif" font-size="14"><title>R@1 by method</title>'
        f'<rect width="740" height="{height}" fill="#fff"/>'
        '<text x="260" y="20">R@1, questions held back</text>' + "".join(rows) + "</svg>\n"
    )


def main() -> None:
    """Print the table; write the plot where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path, help="TSV: question, name, codes")
    parser.add_argument("--records", type=Path, help="more procedures, any form import reads")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--plot", type=Path, help="where the SVG goes")
    options = parser.parse_args()
    procedures = {each.code: each for each in seed_procedures()}
    if options.records:
        for draft in read(options.records, today=date(2026, 11, 24)).drafts:
            procedures.setdefault(draft.procedure.code, draft.procedure)
    replaced = {old for each in procedures.values() for old in each.replaces}
    records = [each for each in procedures.values() if each.code not in replaced]
    rows = [row for row in read_rows(options.questions) if row.codes]
    scores = compare(records, rows, options.rounds)
    print(f"{len(records)} procedures, {len(rows)} questions, {options.rounds} random halves\n")
    print(table(scores))
    if options.plot:
        options.plot.write_text(plot(scores), encoding="utf-8")


if __name__ == "__main__":
    main()
