"""The form of a record over HTTP: buttons without a script, errors, two people, lost sessions."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from bot.staff.editing.records import to_tree
from bot.staff.views.drafts import GONE, SAME
from bot.staff.views.editing import THERE
from knowledge.accounts import IDLE, Role
from knowledge.lifecycle import Draft, Revision
from knowledge.model import Procedure
from tests.staffing import PASSWORD, Answer, Staffed, Visitor

CODE = "1.001193"
EDIT = f"/staff/procedures/{CODE}/edit"
NEW = "/staff/procedures/new"
WHY = "mức phí mới"


class _Form(HTMLParser):
    """The fields a browser without a script would send, in the page's order."""

    def __init__(self, marker: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.ids: set[str] = set()
        self.focus: list[str] = []
        self._marker, self._inside = marker, False
        self._area: str | None = None
        self._select: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = found.get("action", "") + found.get("id", "") in self._marker
        if not self._inside:
            return
        self.ids.add(found.get("id", ""))
        if "autofocus" in found:
            self.focus.append(found.get("id", ""))
        name = found.get("name", "")
        if tag == "input" and name != "csrf":
            kind = found.get("type", "text")
            if kind not in ("checkbox", "radio") or "checked" in found:
                self.fields.append((name, found.get("value", "")))
        elif tag == "textarea":
            self._area, self._text = name, ""
        elif tag == "select":
            self._select = name
            self.fields.append((name, ""))
        elif tag == "option" and self._select and "selected" in found:
            self.fields[-1] = (self._select, found["value"])

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            # A browser drops the line break behind the tag.
            self.fields.append((self._area, self._text.removeprefix("\n")))
            self._area = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._inside = False


def form_of(page: Answer, marker: str = "record") -> _Form:
    form = _Form(marker)
    form.feed(page.text)
    return form


def fields_of(page: Answer, marker: str = "record", **typed: str) -> list[tuple[str, str]]:
    """The form as the page gave it, with some fields typed over (``__`` is a dot)."""
    over = {name.replace("__", "."): value for name, value in typed.items()}
    fields = [(name, over.pop(name, value)) for name, value in form_of(page, marker).fields]
    return fields + list(over.items())


@pytest.fixture
async def officer(site: Staffed, visitor: Visitor) -> Visitor:
    site.hire("lan", Role.OFFICER)
    site.fill()
    await visitor.sign_in("lan")
    return visitor


DRAFT = f"/staff/procedures/{CODE}/draft"


def draft(site: Staffed, code: str = CODE, author: str = "lan") -> Draft | None:
    with site.store.work() as work:
        return work.revisions.draft(code, author)


def waiting(site: Staffed) -> list[Revision]:
    with site.store.work() as work:
        return work.revisions.waiting()


async def hand_in(officer: Visitor, code: str = CODE, **more: str) -> Answer:
    return await officer.post(f"/staff/procedures/{code}/draft", {"reason": WHY, **more})


def in_force(site: Staffed, code: str = CODE) -> Procedure:
    with site.store.work() as work:
        found = work.get(code)
    assert found
    return found


async def test_the_drawn_form_sent_back_is_the_same_record(site: Staffed, officer: Visitor) -> None:
    for code in site.services.index.procedures:
        page = await officer.get(f"/staff/procedures/{code}/edit")
        answer = await officer.post(
            f"/staff/procedures/{code}/edit", [*fields_of(page), ("do", "review")]
        )
        assert answer.status == 303
        told = await officer.get(answer.headers["Location"])
        assert SAME in told.said
        assert SAME in (await hand_in(officer, code)).said
    assert waiting(site) == []


async def test_a_change_becomes_a_draft_then_a_revision(site: Staffed, officer: Visitor) -> None:
    before = in_force(site)
    page = await officer.get(EDIT)
    typed = {
        "result": "Giấy khai sinh",
        "filings__0__fees__0__amount": "8 nghìn",
        "valid_from": "1/7/2027",
        "source__checked_on": "2026-11-25",
    }
    answer = await officer.post(EDIT, [*fields_of(page, **typed), ("do", "review")])
    assert answer.headers["Location"] == DRAFT
    shown = await officer.get(DRAFT)
    assert "8.000" in shown.said
    assert "Em đang hỏi lại" in shown.said
    again = await officer.get(EDIT)
    assert ("filings.0.fees.0.amount", "8.000") in form_of(again).fields
    done = await hand_in(officer, effective_from="1/7/2027")
    assert done.headers["Location"] == f"/staff/procedures/{CODE}/revisions/2"
    assert in_force(site) == before
    [found] = waiting(site)
    assert found.procedure.filings[0].fees[0].amount == 8_000
    checked = found.procedure.source.checked_on
    assert f"{found.procedure.valid_from}|{checked}" == "2027-07-01|2026-11-25"
    assert (found.author, found.reason, f"{found.effective_from}") == ("lan", WHY, "2027-07-01")
    assert site.actions()[-1] == "procedure.submit"
    assert draft(site) is None


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("reason", " ", "ghi vài chữ vì sao"),
        ("reason", "x" * 301, "dài quá 300"),
        ("effective_from", "mai", "Em chưa hiểu ngày này"),
        ("effective_from", "1/1/2020", "Ngày này đã qua"),
        ("effective_from", "1/1/9999", "Ngày này xa quá"),
    ],
)
async def test_what_is_wrong_with_handing_in(
    site: Staffed, officer: Visitor, field: str, value: str, said: str
) -> None:
    page = await officer.get(EDIT)
    await officer.post(EDIT, [*fields_of(page, result="khác"), ("do", "review")])
    answer = await hand_in(officer, **{field: value})
    assert answer.status == 422
    assert said in answer.said
    assert waiting(site) == []
    assert draft(site)


async def press(officer: Visitor, page: Answer, do: str, **typed: str) -> Answer:
    answer = await officer.post(EDIT, [*fields_of(page, **typed), ("do", do)])
    assert answer.status == 200
    return answer


async def test_buttons_add_move_and_remove_and_lose_nothing(officer: Visitor) -> None:
    page = await officer.get(EDIT)
    steps = [value for name, value in form_of(page).fields if name.startswith("steps.")]
    page = await press(officer, page, "add:steps", result="đang gõ dở")
    assert form_of(page).focus == [f"steps.{len(steps)}.text"]
    new = {f"steps__{len(steps)}__text": "Bước <b>mới</b>"}
    page = await press(officer, page, f"up:steps.{len(steps)}", **new)
    found = [value for name, value in form_of(page).fields if name.startswith("steps.")]
    assert found == [*steps[:-1], "Bước mới", steps[-1]]
    assert form_of(page).focus == [f"up:steps.{len(steps) - 1}"]
    page = await press(officer, page, "down:steps.0")
    page = await press(officer, page, "remove:steps.0")
    assert form_of(page).focus == ["item:steps.0"]
    found = [value for name, value in form_of(page).fields if name.startswith("steps.")]
    assert found == [steps[0], *steps[2:-1], "Bước mới", steps[-1]]
    assert ("result", "đang gõ dở") in form_of(page).fields
    assert set(form_of(page).focus) <= form_of(page).ids


@pytest.mark.parametrize(
    "do",
    ["add:nothing", "remove:steps.99", "up:steps.0", "down:steps.-1", "add:steps.0", "x", "add:",
     "add:cases.9.papers", "remove:", "up:cases.0.papers.٣", "add:source", "add:source.decision.x"],
)  # fmt: skip
async def test_a_button_that_is_none_changes_nothing(officer: Visitor, do: str) -> None:
    page = await officer.get(EDIT)
    again = await press(officer, page, do)
    before = [each for each in form_of(page).fields if each[0] != "_saves"]
    assert [each for each in form_of(again).fields if each[0] != "_saves"] == before


async def test_a_question_with_options_and_its_papers(site: Staffed, officer: Visitor) -> None:
    code = "1.000894"
    edit = f"/staff/procedures/{code}/edit"
    page = await officer.get(edit)
    at = len(in_force(site, code).questions)
    for do in ("add:questions", f"add:questions.{at}.options", f"add:questions.{at}.options"):
        page = await officer.post(edit, [*fields_of(page), ("do", do)])
    one = f"questions__{at}__"
    typed = {
        f"{one}text": "Có yếu tố nước ngoài không?",
        f"{one}options__0__label": "Có",
        f"{one}options__1__label": "Không",
    }
    page = await officer.post(edit, [*fields_of(page, **typed), ("do", "")])
    keys = dict(form_of(page).fields)
    tick = f"{keys[f'questions.{at}.key']}={keys[f'questions.{at}.options.0.key']}"
    ticked = [*fields_of(page), ("cases.0.papers.0.when", tick)]
    answer = await officer.post(edit, [*ticked, ("do", "review")])
    assert answer.status == 303
    found = draft(site, code)
    assert found
    question, _, option = tick.partition("=")
    assert found.body["cases"][0]["papers"][0]["when"][question] == [option]
    # The question goes, the tick stays until somebody decides.
    page = await officer.get(edit)
    page = await officer.post(edit, [*fields_of(page), ("do", f"remove:questions.{at}")])
    page = await officer.post(edit, [*fields_of(page), ("do", "review")])
    assert page.status == 422
    assert "Lựa chọn đã bỏ ở phần câu hỏi" in page.said


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("name", "", "Anh/chị điền mục này"),
        ("source__checked_on", "31/02/2026", "Em chưa hiểu ngày này"),
        ("source__checked_on", "", "Anh/chị điền ngày"),
        ("filings__0__fees__0__amount", "tám nghìn", "Em chưa hiểu số tiền này"),
        ("filings__0__fees__0__amount", "-5", "Em chưa hiểu số tiền này"),
        ("filings__0__fees__0__amount", "1.5", "Em chưa hiểu số tiền này"),
        ("filings__0__limits__0__amount", "0", "phải lớn hơn 0"),
        ("cases__0__papers__0__originals", "hai", "chỉ ghi một số"),
        ("filings__0__channel", "fax", "chọn một mục trong danh sách"),
        ("related", "1.000689\nabc", "Dòng 2: Mã thủ tục có dạng"),
        ("related", CODE, "liên quan tới chính nó"),
        ("valid_until", "01/01/1999", "đứng trước ngày có hiệu lực"),
        ("place", "x" * 10_000, "Ô này đang có 10.000 ký tự, nhiều nhất 9.000"),
        ("short_name", "x" * 10_000, "Ô này đang có 10.000 ký tự, nhiều nhất 2.000"),
        ("aliases", "x" * 10_000, "Ô này đang có 10.000 ký tự"),
        ("valid_from", "1" * 10_000, "Ô này đang có 10.000 ký tự"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field(
    site: Staffed, officer: Visitor, name: str, value: str, said: str
) -> None:
    page = await officer.get(EDIT)
    more = {"valid_from": "01/01/2026"} if name == "valid_until" else {}
    sent = fields_of(page, **{name: value}, **more)
    answer = await officer.post(EDIT, [*sent, ("do", "review")])
    assert answer.status == 422
    path = name.replace("__", ".")
    wrong = re.search(rf'id="{re.escape(path)}-wrong">([^<]*)<', answer.text)
    assert wrong
    assert said in wrong[1]
    form = form_of(answer)
    assert form.focus == ["problems"]
    if value != "fax":  # a list shows only what may be chosen
        assert (path, value) in form.fields
    assert path in form.ids
    # Kept as typed all the same, and never handed in.
    again = form_of(await officer.get(EDIT))
    if value != "fax":
        assert (path, value) in again.fields
    shown = await officer.get(DRAFT)
    assert "Chưa gửi duyệt được" in shown.said
    assert (await hand_in(officer)).status == 422
    assert waiting(site) == []


async def test_script_in_every_field_stays_text(site: Staffed, officer: Visitor) -> None:
    evil = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>chữ"
    page = await officer.get(EDIT)
    sent = [
        (name, value if name.startswith("_") or name.endswith(("key", "_order", "when")) else evil)
        for name, value in fields_of(page)
    ]
    for do in ("", "review"):
        answer = await officer.post(EDIT, [*sent, ("do", do)])
        sent[:2] = form_of(answer).fields[:2]
        assert "<img" not in answer.text
        assert "alert(" not in answer.text
        assert answer.text.count("<script") == 1
    shown = dict(form_of(answer).fields)
    assert shown["result"] == "\"'>chữ"


async def test_html_out_of_word_and_other_normal_forms(site: Staffed, officer: Visitor) -> None:
    word = (
        "<!--StartFragment--><p class=MsoNormal style='margin:0'>Giấy tờ &amp;\nphí<o:p></o:p></p>"
        "<style>p{}</style><p>nếu thu nhập &lt; 5 triệu</p>"
    )
    page = await officer.get(EDIT)
    typed = {
        "place": word,
        "result": unicodedata.normalize("NFD", "Giấy khai sinh\u200b"),
        "office": "nhỏ < 5, <họ tên> và x<y",
    }
    sent = [*fields_of(page, **typed), ("do", "review")]
    assert (await officer.post(EDIT, sent)).status == 303
    assert (await hand_in(officer, effective_from="<b>1/7/2027</b>")).status == 303
    found = waiting(site)[0].procedure
    assert found.place == "Giấy tờ & phí\nnếu thu nhập < 5 triệu"
    assert found.result == "Giấy khai sinh"
    assert found.office == "nhỏ < 5, <họ tên> và x<y"


def colleague(site: Staffed, **changed: object) -> None:
    """A colleague's change takes force."""
    with site.store.work() as work:
        record = work.get(CODE)
        assert record
        work.write(
            record.model_copy(update=changed),
            publish=True,
            author="hoa",
            reason="việc của Hoa",
            at=site.now(),
        )


async def test_two_people_on_one_record(site: Staffed, officer: Visitor) -> None:
    page = await officer.get(EDIT)
    colleague(site, result="bản của Hoa", place="nơi của Hoa")
    mine = fields_of(page, result="bản của Lan", short_name="Tên của Lan")
    assert (await officer.post(EDIT, [*mine, ("do", "review")])).status == 303
    for answer in (await officer.get(DRAFT), await hand_in(officer)):
        for said in ("bản của Hoa", "bản của Lan", "nơi của Hoa", "Tên của Lan", "hoa sửa lúc"):
            assert said in answer.said
    assert answer.status == 409
    assert waiting(site) == []
    joined = await officer.post(f"{DRAFT}/rebase", {"choice_result": "mine"})
    assert joined.headers["Location"] == DRAFT
    assert (await hand_in(officer)).status == 303
    found = waiting(site)[0].procedure
    assert (found.result, found.place, found.title) == ("bản của Lan", "nơi của Hoa", "Tên của Lan")


async def test_theirs_field_by_field(site: Staffed, officer: Visitor) -> None:
    page = await officer.get(EDIT)
    colleague(site, result="bản của Hoa")
    mine = fields_of(page, result="bản của Lan", short_name="Tên của Lan")
    await officer.post(EDIT, [*mine, ("do", "save")])
    await officer.post(f"{DRAFT}/rebase", {"choice_result": "theirs"})
    fields = form_of(await officer.get(EDIT)).fields
    assert ("result", "bản của Hoa") in fields
    assert ("short_name", "Tên của Lan") in fields
    assert "đã đổi trong lúc" not in (await officer.get(DRAFT)).said


async def test_half_a_record_is_joined_too(site: Staffed, officer: Visitor) -> None:
    page = await officer.get(EDIT)
    colleague(site, place="nơi của Hoa")
    await officer.post(EDIT, [*fields_of(page, source__checked_on="hôm qua"), ("do", "save")])
    assert "nơi của Hoa" in (await officer.get(DRAFT)).said
    assert (await officer.post(f"{DRAFT}/rebase")).status == 303
    fields = form_of(await officer.get(EDIT)).fields
    assert ("source.checked_on", "hôm qua") in fields
    assert ("place", "nơi của Hoa") in fields


async def test_the_second_waits_for_the_first(site: Staffed, officer: Visitor) -> None:
    site.hire("hoa", Role.OFFICER)
    async with site.browser() as hoa:
        await hoa.sign_in("hoa")
        theirs = await hoa.get(EDIT)
        await hoa.post(EDIT, [*fields_of(theirs, place="nơi của Hoa"), ("do", "review")])
        page = await officer.get(EDIT)
        assert "hoa cũng đang soạn thủ tục này" in page.said
        assert "nơi của Hoa" not in page.said
        assert (await hand_in(hoa)).status == 303
    page = await officer.get(EDIT)
    assert "Bản của hoa đang chờ duyệt" in page.said
    await officer.post(EDIT, [*fields_of(page, result="bản của Lan"), ("do", "review")])
    shown = await hand_in(officer)
    assert shown.status == 409
    assert "Một bản khác đang chờ duyệt" in shown.said
    kept = draft(site)
    assert kept
    assert kept.body["result"] == "bản của Lan"


async def test_two_windows_of_one_person(site: Staffed, officer: Visitor) -> None:
    one = await officer.get(EDIT)
    await officer.post(EDIT, [*fields_of(one, result="cửa sổ một"), ("do", "save")])
    late = [*fields_of(one, result="cửa sổ hai", place="nơi\nhai"), ("do", "save")]
    asked = await officer.post(EDIT, late)
    assert asked.status == 409
    assert "cửa sổ một" in asked.said
    assert "cửa sổ hai" in asked.said
    kept = draft(site)
    assert kept
    assert kept.body["result"] == "cửa sổ một"
    by_script = await officer.post(f"/staff/procedures/{CODE}/keep", late)
    assert by_script.status == 409
    assert "cửa sổ khác" in json.loads(by_script.text)["said"]
    again = await officer.post(EDIT, [*fields_of(asked, EDIT), ("do", "save")])
    assert again.status == 303
    kept = draft(site)
    assert kept
    assert (kept.body["result"], kept.body["place"]) == ("cửa sổ hai", "nơi\nhai")


async def test_a_draft_that_went_in_another_window(site: Staffed, officer: Visitor) -> None:
    page = await officer.get(EDIT)
    await officer.post(EDIT, [*fields_of(page, result="một"), ("do", "save")])
    page = await officer.get(EDIT)
    assert (await officer.post(f"{DRAFT}/drop")).status == 303
    assert site.actions()[-1] == "procedure.discard"
    asked = await officer.post(EDIT, [*fields_of(page, result="hai"), ("do", "review")])
    assert asked.status == 409
    again = await officer.post(EDIT, [*fields_of(asked, EDIT), ("do", "save")])
    assert again.status == 303
    kept = draft(site)
    assert kept
    assert kept.body["result"] == "hai"


async def test_a_record_deleted_under_an_open_form(site: Staffed, officer: Visitor) -> None:
    from sqlalchemy import text

    page = await officer.get(EDIT)
    with site.store.work() as work:
        work._session.execute(text("DELETE FROM procedure_revisions WHERE code = :c"), {"c": CODE})
    sent = [*fields_of(page, result="còn đây"), ("do", "review")]
    assert (await officer.post(EDIT, sent)).status == 303
    assert GONE in (await officer.get(DRAFT)).said
    assert ("result", "còn đây") in form_of(await officer.get(EDIT)).fields
    assert (await officer.get(f"/staff/procedures/{CODE}")).headers["Location"] == DRAFT
    assert (await hand_in(officer)).status == 303
    assert waiting(site)[0].procedure.result == "còn đây"


async def test_a_replaced_record_says_by_what(site: Staffed, officer: Visitor) -> None:
    newer = in_force(site, "1.000894").model_copy(update={"replaces": (CODE,)})
    with site.store.work() as work:
        work.write(newer, publish=True, author="hoa", reason="mã mới", at=site.now())
    page = await officer.get(EDIT)
    assert f"đã được thay bằng {newer.name}" in page.said


async def test_what_is_typed_is_kept_and_offered_again(site: Staffed, officer: Visitor) -> None:
    keep = f"/staff/procedures/{CODE}/keep"
    page = await officer.get(EDIT)
    answer = await officer.post(keep, fields_of(page, result="đang gõ <dở>"))
    assert answer.status == 200
    assert json.loads(answer.text)["saves"] == 1
    answer = await officer.post(keep, fields_of(page, result="đang gõ <dở> nữa", _saves="1"))
    assert json.loads(answer.text)["saves"] == 2
    # The same once more, because its answer got lost, is no other window.
    answer = await officer.post(keep, fields_of(page, result="đang gõ <dở> nữa", _saves="1"))
    assert json.loads(answer.text)["saves"] == 2
    again = await officer.get(EDIT)
    assert "Đây là bản nháp của anh/chị" in again.said
    assert ("result", "đang gõ <dở> nữa") in form_of(again).fields
    async with site.browser() as other:
        site.hire("hoa", Role.OFFICER)
        await other.sign_in("hoa")
        assert "đang gõ" not in (await other.get(EDIT)).text


async def test_dropping_what_is_typed(site: Staffed, officer: Visitor) -> None:
    page = await officer.get(EDIT)
    await officer.post(f"/staff/procedures/{CODE}/keep", fields_of(page, result="chữ sắp bỏ"))
    answer = await officer.post(EDIT, [*fields_of(page, result="chữ sắp bỏ"), ("do", "drop")])
    assert answer.status == 303
    assert "chữ sắp bỏ" not in (await officer.get(EDIT)).text
    assert draft(site) is None


async def test_a_large_form_outlives_its_session(site: Staffed, officer: Visitor) -> None:
    long = tuple(f"Bước {number}: " + "việc phải làm ở đây " * 120 for number in range(40))
    colleague(site, steps=long)
    record = in_force(site)
    page = await officer.get(EDIT)
    site.ahead += IDLE + timedelta(minutes=1)
    sent = [*fields_of(page, result="giữ lấy"), ("do", "review")]
    assert sum(len(value) for _, value in sent) > 90_000
    log_in = await officer.post(EDIT, sent)
    assert log_in.status == 403
    kept = log_in.value("kept")
    assert kept
    again = await officer.post("/staff/login", {"login": "lan", "password": PASSWORD, "kept": kept})
    assert again.status == 200
    assert "Bước 40" in again.said
    assert "_saves" not in again.said
    answer = await officer.post(EDIT, fields_of(again, EDIT))
    assert answer.status == 303
    found = draft(site)
    assert found
    assert (found.body["result"], len(found.body["steps"])) == ("giữ lấy", 40)
    assert in_force(site) == record


async def test_a_new_record(site: Staffed, officer: Visitor) -> None:
    page = await officer.get(NEW)
    blank = await officer.post(NEW, [*fields_of(page), ("do", "review")])
    assert blank.status == 422
    assert "Mã thủ tục : Mã thủ tục có dạng" in blank.said
    typed = {"name": "Thủ tục thử", "field": "Hộ tịch"}
    taken = await officer.post(NEW, [*fields_of(blank, code=CODE, **typed), ("do", "review")])
    assert taken.status == 422
    assert THERE in taken.said
    more = await officer.post(NEW, [*fields_of(taken, code="9.9"), ("do", "add:cases")])
    assert ("code", "9.9") in form_of(more).fields
    kept = await officer.get(NEW)
    assert ("code", "9.9") in form_of(kept).fields
    assert "Thủ tục thử" in (await officer.get("/staff/approval")).said
    done = await officer.post(NEW, [*fields_of(kept, code="1.999999"), ("do", "review")])
    assert done.headers["Location"] == "/staff/procedures/1.999999/draft"
    assert ("code", "") in form_of(await officer.get(NEW)).fields
    assert "Thủ tục mới" in (await officer.get("/staff/procedures/1.999999/draft")).said
    assert (await hand_in(officer, "1.999999")).status == 303
    found = waiting(site)[0].procedure
    assert (found.name, found.cases) == ("Thủ tục thử", ())
    assert (await officer.get("/staff/procedures/1.999999")).status == 200
    assert "chưa đưa vào dùng" in (await officer.get("/staff/procedures?q=1.99")).said


async def test_ending_a_record(site: Staffed, officer: Visitor) -> None:
    answer = await officer.post(f"/staff/procedures/{CODE}/retire")
    assert answer.headers["Location"] == DRAFT
    again = await officer.post(f"/staff/procedures/{CODE}/retire")
    assert again.headers["Location"] == f"/staff/procedures/{CODE}"
    assert (await hand_in(officer)).status == 303
    assert not waiting(site)[0].procedure.in_force(site.now().date())
    gone = await officer.post("/staff/procedures/1.999999/retire")
    assert gone.status == 303


async def test_taking_up_what_an_import_left(site: Staffed, officer: Visitor) -> None:
    with site.store.work() as work:
        record = work.get(CODE)
        assert record
        new = record.model_copy(update={"code": "1.999999", "result": "nhập về"})
        work.write(new, publish=False, author="cổng", reason="nhập", at=site.now())
    adopt = "/staff/procedures/1.999999/adopt"
    assert "Nhận bản nhập về sửa tiếp" in (await officer.get("/staff/procedures/1.999999")).said
    first = await officer.get("/staff/procedures/1.999999/edit")
    assert first.headers["Location"] == "/staff/procedures/1.999999"
    assert (await officer.post(adopt)).headers["Location"].endswith("/edit")
    assert site.actions()[-1] == "procedure.adopt"
    assert (await officer.post(adopt)).headers["Location"] == "/staff/procedures/1.999999"
    kept = draft(site, "1.999999")
    assert kept
    assert to_tree(kept.body)["result"] == "nhập về"


@pytest.mark.parametrize("wrong", ["1.999999", "x", "%00", "..%2F"])
async def test_no_such_record(officer: Visitor, wrong: str) -> None:
    assert (await officer.get(f"/staff/procedures/{wrong}/edit")).status == 404


async def test_names_that_fight_each_other(officer: Visitor) -> None:
    nonsense = [
        ("name", "a"), ("name.x", "b"), ("steps", "c"), ("steps.x.y.z", "d"), ("....", "e"),
        ("cases.0.papers", "f"), ("levels", "mars"), ("source", "g"), ("", "h"), ("do", "save"),
    ]  # fmt: skip
    nonsense[-1] = ("do", "review")
    assert (await officer.post(EDIT, nonsense)).status == 422
    assert (await officer.post(EDIT, [("_saves", "x"), ("_base", "-1")])).status == 409
