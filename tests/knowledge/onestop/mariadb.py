"""A MariaDB server of the test's own, in a folder that goes with it."""

from __future__ import annotations

import getpass
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymysql

PATIENCE = 60.0
"""Seconds a slow machine may take to start it."""
_SBIN = os.pathsep.join(("/usr/sbin", "/usr/local/sbin", "/usr/libexec"))


class NoMariaDB(Exception):
    """Debian's package mariadb-server is not installed."""


class MariaDB:
    """A running server, reached by its socket only."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def connect(self) -> Any:
        """A connection of the administrator."""
        return pymysql.connect(unix_socket=str(self._socket), user="root", password="")

    def new_database(self) -> str:
        """The address of a new, empty database."""
        name = f"test_{secrets.token_hex(6)}"
        connection = self.connect()
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        connection.close()
        return f"mariadb+pymysql://root@localhost/{name}?unix_socket={self._socket}"


def _program(*names: str) -> str:
    path = os.environ.get("PATH", "") + os.pathsep + _SBIN
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    raise NoMariaDB(f"{names[0]} is not installed (Debian: apt-get install mariadb-server)")


@contextmanager
def running() -> Iterator[MariaDB]:
    """Start a server; stopped and its folder removed at the end. Raises :class:`NoMariaDB`."""
    server = _program("mariadbd", "mysqld")
    install = _program("mariadb-install-db", "mysql_install_db")
    # A short path: sockets have no long names.
    home = Path(tempfile.mkdtemp(prefix="maria"))
    user = f"--user={getpass.getuser()}"
    try:
        subprocess.run(
            [install, "--no-defaults", user, f"--datadir={home / 'data'}", "--skip-test-db",
             "--auth-root-authentication-method=normal"],
            check=True, capture_output=True, timeout=PATIENCE,
        )  # fmt: skip
        process = subprocess.Popen(
            [server, "--no-defaults", user, f"--datadir={home / 'data'}", "--skip-networking",
             "--innodb-buffer-pool-size=64M", f"--socket={home / 's'}",
             f"--pid-file={home / 'pid'}", "--innodb-flush-log-at-trx-commit=0",
             f"--log-error={home / 'log.err'}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            found = MariaDB(home / "s")
            _wait(process, home / "log.err")
            yield found
        finally:
            # Its data goes with it: there is nothing to write down.
            process.kill()
            process.wait(PATIENCE)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        if b"ready for connections" in (log.read_bytes() if log.exists() else b""):
            return
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(log.read_text(errors="replace")[-2000:])
        time.sleep(0.05)
