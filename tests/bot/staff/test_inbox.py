"""The inbox as officers use it: take, answer, note, hand on, close; nothing typed is lost."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from bot.talk import Talk
from handlers.conversation import Contact, Incoming
from knowledge.accounts import Role
from knowledge.canned import DOCUMENT, seed_canned_replies
from knowledge.handovers import Opening, Why
from tests.staffing import Answer, Staffed, Visitor

AN = Contact(channel="web", id="an")


async def says(site: Staffed, *words: str) -> None:
    """A citizen writes in the web chat."""
    talk = Talk(site.page, site.delivery)
    for each in words:
        await talk.ask(Incoming(contact=AN, received_at=datetime.now(UTC), text=each), after=0)


async def heard(site: Staffed) -> list[str]:
    """What waits for the citizen in the web chat."""
    found = await Talk(site.page, site.delivery).hear(AN, after=0)
    return ["\n".join((r.lead, *(li for s in r.sections for li in s.lines))) for r in found.replies]


@pytest.fixture
async def desk(site: Staffed, visitor: Visitor) -> Visitor:
    """Lan at her desk; a citizen asked for a person."""
    site.fill()
    site.hire("lan", Role.OFFICER)
    site.hire("hoa", Role.APPROVER)
    canned = seed_canned_replies().model_dump(mode="json")
    with site.store.work() as work:
        work.put_document(DOCUMENT, canned, author="seed", at=site.now())
    site.delivery.start()
    await says(site, "đăng ký kết hôn cần gì", "gặp cán bộ")
    await visitor.sign_in("lan")
    return visitor


def token(answer: Answer) -> str:
    return answer.value("token")


def typed(answer: Answer, name: str) -> str:
    """What stands in a text area."""
    found = re.search(rf'<textarea id="{name}"[^>]*>\n(.*?)</textarea>', answer.text, re.S)
    return unescape(found[1]) if found else ""


async def test_the_list_says_who_waits_and_who_holds(site: Staffed, desk: Visitor) -> None:
    found = await desk.get("/staff/inbox")
    assert "1 người dân đang chờ trả lời, 1 chưa ai nhận" in found.said
    assert "đăng ký kết hôn cần gì" in found.said
    home = await desk.get("/staff/")
    assert "1 người dân đang chờ cán bộ trả lời 1 chưa ai nhận" in home.said
    taken = await desk.post("/staff/inbox/1/take")
    assert (taken.status, taken.headers["Location"]) == (303, "/staff/inbox/1")
    mine = await desk.get("/staff/inbox?show=mine")
    assert "Anh/chị đang giữ 1" in mine.said
    assert "Chị Lan tôi" in mine.said
    assert "Chị Lan : 1, 1 đang chờ" in mine.said
    assert "Chưa có cuộc trao đổi nào kết thúc" in (await desk.get("/staff/inbox?show=closed")).said
    assert "handover.take" in site.actions()


async def test_an_answer_reaches_the_citizen_once(site: Staffed, desk: Visitor) -> None:
    page = await desk.get("/staff/inbox/1")
    assert "đăng ký kết hôn cần gì" in page.said
    assert "chưa ai nhận" in page.said
    fields = {"reply_text": "Chào chị.\nMai chị ghé nhé.", "token": token(page)}
    for _ in range(2):
        assert (await desk.post("/staff/inbox/1/answer", fields)).status == 303
    [said] = [each for each in await heard(site) if "Mai chị ghé" in each]
    assert said == "Cán bộ trả lời:\nChào chị.\nMai chị ghé nhé."
    again = {**fields, "reply_text": "Chị nhớ mang căn cước."}
    assert (await desk.post("/staff/inbox/1/answer", again)).status == 303
    assert sum("Cán bộ trả lời" in each for each in await heard(site)) == 2
    page = await desk.get("/staff/inbox/1")
    assert "chờ người dân mở trang" in page.said
    assert "đã trả lời tin mới nhất" in page.said
    assert site.actions()[-3:] == ["handover.take", "handover.answer", "handover.answer"]


@pytest.mark.parametrize(
    ("text", "why"), [("  \n", "gõ nội dung trước khi gửi"), ("x" * 4001, "dài quá 4.000 chữ")]
)
async def test_what_is_refused_stays_in_the_form(desk: Visitor, text: str, why: str) -> None:
    fields = {"reply_text": text, "internal": "nhớ hỏi phòng tư pháp", "token": "1"}
    refused = await desk.post("/staff/inbox/1/answer", fields)
    assert refused.status == 422
    assert why in refused.said
    assert typed(refused, "reply_text") == text
    assert typed(refused, "internal") == "nhớ hỏi phòng tư pháp"
    assert token(refused) == "1"


async def test_the_second_one_is_told_and_may_take_over(site: Staffed, desk: Visitor) -> None:
    async with site.browser() as hoa:
        await hoa.sign_in("hoa")
        await hoa.post("/staff/inbox/1/take")
        refused = await desk.post(
            "/staff/inbox/1/answer", {"reply_text": "Chào <b>chị</b>", "token": "1"}
        )
        assert refused.status == 409
        assert "Chị Hoa đang giữ cuộc trao đổi này" in refused.said
        assert typed(refused, "reply_text") == "Chào <b>chị</b>"
        assert "<b>chị" not in refused.text
        kept = await desk.post(
            "/staff/inbox/1/take", {"holder": "hoa", "reply_text": "Chào chị", "token": "1"}
        )
        assert kept.status == 200
        assert "anh/chị đang giữ" in kept.said
        assert typed(kept, "reply_text") == "Chào chị"
        assert "Chị Lan nhận thay Chị Hoa" in kept.said
        too_late = await hoa.post("/staff/inbox/1/close")
        assert too_late.status == 409
        third = await hoa.post("/staff/inbox/1/take", {"holder": "somebody"})
        assert third.status == 409
    assert site.actions()[-1] == "handover.take_over"


async def test_notes_are_for_colleagues_and_handing_on(site: Staffed, desk: Visitor) -> None:
    page = await desk.get("/staff/inbox/1")
    noted = await desk.post(
        "/staff/inbox/1/note",
        {"internal": "Việc của phòng đất", "reply_text": "Chào", "token": token(page)},
    )
    assert (noted.status, typed(noted, "reply_text"), typed(noted, "internal")) == (200, "Chào", "")
    assert "Ghi chú nội bộ – Chị Lan" in noted.said
    nobody = await desk.post("/staff/inbox/1/hand-on", {"colleague": "viewer"})
    assert nobody.status == 422
    assert (await desk.post("/staff/inbox/1/hand-on", {"colleague": "hoa"})).status == 303
    page = await desk.get("/staff/inbox/1")
    assert "Chị Lan chuyển cho Chị Hoa" in page.said
    assert "Chị Hoa đang giữ" in page.said
    assert not any("phòng đất" in each for each in await heard(site))
    assert {"handover.note", "handover.hand_on"} <= set(site.actions())


async def test_close_and_go_on(site: Staffed, desk: Visitor) -> None:
    assert (await desk.post("/staff/inbox/1/close")).status == 303
    assert any("kết thúc trao đổi" in each for each in await heard(site))
    assert "Chị Lan" in (await desk.get("/staff/inbox?show=closed")).said
    page = await desk.get("/staff/inbox/1")
    assert "đã kết thúc" in page.said
    late = await desk.post("/staff/inbox/1/answer", {"reply_text": "Còn nữa", "token": "7"})
    assert (late.status, typed(late, "reply_text")) == (409, "Còn nữa")
    assert (await desk.post("/staff/inbox/1/reopen")).status == 303
    assert (await desk.post("/staff/inbox/1/close", {"silently": "yes"})).status == 303
    await says(site, "gặp cán bộ")
    elsewhere = await desk.post("/staff/inbox/1/reopen")
    assert elsewhere.status == 409
    assert "/staff/inbox/2" in elsewhere.said


async def test_canned_replies_without_script(desk: Visitor) -> None:
    page = await desk.get("/staff/inbox/1")
    buttons = re.findall(r'name="canned" value="(\d+)" data-insert="([^"]*)"', page.text)
    number, text = buttons[1]
    drawn = await desk.post(
        "/staff/inbox/1/draft", {"canned": number, "reply_text": "Chào chị.", "internal": "a"}
    )
    assert typed(drawn, "reply_text") == f"Chào chị.\n{unescape(text)}"
    assert typed(drawn, "internal") == "a"
    for odd in ("99", "x", "-1", "9" * 30):
        drawn = await desk.post("/staff/inbox/1/draft", {"canned": odd, "reply_text": "Chào"})
        assert (drawn.status, typed(drawn, "reply_text")) == (200, "Chào")


async def test_the_mask_is_lifted_for_the_holder_only(site: Staffed, desk: Visitor) -> None:
    await says(site, "số tôi là 0912345678")
    page = await desk.get("/staff/inbox/1")
    assert "0912345678" not in page.text
    assert "Xem phần bị che" not in page.said
    await desk.post("/staff/inbox/1/take")
    page = await desk.get("/staff/inbox/1")
    [message] = re.findall(r'name="message" value="(\d+)">Xem phần', page.text)
    shown = await desk.post("/staff/inbox/1/reveal", {"message": message, "reply_text": "Chào"})
    assert "0912345678" in shown.text
    assert typed(shown, "reply_text") == "Chào"
    assert "0912345678" not in (await desk.get("/staff/inbox/1")).text
    assert "Chị Lan xem phần bị che" in (await desk.get("/staff/inbox/1")).said
    async with site.browser() as hoa:
        await hoa.sign_in("hoa")
        refused = await hoa.post("/staff/inbox/1/reveal", {"message": message})
        assert refused.status == 409
        assert "0912345678" not in refused.text
        other = await hoa.post("/staff/inbox/9/reveal", {"message": message})
        assert other.status == 404


async def test_a_citizen_who_erases_everything_takes_no_typed_word_along(
    site: Staffed, desk: Visitor
) -> None:
    with site.store.work() as work:
        work.contacts.erase("web", site.delivery.contact_hash("web", "an"))
    gone = await desk.post("/staff/inbox/1/answer", {"reply_text": "Chào chị", "token": "1"})
    assert gone.status == 404
    assert "Chào chị" in gone.said
    assert (await desk.get("/staff/inbox/1")).status == 404
    assert (await desk.get("/staff/inbox/1/part")).status == 404


async def test_viewers_read_and_do_nothing(site: Staffed, desk: Visitor) -> None:
    site.hire("xem", Role.VIEWER)
    async with site.browser() as viewer:
        await viewer.sign_in("xem")
        page = await viewer.get("/staff/inbox/1")
        assert "đăng ký kết hôn cần gì" in page.said
        assert 'id="desk"' not in page.text
        assert (await viewer.post("/staff/inbox/1/take")).status == 403
        assert "đang chờ cán bộ" not in (await viewer.get("/staff/")).said


async def test_an_open_page_hears_what_is_new_but_keeps_no_session(
    site: Staffed, desk: Visitor
) -> None:
    site.ahead = timedelta(minutes=40)
    part = await desk.get("/staff/inbox/1/part")
    assert part.status == 200
    assert "<html" not in part.text
    await says(site, "alo em ơi")
    assert "alo em ơi" in (await desk.get("/staff/inbox/1/part")).text
    assert "alo em ơi" in (await desk.get("/staff/inbox/part")).text
    site.ahead = timedelta(minutes=61)
    assert (await desk.get("/staff/inbox/1/part")).status == 302


async def test_what_waits_long_stands_first_page_by_page(site: Staffed, visitor: Visitor) -> None:
    site.hire("lan", Role.OFFICER)
    now = site.now()
    with site.store.work() as work:
        for number in range(53):
            opened = work.handovers.open(
                Opening(
                    channel="telegram",
                    contact=f"c{number}",
                    sealed_contact=b"",
                    why=Why.FAILURES,
                    at=now - timedelta(hours=number),
                    expected_by=now - timedelta(hours=number) + timedelta(hours=4),
                )
            )
            if number == 52:
                work.handovers.take(opened, "lan", at=now)
                work.handovers.answered(opened, "lan")
    await visitor.sign_in("lan")

    def shown(answer: Answer) -> list[int]:
        return [int(found) for found in re.findall(r'href="/staff/inbox/(\d+)"', answer.text)]

    first = await visitor.get("/staff/inbox")
    assert shown(first) == list(range(52, 2, -1))
    assert "chờ lâu" in first.said
    assert "máy không trả lời được hai lần" in first.said
    assert shown(await visitor.get("/staff/inbox?page=2")) == [2, 1, 53]
    assert shown(await visitor.get("/staff/inbox?page=9999999")) == []


async def test_what_did_not_arrive_is_sent_again(site: Staffed, desk: Visitor) -> None:
    page = await desk.get("/staff/inbox/1")
    await desk.post("/staff/inbox/1/answer", {"reply_text": "Mai chị ghé", "token": token(page)})
    contact = site.delivery.contact_hash("web", "an")
    with site.store.work() as work:
        work.queues.drop_outgoing("web", contact, at=site.now(), why="kênh trục trặc")
    page = await desk.get("/staff/inbox/1")
    assert "Chưa tới được: kênh trục trặc." in page.said
    [message] = re.findall(r'name="message" value="(\d+)">Gửi lại', page.text)
    assert not any("Mai chị ghé" in each for each in await heard(site))
    sent = await desk.post("/staff/inbox/1/again", {"message": message, "internal": "gọi lại"})
    assert (sent.status, typed(sent, "internal")) == (200, "gọi lại")
    assert sum("Mai chị ghé" in each for each in await heard(site)) == 1
    assert site.actions()[-1] == "handover.send_again"
    # Nothing is left to send: pressed twice it does nothing more.
    assert (await desk.post("/staff/inbox/1/again", {"message": message})).status == 303
    assert sum("Mai chị ghé" in each for each in await heard(site)) == 1
    for odd in ("", "x", "999999", "9" * 40):
        assert (await desk.post("/staff/inbox/1/again", {"message": odd})).status == 409
