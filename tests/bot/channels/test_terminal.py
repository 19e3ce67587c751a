"""The terminal chat: pipes, prompts, interruptions, broken bytes."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

from bot.channels import terminal
from handlers.conversation import File, Incoming, Reply


async def echo(incoming: Incoming) -> tuple[Reply, ...]:
    if incoming.text == "hỏng":
        raise RuntimeError("secret detail")
    return (Reply(lead=f"Nghe: {incoming.text}", source="QĐ 1"),)


async def talk(sent: bytes, *, interactive: bool = False) -> str:
    stdout = io.StringIO()
    stdin = io.TextIOWrapper(io.BytesIO(sent), encoding="utf-8")
    await terminal.run(echo, stdin=stdin, stdout=stdout, interactive=interactive)
    return stdout.getvalue()


async def test_one_message_a_line_from_a_pipe() -> None:
    assert await talk("một\r\n\n  hai".encode()) == (
        "Nghe: một\n\nNguồn: QĐ 1\n\nNghe: hai\n\nNguồn: QĐ 1\n\n"
    )


async def test_a_prompt_and_a_goodbye_for_people() -> None:
    shown = await talk("một\n".encode(), interactive=True)
    assert shown.startswith(terminal.WELCOME)
    assert shown.count(terminal.PROMPT) == 2
    assert shown.endswith(terminal.GOODBYE + "\n\n")


async def test_broken_bytes_are_replaced() -> None:
    assert "Nghe: m\ufffdt" in await talk(b"\xef\xbb\xbfm\xfft\n")


async def test_plain_text_input_works_too() -> None:
    stdout = io.StringIO()
    await terminal.run(echo, stdin=io.StringIO("a\ud800\n"), stdout=stdout, interactive=False)
    assert "Nghe: a?" in stdout.getvalue()


async def test_a_failure_is_an_apology_and_the_chat_goes_on() -> None:
    shown = await talk("hỏng\nhai\n".encode())
    assert shown.startswith(terminal.APOLOGY)
    assert "secret detail" not in shown
    assert "Nghe: hai" in shown


async def test_an_output_without_vietnamese_letters() -> None:
    raw = io.BytesIO()
    stdout = io.TextIOWrapper(raw, encoding="ascii")
    await terminal.run(echo, stdin=io.BytesIO("một\n".encode()), stdout=stdout, interactive=False)
    assert raw.getvalue().startswith(b"Nghe: m?t")


class Gone(io.StringIO):
    """A pipe whose reader left."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


async def test_a_closed_pipe_ends_quietly() -> None:
    await terminal.run(echo, stdin=io.BytesIO(b"a\n"), stdout=Gone(), interactive=False)


async def test_cancellation_during_an_answer_says_goodbye() -> None:
    started = asyncio.Event()

    async def slow(incoming: Incoming) -> tuple[Reply, ...]:
        started.set()
        await asyncio.sleep(60)
        return ()

    stdout = io.StringIO()
    task = asyncio.create_task(
        terminal.run(slow, stdin=io.BytesIO(b"a\n"), stdout=stdout, interactive=True)
    )
    await started.wait()
    task.cancel()
    await task
    assert stdout.getvalue().endswith(terminal.GOODBYE + "\n\n")


async def test_a_form_is_named_with_its_file() -> None:
    async def converse(_: Incoming) -> tuple[Reply, ...]:
        return (Reply(lead="Đây ạ", files=(File(name="Mẫu CT01.pdf", title="Mẫu CT01"),)),)

    stdout = io.StringIO()
    await terminal.run(converse, stdin=io.BytesIO(b"a\n"), stdout=stdout, interactive=False)
    assert "→ Mẫu CT01: Mẫu CT01.pdf" in stdout.getvalue()


def test_ctrl_c_at_the_prompt_says_goodbye_without_a_trace() -> None:
    program = textwrap.dedent(
        """
        import asyncio, sys
        from bot.channels import terminal
        async def converse(incoming): return ()
        asyncio.run(terminal.run(
            converse, stdin=sys.stdin, stdout=sys.stdout, interactive=True))
        """
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        cwd=Path(__file__).parents[3],
    )
    with child:
        assert child.stdout
        shown = b""
        while terminal.PROMPT.strip().encode() not in shown:
            shown += os.read(child.stdout.fileno(), 1000)
        time.sleep(0.2)
        child.send_signal(signal.SIGINT)
        out, errors = child.communicate(timeout=20)
    assert child.returncode == 0
    assert terminal.GOODBYE.encode() in out
    assert errors == b""
