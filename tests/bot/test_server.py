"""The server as a process: it answers, logs, notices new knowledge, and stops when asked."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.app import SEED
from knowledge.store import Store, open_engine

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Office:
    """A running server with its own database."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.database = f"sqlite:///{home / 'office.db'}"
        self.env = os.environ | {
            "DATABASE_URL": self.database,
            "HMC_PORT": str(self.port),
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "error",
        }
        self.process = self.start("serve")
        deadline = time.monotonic() + 60
        while True:
            try:
                self.get("/healthz")
                break
            except (urllib.error.URLError, ConnectionError):
                assert time.monotonic() < deadline, "the server does not answer"
                assert self.process.poll() is None, "the server is gone"
                time.sleep(0.1)

    def start(self, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments],
            cwd=self.home,
            env=self.env | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return str(answer.read().decode())

    def say(self, text: str) -> str:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/chat/messages",
            data=json.dumps({"text": text}).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.dumps(json.load(answer), ensure_ascii=False)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    running = Office(tmp_path_factory.mktemp("server"))
    yield running
    running.process.terminate()
    _, said = running.process.communicate(timeout=30)
    assert "Traceback" not in said
    assert running.process.returncode in (0, -signal.SIGTERM)


def test_the_page_and_the_answer(office: Office) -> None:
    assert "Trung tâm Phục vụ hành chính công" in office.get("/")
    said = office.say("dang ky ket hon het bao nhieu tien")
    assert "lệ phí: miễn phí" in said
    assert "cán bộ chưa xác nhận" in said


def test_every_message_is_in_the_log_and_masked(office: Office) -> None:
    office.say("tên tôi là Nguyễn Văn An, số 0912345678, đăng ký kết hôn cần gì")
    store = Store(open_engine(office.database))
    with store.work() as work:
        row = work.inquiries(1)[0]
    store.close()
    assert (row.channel, row.status, row.procedure) == ("web", "answered", "1.000894")
    assert row.revision == 1
    assert row.milliseconds > 0
    assert "kết hôn" in row.text
    everything = (office.home / "office.db").read_bytes()
    wal = office.home / "office.db-wal"
    everything += wal.read_bytes() if wal.exists() else b""
    for secret in ("0912345678", "Nguyễn Văn An"):
        assert secret not in row.text
        assert secret.encode() not in everything


def test_new_knowledge_is_used_without_a_restart(office: Office, tmp_path: Path) -> None:
    record = yaml.safe_load((SEED / "1.000894.yaml").read_bytes())
    record["filings"][0]["fees"] = [{"amount": 123_000}]
    file = tmp_path / "doi.yaml"
    file.write_text(yaml.safe_dump(record, allow_unicode=True), encoding="utf-8")
    done = office.start("import", "--yes", "--publish", str(file))
    assert done.wait(timeout=60) == 0
    done.communicate()
    deadline = time.monotonic() + 20
    while "123.000 đồng" not in office.say("đăng ký kết hôn lệ phí bao nhiêu"):
        assert time.monotonic() < deadline, "the server still has the old record"
        time.sleep(0.5)


def test_a_taught_name_is_understood_within_five_seconds(office: Office) -> None:
    phrase = "làm giấy bốp chát"
    assert "1.000894" not in office.say(phrase)
    done = office.start("teach", "1.000894", phrase)
    assert done.wait(timeout=60) == 0
    done.communicate()
    taught = time.monotonic()
    while "Đăng ký kết hôn" not in office.say("cho hỏi " + phrase):
        assert time.monotonic() - taught < 5, "the server has not learnt it"
        time.sleep(0.2)


def test_what_another_process_switches_off_is_off_within_five_seconds(office: Office) -> None:
    sentence = "Em nghỉ một chút."
    for arguments, silent in (
        (("off", "bot", "--reason", "thử", "--sentence", sentence), True),
        (("on", "bot"), False),
    ):
        done = office.start("switch", *arguments)
        assert done.wait(timeout=60) == 0
        done.communicate()
        deadline = time.monotonic() + 5
        while (sentence in office.say("khai sinh cần gì")) is not silent:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_a_port_in_use_is_one_clear_line(office: Office) -> None:
    second = office.start("serve", DATABASE_URL=f"sqlite:///{office.home / 'other.db'}")
    said, errors = second.communicate(timeout=60)
    assert second.returncode != 0
    assert "HMC_PORT" in errors
    assert "Traceback" not in said + errors


def test_a_second_process_on_the_same_file_is_refused(office: Office) -> None:
    second = office.start("serve", HMC_PORT=str(free_port()))
    said, errors = second.communicate(timeout=60)
    assert second.returncode != 0
    assert "Đã có một tiến trình phục vụ dùng office.db" in errors
    assert "Traceback" not in said + errors
