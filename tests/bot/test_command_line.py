"""The commands as a person or a script starts them: own process, real database, real pipes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]

PORTAL_ROW = {
    "code": "1.990001",
    "name": "Cấp giấy chứng nhận thả diều ban đêm",
    "field": "Thử nghiệm",
    "level": "Cấp Xã",
    "agency": "Ủy ban nhân dân cấp xã",
    "kind": "",
    "decision": "9/QĐ-THU",
    "subjects": "Công dân Việt Nam",
    "steps": "Bước 1: Nộp đơn.\nBước 2: Nhận giấy.",
    "methods": [],
    "papers": [{"case": "--", "items": [{"name": "Đơn xin thả diều", "quantity": "1"}]}],
    "fees": "",
    "time_limit": "3 ngày làm việc",
    "result": "Giấy chứng nhận",
    "legal_basis": [],
    "conditions": "",
    "forms": [],
    "address": "",
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs ``python -m bot …`` in an empty folder with its own database."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("HMC_")}
    env |= {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'office.db'}",
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error",
        "PYTHONIOENCODING": "utf-8",
    }

    def start(*arguments: str, stdin: str = "", ok: bool = True) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=tmp_path,
            env=env,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr + done.stdout, done.stderr
        assert (done.returncode == 0) is ok, done.stdout + done.stderr
        return done

    return start


def test_ask_answers_with_the_source(run: Run) -> None:
    said = run("ask", "dang ky ket hon het bao nhieu tien").stdout
    assert said.startswith("Đăng ký kết hôn – lệ phí: miễn phí")
    assert "Nguồn: QĐ" in said


def test_chat_from_a_pipe_keeps_the_procedure(run: Run) -> None:
    said = run("chat", stdin="đăng ký kết hôn\ncòn lệ phí thì sao?\n").stdout
    assert said.count("Nguồn: QĐ") == 2
    assert "Đăng ký kết hôn – lệ phí: miễn phí" in said


def test_each_chat_is_a_new_conversation(run: Run) -> None:
    run("chat", stdin="đăng ký kết hôn\n")
    assert "Đăng ký kết hôn" not in run("chat", stdin="còn lệ phí thì sao?\n").stdout


def test_match_writes_one_object_a_line_in_order(run: Run) -> None:
    questions = ["đăng ký kết hôn cần gì", "", "thời tiết hôm nay", "gặp cán bộ", "asdf qwer"]
    lines = run("match", stdin="\n".join(questions) + "\n").stdout.splitlines()
    found = [json.loads(line) for line in lines]
    assert [each["question"] for each in found] == questions
    assert [each["decision"] for each in found] == [
        "answer",
        "none",
        "out_of_scope",
        "human",
        "none",
    ]
    first = found[0]
    assert first["aspect"] == "papers"
    assert first["matches"][0]["code"] == "1.000894"
    assert set(first["matches"][0]) == {"code", "name", "score", "because"}
    scores = [match["score"] for match in first["matches"]]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) <= 10
    assert all(each["ms"] >= 0 for each in found)


def test_match_survives_bytes_that_are_no_text(run: Run, tmp_path: Path) -> None:
    line = run("match", stdin="khai sinh \ufffd\x00 cho con\n").stdout
    assert json.loads(line)["matches"][0]["code"] == "1.001193"


def test_explain_shows_words_and_reasons(run: Run) -> None:
    said = run("explain", "khai sinh cho con").stdout
    assert "khai" in said
    assert "1.001193" in said
    assert "vì «" in said


def test_explain_shows_slips_synonyms_and_what_was_spotted(run: Run) -> None:
    said = run("explain", "lamf giấyy sổ hồng ở đâu bạn ơi").stdout
    assert "sửa thành «giay»" in said
    assert "thay cho «sổ hồng»" in said
    assert "hỏi về: place" in said
    assert "có chữ gõ sai" in said
    assert "nói tới: out_of_scope" in run("explain", "ly hôn ở đâu").stdout


def test_evaluate_prints_figures_and_mistakes(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "questions.tsv"
    file.write_text(
        "đăng ký kết hôn\tĐăng ký kết hôn\t1.000894\n"
        "đăng ký khai tử\tsai nhãn\t1.000894\n"
        "trời hôm nay đẹp quá\tkhông có\t\n",
        encoding="utf-8",
    )
    said = run("evaluate", str(file)).stdout
    assert "questions 2, without a procedure 1" in said
    assert "R@1 0.500" in said
    assert "refused, without a procedure 1.000" in said
    assert "đăng ký khai tử" in said
    assert "dang ky khai tu" in run("evaluate", "--fold", str(file)).stdout


def test_evaluate_names_the_line_that_is_no_row(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "questions.tsv"
    file.write_text("một câu hỏi không có tab\n", encoding="utf-8")
    assert "questions.tsv, dòng 1" in run("evaluate", str(file), ok=False).stderr


def test_lint_of_the_seed_finds_no_error(run: Run) -> None:
    assert " 0 lỗi" in run("lint").stdout


def _portal_file(tmp_path: Path, **changes: object) -> str:
    file = tmp_path / "portal.jsonl"
    file.write_text(json.dumps(PORTAL_ROW | changes, ensure_ascii=False) + "\n", encoding="utf-8")
    return str(file)


def test_import_shows_then_asks_then_writes_a_draft(run: Run, tmp_path: Path) -> None:
    file = _portal_file(tmp_path)
    shown = run("import", "--dry-run", file).stdout
    assert "+ 1.990001" in shown
    assert "Chưa ghi gì" in shown
    assert "Chưa ghi gì" in run("import", file, stdin="n\n").stdout
    assert "1 tạo mới" in run("import", "--yes", file).stdout
    assert "Không có gì phải ghi" in run("import", "--yes", file).stdout
    question = "cấp giấy chứng nhận thả diều ban đêm\n"
    assert "1.990001" not in run("match", stdin=question).stdout
    assert "1.990001" in run("match", "--drafts", stdin=question).stdout


def test_import_published_is_said_to_be_unconfirmed(run: Run, tmp_path: Path) -> None:
    run("import", "--yes", "--publish", _portal_file(tmp_path))
    said = run("ask", "cấp giấy chứng nhận thả diều ban đêm").stdout
    assert "Đơn xin thả diều" in said
    assert "cán bộ chưa xác nhận" in said


def test_a_changed_row_shows_the_field_and_both_values(run: Run, tmp_path: Path) -> None:
    run("import", "--yes", _portal_file(tmp_path))
    shown = run("import", "--dry-run", _portal_file(tmp_path, result="Thẻ thả diều")).stdout
    assert "~ 1.990001" in shown
    assert "Giấy chứng nhận" in shown
    assert "Thẻ thả diều" in shown


def test_the_portal_does_not_overwrite_the_seed(run: Run, tmp_path: Path) -> None:
    file = _portal_file(tmp_path, code="1.000894", name="Thủ tục đăng ký kết hôn")
    shown = run("import", "--yes", "--publish", file).stdout
    assert "giữ bản đã biên tập" in shown
    assert "miễn phí" in run("ask", "đăng ký kết hôn lệ phí bao nhiêu").stdout


def test_a_broken_line_is_named_and_nothing_is_imported(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "portal.jsonl"
    file.write_text(json.dumps(PORTAL_ROW, ensure_ascii=False) + "\n{broken\n", encoding="utf-8")
    failed = run("import", "--yes", str(file), ok=False)
    assert "portal.jsonl" in failed.stderr
    assert "dòng 2" in failed.stderr
    assert "1.990001" not in run("match", "--drafts", stdin="thả diều ban đêm\n").stdout


def test_a_broken_yaml_names_file_and_field(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mot.yaml"
    file.write_text("code: '1.990002'\nname: X\nfield: Y\nfeees: []\n", encoding="utf-8")
    failed = run("import", "--yes", str(file), ok=False)
    assert "mot.yaml" in failed.stderr
    assert "feees" in failed.stderr


@pytest.mark.parametrize("target", ["ra.xlsx", "ra.yaml", "ra"])
def test_import_of_an_export_changes_nothing(run: Run, tmp_path: Path, target: str) -> None:
    run("export", str(tmp_path / target))
    again = run("import", "--dry-run", str(tmp_path / target)).stdout
    assert "Chưa ghi gì" in again
    assert "không đổi" in again
    assert "sửa" not in again
    assert "tạo mới" not in again


def test_export_of_one_record_is_that_record(run: Run, tmp_path: Path) -> None:
    run("export", str(tmp_path / "mot.yaml"), "1.000894")
    found = yaml.safe_load((tmp_path / "mot.yaml").read_text(encoding="utf-8"))
    record = found[0] if isinstance(found, list) else found
    assert record["code"] == "1.000894"
    assert "1.999999" in run("export", "x.yaml", "1.999999", ok=False).stderr


def test_a_wrong_database_address_is_said_plainly(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("HMC_LOG_LEVEL=LOUD\n", encoding="utf-8")
    failed = run("migrate", ok=False)
    assert "log_level" in failed.stderr.lower()


def test_migrate_twice(run: Run) -> None:
    assert "mới nhất" in run("migrate").stdout
    assert "mới nhất" in run("migrate").stdout
