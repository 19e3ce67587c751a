"""switch as typed: off with a reason, told, on again; the audit is whole afterwards."""

from __future__ import annotations

from tests.bot.commands.test_staff import Run, run

__all__ = ["run"]


def test_off_list_on(run: Run) -> None:
    assert "Mọi thứ đang chạy" in run("switch", "list").output
    run("switch", "off", "bot", "--reason", "trả lời sai", "--hours", "2")
    run("switch", "off", "zalo_oa", "--reason", "bảo trì")
    told = run("switch", "list").output
    assert "bot" in told
    assert "trả lời sai" in told
    assert "tự bật lại" in told
    assert "zalo_oa" in told
    assert "Đã bật lại bot" in run("switch", "on", "bot").output
    assert "không có gì để bật" in run("switch", "on", "bot").output
    assert "3 dòng" in run("audit", "verify").output


def test_nonsense_is_refused(run: Run) -> None:
    assert "Không hiểu «fax»" in run("switch", "off", "fax", "--reason", "x", ok=False).output
    said = run("switch", "off", "1.999999", "--reason", "x", ok=False).output
    assert "Không có thủ tục 1.999999" in said
    assert "--reason" in run("switch", "off", "bot", ok=False).output
    assert "Mọi thứ đang chạy" in run("switch", "list").output
