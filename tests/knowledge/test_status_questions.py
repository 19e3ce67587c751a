"""The rules of questions about one's own dossier, over a handful of words."""

from __future__ import annotations

import re

import pytest

from knowledge.phrases import StatusQuestions, seed_phrases
from knowledge.status_questions import FAR, LAST, NEAR, StatusSpotter

SPOTTER = StatusSpotter(
    StatusQuestions(
        parts={"when": ("khi nào", "chừng nào")},
        words={
            "dossier": ("hồ sơ",),
            "paper": ("sổ",),
            "progress": ("tới đâu", "trễ rồi"),
            "finished": ("xong chưa",),
            "final": ("chưa",),
            "look": ("kiểm tra",),
            "due": ("tới hẹn rồi",),
            "filed": ("nộp hôm qua", "hôm 0", "ngày 0/0"),
            "when": ("{when}",),
            "mine": ("của tôi",),
            "where": ("đâu",),
            "idle": ("vậy", "em", "ơi", "ạ"),
            "how": ("cần gì",),
            "may": ("được chưa",),
        },
        surely=("due",),
        asks=(
            "dossier .. progress",
            "paper .. finished $",
            "dossier .. final | but may",
            "look dossier",
            "filed & when",
            "^ when $",
            "mine + where",
        ),
        perhaps=("dossier",),
        unless=("how",),
    )
)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("hồ sơ tách thửa của tôi tới đâu", True),
        ("HO SO TACH THUA TOI DAU", True),
        ("tới đâu hồ sơ", False),
        (f"hồ sơ {'a ' * FAR}tới đâu", True),
        (f"hồ sơ {'a ' * (FAR + 1)}tới đâu", False),
        (f"sổ xong chưa {'b ' * LAST}", True),
        (f"sổ xong chưa {'b ' * (LAST + 1)}", False),
        ("sổ xong chưa? b b b b b", True),
        ("sổ tới đâu", False),
        ("hồ sơ chuyển lên tỉnh chưa vậy em ơi", True),
        ("hồ sơ đất chưa có sổ", False),
        ("hồ sơ làm được chưa", False),
        (f"kiểm tra {'a ' * NEAR}hồ sơ", True),
        (f"kiểm tra {'a ' * (NEAR + 1)}hồ sơ", False),
        ("tới hẹn rồi, cần gì", True),
        ("em nộp hôm qua, chừng nào có", True),
        ("khi nào có, em nộp hôm 15", True),
        ("khi nào có giấy tờ của nhà, em nộp ngày 15/8", True),
        ("khi nào có giấy tờ của nhà, em nộp hôm 15/8", False),
        ("em ơi khi nào ạ", True),
        ("sổ khi nào", False),
        ("của tôi đâu", True),
        ("của tôi ở đâu", False),
        ("hồ sơ cần gì, làm tới đâu", False),
        ("hồ sơ trẻ rồi", False),
        ("", False),
    ],
)
def test_when_it_is_asked(text: str, asks: bool) -> None:
    assert SPOTTER.read(text).asks is asks


def test_what_may_ask_is_weaker() -> None:
    assert SPOTTER.read("hồ sơ nhà tôi").may_ask
    assert not SPOTTER.read("hồ sơ cần gì").may_ask
    assert not SPOTTER.read("nhà tôi").may_ask


def test_what_asks_otherwise_is_told_apart() -> None:
    assert SPOTTER.read("hồ sơ cần gì, làm tới đâu").otherwise
    assert not SPOTTER.read("hồ sơ tới đâu").otherwise


def test_without_words_nothing_is_asked() -> None:
    """Documents that an older version wrote have none."""
    spotter = StatusSpotter(StatusQuestions())
    assert not spotter.read("hồ sơ tới đâu rồi").asks
    assert not spotter.read("hồ sơ tới đâu rồi").may_ask


def test_lists_of_an_office_that_know_no_rules_still_count() -> None:
    before = {
        "things": ["hồ sơ"],
        "after": ["tới đâu"],
        "papers": ["sổ"],
        "sharp": ["xong chưa"],
        "filed": ["nộp hôm qua"],
        "waits": ["chừng nào"],
        "before": ["kiểm tra"],
        "alone": ["tới hẹn rồi"],
        "last": ["chưa"],
        "other": ["cần gì"],
    }
    spotter = StatusSpotter(StatusQuestions.model_validate(before))
    for asked in (
        "hồ sơ tới đâu",
        "sổ xong chưa",
        "nộp hôm qua chừng nào có",
        "kiểm tra hồ sơ",
        "tới hẹn rồi",
        "hồ sơ chuyển chưa",
    ):
        assert spotter.read(asked).asks, asked
    assert not spotter.read("hồ sơ cần gì, tới đâu").asks


def test_every_rule_of_the_seed_names_kinds_that_exist() -> None:
    questions = seed_phrases().intents.status
    kinds = set(questions.words)
    signs = {"..", "+", "^", "$", "|", "&", "but"}
    rules = (*questions.surely, *questions.asks, *questions.perhaps, *questions.unless)
    assert {word for rule in rules for word in rule.split()} - signs <= kinds
    assert len(set(rules)) == len(rules)


def test_every_part_of_the_seed_is_used() -> None:
    questions = seed_phrases().intents.status
    used = {
        name
        for phrases in questions.words.values()
        for phrase in phrases
        for name in re.findall(r"\{(\w+)\}", phrase)
    }
    assert used == set(questions.parts)
