"""Time from an uploaded file to its preview through the pages, by file, on whatever is there."""

from __future__ import annotations

import argparse
import asyncio
import io
import tempfile
import time
from pathlib import Path

from aiohttp import FormData

from bot.app import build_services, seed_procedures
from knowledge.accounts import Role
from knowledge.store import Store, migrate, open_engine
from tests.staffing import Staffed


async def measure(files: list[Path]) -> None:
    """Upload each file and wait for its preview."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/office.db")
        migrate(engine)
        site = Staffed(Store(engine), build_services(seed_procedures()))
        site.fill()
        site.hire("lan", *Role)
        await site.start()
        server = site.server
        async with site.browser() as visitor:
            await visitor.sign_in("lan")
            await visitor.get("/staff/import")
            whole = time.perf_counter()
            for file in files:
                begun = time.perf_counter()
                form = FormData(quote_fields=False)
                form.add_field("csrf", visitor.csrf)
                form.add_field("file", io.BytesIO(file.read_bytes()), filename=file.name)
                url, ours = (
                    server.make_url("/staff/import"),
                    {"Origin": str(server.make_url("/")).rstrip("/")},
                )
                async with visitor.session.post(
                    url, data=form, headers=ours, allow_redirects=False
                ) as sent:
                    path = sent.headers["Location"]
                page = await visitor.get(path)
                for _ in range(600):
                    if 'http-equiv="refresh"' not in page.text:
                        break
                    await asyncio.sleep(0.2)
                    page = await visitor.get(path)
                shown = page.said.partition("Sẽ thay đổi gì")[2][:60]
                print(f"{time.perf_counter() - begun:6.1f} s  {file.name}  {shown}")
            print(f"{time.perf_counter() - whole:6.1f} s  all")
        await server.close()
        site.store.close()


def main() -> None:
    """Measure the files that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    asyncio.run(measure(parser.parse_args().files))


if __name__ == "__main__":
    main()
