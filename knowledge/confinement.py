"""Limits that a process sets itself before it opens what strangers sent."""

from __future__ import annotations


def confine(*, memory: int, seconds: int | None = None) -> None:
    """Limit this process to bytes of address space and seconds of processor time; no core dump.

    For a process that exists for one file: exceeding a limit ends it and nothing else.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent still survives an abort.
        return
    limits = {resource.RLIMIT_AS: memory, resource.RLIMIT_CPU: seconds, resource.RLIMIT_CORE: 0}
    for limit, wanted in limits.items():
        _, hard = resource.getrlimit(limit)
        if wanted is not None:
            most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(limit, (most, hard))
