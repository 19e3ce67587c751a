"""Heavy work in a process of its own, so that the server goes on answering."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple, Unpack

if TYPE_CHECKING:
    from collections.abc import Callable

NICE = 10
"""How far such work stands back behind the server's own."""
NEEDED = ("bot.file_imports", "bot.replay", "pyvi.ViTokenizer")
"""What such work imports: a second's work, done once."""
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


async def aside(do: Callable[[Unpack[Ts]], T], *given: *Ts) -> T:
    """What ``do`` returns for ``given``; all of it must be fit for pickling. Raises what it does.

    The process is a copy of one that has only imported what is needed: it begins in no time, and
    its memory is gone afterwards. The server itself is never copied, it has threads.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(NEEDED))
    pool = ProcessPoolExecutor(1, mp_context=context, initializer=os.nice, initargs=(NICE,))
    try:
        return await asyncio.get_running_loop().run_in_executor(pool, do, *given)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
