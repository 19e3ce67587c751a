"""A real process killed with SIGKILL at random moments, judged by what the platform got."""

from __future__ import annotations

import asyncio
import random
import signal
from pathlib import Path

from benchmarks.delivery import Load, Platform, Server, killing, until
from knowledge.store import Store, open_engine

MESSAGES = 120


async def test_nothing_is_lost_and_twice_only_what_is_counted(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'office.db'}"
    platform = Platform()
    async with platform.open():
        server = Server(tmp_path, database, platform)
        await server.start()
        url = f"http://127.0.0.1:{server.port}/hooks/telegram"
        load = Load(url, platform, 20, MESSAGES, 0.3, seed=5)
        kills = asyncio.create_task(killing(server, 2, 2.0, random.Random(7)))
        await load.run()
        await kills
        await until(load.answered, 60)
        # Whatever would come twice has time to come.
        await asyncio.sleep(1)
        await server.end(signal.SIGTERM)
    lost, twice, disordered, waits = load.verdict()
    assert (lost, disordered) == (0, 0)
    assert len(waits) == MESSAGES
    store = Store(open_engine(database))
    with store.work() as work:
        assert work.queues.waiting() == (0, 0)
        assert twice <= work.queues.maybe_sent_twice()
        assert work.queues.dead() == []
    store.close()
