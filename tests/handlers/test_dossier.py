"""The talk about a dossier, as citizens have it: codes, digits, choices, rights, bad input."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

import bot.lookups
from bot.app import open_store
from bot.channels.render import render_text
from bot.channels.terminal import LIMITS
from bot.desk import PRIVATE, Desk
from bot.lookups import MOST_FAILURES, Follows, Lookups
from handlers.conversation import Attachment, Contact, Incoming, Reply, Scan, ScanKind
from handlers.dossier import MOST_KEPT
from knowledge.onestop import Dossier, SourceDown, Stage
from knowledge.store import InquiryRow, Store
from tests.dossiers import AT, CODE, DIGITS, SALT, Clock, Held, dossier, lookups

LATER = timedelta(minutes=11)
OTHER = "H32.215-261118-0043"


class Followed(Follows):
    """Writes down who follows what."""

    def __init__(self) -> None:
        self.codes: list[str] = []

    async def begin(self, channel: str, contact: str, dossier: Dossier) -> None:
        self.codes.append(dossier.code)

    async def end(self, channel: str, contact: str, code: str | None = None) -> int:
        left = [each for each in self.codes if code is not None and each != code]
        ended, self.codes = len(self.codes) - len(left), left
        return ended

    async def mine(self, channel: str, contact: str) -> list[tuple[str, str | None]]:
        return [(code, None) for code in self.codes]


@dataclass
class Citizen:
    """One citizen at a desk whose clock they carry."""

    desk: Desk
    source: Held
    clock: Clock
    lookups: Lookups
    home: Path
    follows: Followed
    asked: tuple[Reply, ...] = ()
    name: str = "an"

    async def say(self, text: str = "", **more: object) -> str:
        self.clock.at += timedelta(seconds=1)
        incoming = Incoming(
            contact=Contact(channel="web", id=self.name),
            received_at=self.clock.at,
            text=text,
            **more,  # type: ignore[arg-type]
        )
        self.asked = await self.desk.converse(incoming)
        return "\n".join(part for each in self.asked for part in render_text(each, LIMITS))

    async def press(self, label: str) -> str:
        action = next(each.action for each in self.asked[-1].buttons if label in each.label)
        return await self.say(action=action)

    async def scan(self, *scans: Scan) -> str:
        return await self.say(attachment=Attachment.PHOTO, scanned=scans)

    @property
    def logged(self) -> InquiryRow:
        with self.desk.store.work() as work:
            return work.inquiries(1)[0]

    @property
    def status(self) -> str:
        return self.logged.status

    def kept(self) -> bytes:
        """Every byte of the database, its journal included."""
        return b"".join(each.read_bytes() for each in self.home.glob("office.db*"))


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("seeded") / "office.db"
    open_store(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def store(seeded: Path, tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "office.db").write_bytes(seeded.read_bytes())
    found = open_store(f"sqlite:///{tmp_path / 'office.db'}")
    yield found
    found.close()


@pytest.fixture
def citizen(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Citizen:
    monkeypatch.setattr(bot.lookups, "EVEN_SECONDS", 0.001)
    clock, follows = Clock(), Followed()
    source = Held([dossier(), dossier(Stage.FINISHED, code=OTHER, identity_tail="4321")])
    found = replace(lookups(store, source, clock), follows=follows)
    desk = Desk.open(store, SALT, lambda services: replace(services, dossiers=found))
    return Citizen(desk, source, clock, found, tmp_path, follows)


async def proved(citizen: Citizen) -> str:
    await citizen.say(CODE)
    return await citizen.say(DIGITS)


async def test_asked_for_code_then_digits_then_told(citizen: Citizen) -> None:
    said = await citizen.say("hồ sơ em tới đâu rồi")
    assert "mã hồ sơ" in said
    assert "chụp giấy hẹn" in said
    said = await citizen.say("h32.215 261118 42")
    assert "4 số cuối" in said
    assert "Tách thửa" not in said
    assert citizen.asked[0].asks_phone
    said = await citizen.say(DIGITS)
    assert said.startswith("Tách thửa đất – của N. T. H.")
    assert citizen.status == "answered_dossier"


@pytest.mark.parametrize("text", [f"{CODE} {DIGITS}", f"hồ sơ {CODE} của em, số cuối {DIGITS} ạ"])
async def test_code_and_digits_in_one_message(citizen: Citizen, text: str) -> None:
    assert (await citizen.say(text)).startswith("Tách thửa đất")


async def test_wrong_digits_and_an_unknown_code_get_the_same_words(citizen: Citizen) -> None:
    wrong = await citizen.say(f"{CODE} 0000")
    citizen.clock.at += LATER
    unknown = await citizen.say("H32.215-261118-0999 0000")
    assert wrong == unknown
    assert "không tìm thấy hồ sơ khớp" in wrong
    assert citizen.status == "unanswered_dossier"
    # The code stands, so that only the digits need to be typed again.
    await citizen.say(f"{CODE} 0001")
    citizen.clock.at += LATER
    assert "Tách thửa đất" in await citizen.say(DIGITS)


async def test_a_year_is_no_proof_but_may_be_one(citizen: Citizen) -> None:
    citizen.source.dossiers = [dossier(identity_tail="2026")]
    assert "4 số cuối" in await citizen.say(f"{CODE} nộp ngày 18/11/2026")
    assert "Tách thửa" in await citizen.say("2026")


async def test_a_whole_phone_number_is_taken_for_its_end(citizen: Citizen) -> None:
    await citizen.say(CODE)
    assert "Tách thửa" in await citizen.say("0912349876")
    assert citizen.logged.text == PRIVATE
    assert b"0912349876" not in citizen.kept()


async def test_a_phone_number_shared_by_the_platform_proves(citizen: Citizen) -> None:
    await citizen.say(CODE)
    assert "Tách thửa" in await citizen.say(phone="+84912349876")


@pytest.mark.parametrize("text", ["2", "12", "0 4 2", "12345678901"])
async def test_numbers_that_are_not_four_digits_are_asked_again(
    citizen: Citizen, text: str
) -> None:
    await citizen.say("lệ phí đăng ký kết hôn")
    await citizen.say(CODE)
    assert "đúng 4 số cuối" in await citizen.say(text)
    assert not citizen.source.asked
    assert "Tách thửa" in await citizen.say(DIGITS)


async def test_digits_long_after_the_question(citizen: Citizen) -> None:
    await citizen.say(CODE)
    citizen.clock.at += timedelta(hours=2)
    assert "gửi mã hồ sơ" in await citizen.say(DIGITS)
    assert not citizen.source.asked
    assert citizen.logged.text == PRIVATE


async def test_another_question_meanwhile_is_answered(citizen: Citizen) -> None:
    await citizen.say(CODE)
    assert "kết hôn" in await citizen.say("lệ phí đăng ký kết hôn")
    assert "hộ nghèo" in (await citizen.say("xét duyệt hộ nghèo 2026 cần giấy tờ gì")).lower()
    assert not citizen.source.asked
    assert "Tách thửa" in await citizen.say(DIGITS)


@pytest.mark.parametrize(
    "text",
    ["058190001234", f"{CODE} 058190001234", "cccd 058 190 001 234", "cmnd của em 264123456"],
)
async def test_an_identity_number_is_refused_and_forgotten(citizen: Citizen, text: str) -> None:
    await citizen.say(CODE)
    said = await citizen.say(text)
    assert "đừng gửi số căn cước" in said
    assert "không lưu" in said
    assert not citizen.source.asked
    assert citizen.logged.text == PRIVATE
    with citizen.desk.store.work() as work:
        memory = work.memory("web", citizen.desk.contact_hash("web", "an"))
    for number in ("058190001234", "264123456", "058 190 001 234", "190001234"):
        assert number not in str(memory)
        assert number.encode() not in citizen.kept()
    assert "Tách thửa" in await citizen.say(DIGITS)


async def test_nothing_of_a_dossier_is_kept_readable(citizen: Citizen) -> None:
    await proved(citizen)
    await citizen.press("Nhớ hồ sơ này")
    await citizen.say(f"{CODE} và {OTHER}")
    with citizen.desk.store.work() as work:
        assert {each.text for each in work.inquiries(3)} <= {PRIVATE, "[hs:keep]"}
    for secret in (CODE, OTHER, "261118-0042", "Nguyễn Thị Hoa", "N. T. H.", "9876", "K7P2Q9"):
        # Alone: four digits stand by chance in hashes and in parts of seconds.
        alone = re.compile(rb"(?<![\w.])" + re.escape(secret.encode()) + rb"(?!\w)")
        assert not alone.search(citizen.kept()), secret


async def test_two_codes_are_chosen_from(citizen: Citizen) -> None:
    said = await citizen.say(f"cho em hỏi {CODE} với {OTHER}")
    assert CODE in said
    assert OTHER in said
    assert "4 số cuối" in await citizen.say("2")
    assert "Đã có kết quả" in await citizen.say("4321")


async def test_a_picture_in_a_format_that_is_not_read_is_told_kindly(citizen: Citizen) -> None:
    said = await citizen.scan(Scan(ScanKind.HEIC))
    assert "HEIC" in said
    assert "chụp màn hình" in said


async def test_the_same_code_twice_is_one(citizen: Citizen) -> None:
    assert "4 số cuối" in await citizen.say(f"{CODE} h32.215 261118 0042")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("H32.215-281118-0042", "chưa tới"),
        ("H32.215-261332-0042", "không có thật"),
        ("H32.215-261118", "thiếu phần cuối"),
        ("hồ sơ 1.001193 tới đâu rồi", "mã thủ tục, không phải mã hồ sơ"),
        ("H32-KQ.000123", "không phải mã hồ sơ"),
        ("12345/2026/00042", "bảo hiểm xã hội"),
        ("G01.899.101-261118-00042", "Bộ Công an"),
        (f"{CODE}' OR '1'='1", "4 số cuối"),
    ],
)
async def test_other_codes_are_explained(citizen: Citizen, text: str, says: str) -> None:
    assert says in await citizen.say(text)
    assert not citizen.source.asked


async def test_guessing_by_script_ends_at_five(citizen: Citizen) -> None:
    found = []
    for number in range(40):
        citizen.clock.at += timedelta(seconds=30)
        found.append(await citizen.say(f"{CODE} {number:04d}"))
    assert sum("không tìm thấy" in said for said in found) == MOST_FAILURES
    assert "thử hơi nhiều lần" in found[-1]
    assert "phút" in found[-1]
    # Nor does it help to come as somebody else.
    citizen.name = "bình"
    assert "thử hơi nhiều lần" in await citizen.say(f"{CODE} {DIGITS}")
    # Other questions are answered as ever.
    assert "kết hôn" in await citizen.say("lệ phí đăng ký kết hôn")


async def test_a_failing_source_is_said_and_harms_nothing_else(citizen: Citizen) -> None:
    citizen.source.failure = SourceDown("refused")
    assert "em chưa xem được" in await citizen.say(f"{CODE} {DIGITS}")
    assert citizen.status == "unanswered_source"
    assert "kết hôn" in await citizen.say("lệ phí đăng ký kết hôn")


async def test_the_way_of_a_dossier_only_for_a_while(citizen: Citizen) -> None:
    await proved(citizen)
    assert "đã đi qua" in await citizen.press("Xem quá trình")
    citizen.clock.at += timedelta(hours=1)
    assert "gửi mã hồ sơ" in await citizen.say(action="hs:timeline")


@pytest.mark.parametrize(
    "action", ["hs:timeline", "hs:follow", "hs:keep", "hs:mine:0", "hs:pick:0", "hs:pick:99999"]
)
async def test_buttons_of_somebody_else_open_nothing(citizen: Citizen, action: str) -> None:
    await proved(citizen)
    citizen.name = "bình"
    assert "Tách thửa" not in await citizen.say(action=action)


async def test_a_dossier_is_remembered_only_when_wanted_and_forgotten(citizen: Citizen) -> None:
    await proved(citizen)
    assert "Tách thửa" not in await citizen.say("hồ sơ của tôi")
    await proved(citizen)
    assert "đã nhớ: Tách thửa đất (…0042)" in await citizen.press("Nhớ hồ sơ này")
    citizen.clock.at += timedelta(days=20)
    assert "Anh/chị xem hồ sơ nào" in await citizen.say("hồ sơ của tôi")
    assert (await citizen.say("1")).startswith("Tách thửa đất – của N. T. H.")
    assert "Nhớ hồ sơ này" not in [each.label for each in citizen.asked[0].buttons]
    await citizen.say("hồ sơ của tôi")
    assert "đã quên" in await citizen.press("Quên hồ sơ đã nhớ")
    assert "Tách thửa" not in await citizen.say("hồ sơ của tôi")


async def test_so_many_are_remembered_and_no_more(citizen: Citizen) -> None:
    codes = [f"H32.215-261118-{number:04d}" for number in range(100, 100 + MOST_KEPT + 2)]
    citizen.source.dossiers = [dossier(code=code) for code in codes]
    for code in codes:
        await citizen.say(f"{code} {DIGITS}")
        await citizen.press("Nhớ hồ sơ này")
    said = await citizen.say("hồ sơ của tôi")
    assert said.count("…01") == MOST_KEPT
    assert "…0100" not in said


async def test_following_and_stopping(citizen: Citizen) -> None:
    await proved(citizen)
    assert "Em sẽ báo" in await citizen.press("Báo cho tôi")
    assert citizen.follows.codes == [CODE]
    assert "đã dừng" in await citizen.say("dừng theo dõi")
    assert "chưa nhờ em báo" in await citizen.say("dung theo doi ho so")
    assert "theo dõi" not in await citizen.say(f"{OTHER} 4321")


async def test_a_button_below_news_means_the_dossier_of_the_news(citizen: Citizen) -> None:
    mark = citizen.lookups.mark
    citizen.follows.codes = [CODE, OTHER]
    await citizen.say(f"{OTHER} 4321")
    said = await citizen.say(action=f"hs:timeline:{mark(CODE)}")
    assert "hồ sơ đã đi qua" in said
    assert citizen.source.asked[-1] == CODE
    assert "đã dừng" in await citizen.say(action=f"hs:unfollow:{mark(CODE)}")
    assert citizen.follows.codes == [OTHER]
    for strange in (mark(CODE), "", "x" * 40):
        assert "mã hồ sơ" in await citizen.say(action=f"hs:timeline:{strange}")


async def test_a_receipt_photo_asks_for_digits_at_once(citizen: Citizen) -> None:
    assert "4 số cuối" in await citizen.scan(Scan(ScanKind.DOSSIER, CODE))
    assert "Tách thửa" in await citizen.say(DIGITS)
    assert citizen.logged.text == PRIVATE


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (ScanKind.IDENTITY_CARD, "không đọc, không lưu"),
        (ScanKind.WEB_LINK, "không mở"),
        (ScanKind.FORGED_LINK, "không do văn phòng này"),
        (ScanKind.DOSSIER_DOUBTFUL, "ngày trong mã không đúng"),
        (ScanKind.OTHER, "mã"),
    ],
)
async def test_other_pictures_are_named(citizen: Citizen, kind: ScanKind, says: str) -> None:
    assert says in await citizen.scan(Scan(kind))
    assert not citizen.source.asked


async def test_a_picture_and_a_caption_with_the_digits(citizen: Citizen) -> None:
    said = await citizen.say(
        DIGITS, attachment=Attachment.PHOTO, scanned=(Scan(ScanKind.DOSSIER, CODE),)
    )
    assert "Tách thửa" in said


async def test_without_sources_the_portal_is_named(store: Store) -> None:
    desk = Desk.open(store, SALT)
    incoming = Incoming(contact=Contact(channel="web", id="an"), received_at=AT, text=CODE)
    [reply] = await desk.converse(incoming)
    assert "https://" in reply.lead


DOUBTFUL = "nộp hồ sơ có cần chờ lâu không"


async def test_what_may_be_meant_otherwise_is_asked_back(citizen: Citizen) -> None:
    assert "muốn hỏi hồ sơ đã nộp, hay muốn biết cách làm" in await citizen.say(DOUBTFUL)
    assert "mã hồ sơ" in await citizen.press("Hồ sơ đã nộp")
    assert "4 số cuối" in await citizen.say(CODE)


async def test_how_it_is_done_goes_on_from_what_was_typed(citizen: Citizen) -> None:
    asked = "hồ sơ tách thửa trường hợp nào bị từ chối"
    assert "hay muốn biết cách làm" in await citizen.say(asked)
    assert "Tách thửa" in await citizen.say("2")


async def test_what_was_typed_in_doubt_is_kept_masked(citizen: Citizen) -> None:
    await citizen.say("nộp hồ sơ có cần chờ lâu không, gọi 0912345678")
    assert b"0912345678" not in citizen.kept()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("mã hồ sơ nằm ở đâu trên giấy hẹn", "in trên giấy hẹn"),
        ("phường trễ hẹn thì dân được gì", "Mẫu 04"),
    ],
)
async def test_questions_about_any_dossier_are_answered(
    citizen: Citizen, asked: str, told: str
) -> None:
    assert told in await citizen.say(asked)
