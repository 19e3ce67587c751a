"""A dossier in plain words: every stage, every kind of due date, names that stay masked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import pytest

from bot.app import build_services
from bot.channels.render import render_text
from bot.channels.terminal import LIMITS
from handlers.conversation import Reply
from handlers.dossier_status import MOST_STEPS, digest, initials, status, timeline
from handlers.services import Services
from knowledge.onestop import Dossier, Event, FeeDue, PapersAsked, Stage
from tests.dossiers import AT, NAME, dossier, moment

SINCE = moment("2026-11-19T08:00:00")


@cache
def services() -> Services:
    return build_services([])


def text_of(reply: Reply) -> str:
    return "\n".join(render_text(reply, LIMITS))


def told(found: Dossier, at: datetime = AT, **options: bool) -> str:
    return text_of(status(found, replace(services(), **options), at))


def at_stage(stage: Stage, **given: object) -> Dossier:
    return dossier(stage, timeline=(Event(at=SINCE, stage=stage),), **given)


@pytest.mark.parametrize(
    ("stage", "says"),
    [
        (Stage.REGISTERED, ["đang chờ cán bộ kiểm tra", "chưa phải làm gì"]),
        (Stage.ACCEPTED, ["Đã tiếp nhận tại: Chi nhánh", ", từ thứ Năm 19/11", "chưa phải làm gì"]),
        (Stage.REFUSED, ["không được tiếp nhận hôm thứ Năm 19/11.", "nộp lại"]),
        (Stage.PROCESSING, ["Đang xử lý tại: Chi nhánh", "chưa phải làm gì", "còn 5 ngày"]),
        (Stage.SUPPLEMENT, ["đang chờ anh/chị bổ sung giấy tờ từ thứ Năm 19/11.", "lúc đầu"]),
        (Stage.PAYMENT, ["đang chờ anh/chị nộp tiền từ thứ Năm 19/11.", "không tính vào hạn"]),
        (Stage.WITHDRAWN, ["đã xin rút hồ sơ hôm thứ Năm 19/11.", "nhận lại giấy tờ"]),
        (Stage.STOPPED, ["đã dừng giải quyết từ thứ Năm 19/11.", "Lý do"]),
        (Stage.FINISHED, ["Đã có kết quả từ thứ Năm 19/11.", "Mời anh/chị đến nhận", "7 giờ"]),
        (Stage.RETURNED, ["Đã trả kết quả hôm thứ Năm 19/11.", "không phải làm gì nữa"]),
    ],
)
def test_every_stage_in_plain_words(stage: Stage, says: list[str]) -> None:
    said = told(at_stage(stage))
    assert said.startswith("Tách thửa đất – của N. T. H.")
    for part in says:
        assert part in said
    assert ("Hẹn trả" in said) is not stage.ended
    assert len(said) <= 900
    assert "None" not in said
    # A stage whose time nobody wrote down is told without one.
    bare = told(dossier(stage, received_at=None, due_at=None))
    assert "None" not in bare
    assert "19/11" not in bare


def test_there_are_ten_stages_and_all_are_worded() -> None:
    assert len(Stage) == 10
    keys = services().wording.keys()
    assert {f"hs.{kind}.{stage.value}" for stage in Stage for kind in ("stage", "step")} <= keys


def test_an_unknown_status_is_shown_as_it_is() -> None:
    said = told(dossier(None, raw_status="Chuyển chuyên viên thẩm định lần 2"))
    assert "«Chuyển chuyên viên thẩm định lần 2»" in said
    assert "không đoán" in said
    assert "chưa phải làm gì" not in said
    assert "«?»" in told(dossier(None))


@pytest.mark.parametrize(
    ("due", "says"),
    [
        ("2026-12-02T00:00:00", "Hẹn trả: thứ Tư 02/12 (còn 5 ngày làm việc)."),
        ("2026-12-02T17:00:00", "Hẹn trả: 17 giờ thứ Tư 02/12 (còn 5 ngày làm việc)."),
        ("2026-12-02T16:30:00", "Hẹn trả: 16 giờ 30 thứ Tư 02/12"),
        ("2026-11-26T00:00:00", "(còn 1 ngày làm việc)."),
        ("2026-11-25T00:00:00", "tức là hôm nay."),
        ("2026-11-25T08:00:00", "tức là hôm nay."),
        ("2026-11-20T00:00:00", "Hồ sơ đã trễ hẹn 2 ngày làm việc."),
        ("2027-02-01T00:00:00", "thứ Hai 01/02/2027"),
        ("2099-01-01T00:00:00", "Hẹn trả: thứ Năm 01/01/2099."),
    ],
)
def test_due_dates(due: str, says: str) -> None:
    assert says in told(dossier(due_at=moment(due)))


def test_behind_an_unknown_status_nothing_is_called_late() -> None:
    """Behind «Chờ ký» in a local word the result may lie ready."""
    said = told(dossier(None, raw_status="Đã chuyển", due_at=moment("2026-11-20T00:00:00")))
    assert "Hẹn trả: thứ Sáu 20/11." in said
    assert "trễ hẹn" not in said
    assert "Mẫu 04" not in said


def test_late_is_claimed_only_as_far_as_the_data_go() -> None:
    """An export of Thursday cannot know what was done on Friday."""
    due = moment("2026-11-20T17:00:00")
    said = told(dossier(due_at=due, as_of=moment("2026-11-20T07:00:00")))
    assert "chưa biết đã xong" not in told(dossier(due_at=due))
    assert "chưa biết đã xong chưa" in said
    assert "Mẫu 04" not in said


def test_no_due_date_is_no_line() -> None:
    assert "Hẹn trả" not in told(dossier(due_at=None))


def test_a_holiday_and_a_weekend_are_no_working_days() -> None:
    """24 November 2026 is a holiday, so from Monday 23 to Wednesday 25 is one working day."""
    monday = moment("2026-11-23T09:00:00")
    assert "(còn 1 ngày làm việc)" in told(dossier(due_at=moment("2026-11-25T00:00:00")), monday)
    friday, sunday = moment("2026-11-27T00:00:00"), moment("2026-11-29T09:00:00")
    said = told(dossier(due_at=friday, as_of=sunday), sunday)
    assert "Hẹn trả đã qua" in said
    assert "trễ hẹn" not in said


def test_overdue_is_said_with_what_the_office_owes() -> None:
    said = told(dossier(due_at=moment("2026-11-20T00:00:00")))
    for part in (
        "trễ hẹn 2 ngày làm việc",
        "văn bản xin lỗi (Mẫu 04)",
        "ngày hẹn mới",
        "hỏi nơi đã nộp",
        "phản ánh",
    ):
        assert part in said
    assert "chưa phải làm gì" not in said
    with_phone = replace(
        services(), office=services().office.model_copy(update={"phone": "0259 382 1234"})
    )
    late = dossier(due_at=moment("2026-11-20T00:00:00"))
    assert "gọi 0259 382 1234" in text_of(status(late, with_phone, AT))


@pytest.mark.parametrize("stage", [Stage.SUPPLEMENT, Stage.PAYMENT])
def test_a_dossier_that_waits_for_the_citizen_is_never_overdue(stage: Stage) -> None:
    said = told(at_stage(stage, due_at=moment("2026-11-02T00:00:00")))
    assert "Hẹn trả lúc đầu: thứ Hai 02/11" in said
    assert "trễ hẹn" not in said


@pytest.mark.parametrize("stage", [each for each in Stage if each.ended])
def test_an_ended_dossier_is_never_overdue(stage: Stage) -> None:
    said = told(at_stage(stage, due_at=moment("2026-11-02T00:00:00"), handler="Trần Văn B"))
    assert "trễ hẹn" not in said
    assert "Trần Văn B" not in said


def test_papers_asked_for_and_not_brought_yet() -> None:
    papers = (
        PapersAsked(what="Bản vẽ", reason="thiếu chữ ký", deadline=moment("2026-12-20T00:00:00")),
        PapersAsked(what="Tờ khai", done_at=AT),
    )
    said = told(dossier(Stage.SUPPLEMENT, papers=papers, paused_since=SINCE))
    assert "Bản vẽ (thiếu chữ ký), trước Chủ nhật 20/12" in said
    assert "từ thứ Năm 19/11" in said
    assert "Tờ khai" not in said
    assert "không ghi rõ giấy tờ gì" in told(dossier(Stage.SUPPLEMENT))


def test_money_to_pay() -> None:
    fee = FeeDue(name="Lệ phí trước bạ", amount=3_250_000, deadline=moment("2026-12-20T00:00:00"))
    said = told(dossier(Stage.PAYMENT, fees=(fee, FeeDue(name="Phí đo đạc"))))
    assert "Lệ phí trước bạ: 3.250.000 đồng, trước Chủ nhật 20/12" in said
    assert "Phí đo đạc" in said
    assert "không ghi rõ số tiền" in told(dossier(Stage.PAYMENT))


def test_where_a_result_waits() -> None:
    assert "nhận tại: Quầy 3." in told(dossier(Stage.FINISHED, collect_at="Quầy 3"))
    assert "nhận tại: Chi nhánh" in told(dossier(Stage.FINISHED))


def test_the_official_is_named_only_where_the_office_wants_it() -> None:
    found = dossier(
        handler="Trần Văn B", timeline=(Event(at=AT, stage=Stage.PROCESSING, by="Trần Văn B"),)
    )
    assert "Cán bộ xử lý: Trần Văn B." in told(found)
    assert "Trần Văn B" not in told(found, shows_handler=False)
    assert "Trần Văn B" in text_of(timeline(found, services(), AT))
    hidden = replace(services(), shows_handler=False)
    assert "Trần Văn B" not in text_of(timeline(found, hidden, AT))


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Nguyễn Thị Hoa", "N. T. H."),
        ("  đặng   văn ÿ ", "Đ. V. Ÿ."),
        ("TRẦN-VĂN B", "T. B."),
        ("H' Hen Niê", "H. H. N."),
        ("(Ông) An 123", "A."),
        ("Hoa", "H."),
        ("123 456", ""),
        ("", ""),
        ("A" * 500, "A."),
    ],
)
def test_names_are_never_whole(name: str, masked: str) -> None:
    assert initials(name) == masked
    said = told(dossier(applicant=name))
    assert said.startswith("Tách thửa đất" + (f" – của {masked}" if masked else "\n"))


def test_the_source_and_its_age_come_last() -> None:
    assert told(dossier()).endswith(f"Nguồn: {NAME}, lúc 9 giờ ngày 25/11/2026")
    old = told(dossier(as_of=moment("2026-11-24T18:00:00")))
    assert old.endswith(f"Nguồn: {NAME}, số liệu lúc 18 giờ ngày 24/11/2026, có thể đã đổi")


def test_the_way_of_a_dossier() -> None:
    steps = tuple(
        Event(at=AT - timedelta(days=40 - day), stage=None, raw=f"bước {day}") for day in range(30)
    )
    events = (*steps, Event(at=SINCE, stage=Stage.SUPPLEMENT), Event(stage=Stage.PROCESSING))
    said = text_of(timeline(dossier(timeline=events), services(), AT))
    assert said.count("– ") == MOST_STEPS + 1
    assert "8 giờ thứ Năm 19/11: yêu cầu bổ sung giấy tờ" in said
    assert "bước 29" in said
    assert "bước 3\n" not in said
    assert "chưa ghi bước nào" in text_of(timeline(dossier(), services(), AT))


def test_news_is_what_a_citizen_would_call_news() -> None:
    same = digest(dossier())
    for unseen in ({"as_of": AT + timedelta(days=1)}, {"handler": "X"}, {"desk": "Y"}):
        assert digest(dossier(**unseen)) == same
    for news in (
        dossier(Stage.FINISHED),
        dossier(None, raw_status="x"),
        dossier(due_at=None),
        dossier(papers=(PapersAsked(what="Bản vẽ"),)),
        dossier(fees=(FeeDue(name="Lệ phí"),)),
        dossier(refusal="thiếu"),
    ):
        assert digest(news) != same
