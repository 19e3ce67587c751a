"""Whether an address can be listened on."""

from __future__ import annotations

import socket


def refusal(host: str, port: int) -> str:
    """Why nobody can listen there now, in the system's words; empty when it is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or type(error).__name__
    return ""
