"""What a message says of a dossier: codes, digits, numbers that are neither."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers.conversation import Contact, DossierTalk, Incoming, Memory
from handlers.dossier_reading import FRESH, awaits_digits, read, topic_of
from knowledge.codes import CodeKind
from tests.dossiers import AT, CODE

TODAY = AT.date()
ASKED = Memory(dossier=DossierTalk(codes="sealed", at=AT))


def topic(text: str, memory: Memory = ASKED, after: timedelta = timedelta(minutes=1)) -> str | None:
    incoming = Incoming(contact=Contact(channel="web", id="an"), received_at=AT + after, text=text)
    return topic_of(incoming, memory, text, TODAY)


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("1234", "1234"),
        ("4 số cuối là 1234 ạ", "1234"),
        ("1 2 3 4", "1234"),
        ("1.2.3.4", "1234"),
        ("k7p2q9", "k7p2q9"),
        ("2026", "2026"),
        ("0912345678", "5678"),
        ("+84 912 345 678", "5678"),
        (f"{CODE} 1234", "1234"),
        (f"hồ sơ {CODE}, căn cước 1234", "1234"),
        (f"{CODE} nộp năm 2026", None),
        (f"{CODE} nộp ngày 18/11/2026", None),
        (f"{CODE} nop thang 11/2026", None),
        (f"{CODE} nộp năm 2026, số cuối 1234", "1234"),
        (f"{CODE} đóng 5000 đồng rồi", None),
        ("12", None),
        ("12345", "12345"),
        ("058190001234", None),
        ("không nhớ", None),
        ("", None),
    ],
)
def test_the_proof_in_a_message(text: str, factor: str | None) -> None:
    assert read(text, TODAY).factor == factor


def test_kinds_are_told_and_personal_numbers_are_not_carried_on() -> None:
    found = read(f"{CODE} 058190001234 0912345678 1.001193 {CODE} H32.215-281118-0042", TODAY)
    assert [each.code for each in found.dossiers] == [CODE]
    assert found.doubtful == (CodeKind.DOSSIER_FUTURE,)
    assert found.identity
    assert {each.kind for each in found.others} == {CodeKind.IDENTITY, CodeKind.PROCEDURE}
    assert "058190001234" not in repr(found.others)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1234", "digits"),
        ("2026", "digits"),
        ("số cuối căn cước của em là 1234 nha", "digits"),
        ("2", "digits"),
        ("12", "digits"),
        ("12345678", "digits"),
        ("0912345678", "digits"),
        ("058190001234", "digits"),
        ("K7P2Q9", "digits"),
        (CODE, "code"),
        ("H32.215-281118-0042", "code"),
        ("12345/2026/00042", "other_code"),
        ("hộ nghèo 2026 cần gì", None),
        ("đăng ký kết hôn mất bao lâu", None),
        ("sao y 2 bản", None),
        ("cảm ơn", None),
    ],
)
def test_what_goes_on_with_the_dossier_while_digits_are_awaited(
    text: str, found: str | None
) -> None:
    assert topic(text) == found


@pytest.mark.parametrize("text", ["1234", "2", "K7P2Q9", "0912345678", "058190001234"])
def test_numbers_mean_nothing_when_no_dossier_was_named(text: str) -> None:
    assert topic(text, Memory()) is None
    assert topic(text, Memory(dossier=DossierTalk(at=AT))) is None


def test_digits_long_after_the_question_are_late() -> None:
    assert topic("1234", after=FRESH) == "digits"
    assert topic("1234", after=FRESH + timedelta(seconds=1)) == "late"
    assert topic("đăng ký kết hôn", after=timedelta(days=3)) is None
    assert not awaits_digits(ASKED, AT + timedelta(days=1))
