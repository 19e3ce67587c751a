"""Processor time and memory of the search, by number of procedures."""

from __future__ import annotations

import argparse
import itertools
import random
import resource
import time
from pathlib import Path

import yaml

from bot.app import build_services, seed_procedures
from handlers.decision import decide
from knowledge.model import Procedure

INQUIRIES = Path(__file__).parents[1] / "tests" / "inquiries"


def varied(procedures: list[Procedure], count: int) -> list[Procedure]:
    """``count`` records: the seed, then variations with words of other names and new codes."""
    chance = random.Random(count)
    words = sorted({word for each in procedures for word in each.name.split()})
    found = list(procedures[:count])
    for number, base in zip(range(len(found), count), itertools.cycle(procedures), strict=False):
        name = f"{base.name} {' '.join(chance.sample(words, 3))}"
        code = f"{1 + number // 1_000_000}.{(700_000 + number) % 1_000_000:06d}"
        changes = {"code": code, "name": name, "aliases": (), "replaces": (), "related": ()}
        found.append(base.model_copy(update=changes))
    return found


def sentences() -> list[str]:
    """Every sentence of the inquiry tests."""
    files = sorted(INQUIRIES.glob("*.yaml"))
    return [each for file in files for each in yaml.safe_load(file.read_bytes())["sentences"]]


def main() -> None:
    """Print one line for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--procedures", type=int, nargs="+", default=[2_800])
    seed, questions = seed_procedures(), sentences()
    for count in parser.parse_args().procedures:
        records = varied(seed, count)
        started = time.process_time()
        services = build_services(records)
        built = time.process_time() - started
        spent = []
        for question in questions:
            started = time.process_time()
            services.index.match(question)
            spent.append((time.process_time() - started) * 1000)
        whole = time.process_time()
        for question in questions:
            decide(question, services)
        whole = (time.process_time() - whole) * 1000 / len(questions)
        spent.sort()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{count} procedures: built in {built:.2f} s; one match p50 "
            f"{spent[len(spent) // 2]:.2f} ms, p99 {spent[int(len(spent) * 0.99)]:.2f} ms; "
            f"one whole decision {whole:.2f} ms on average; process {memory:.0f} MB"
        )


if __name__ == "__main__":
    main()
