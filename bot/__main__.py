"""The command line."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
import sys
import time
from pathlib import Path

import click
import structlog

from bot import evaluation
from bot.app import Desk, now, open_store
from bot.channels import terminal
from bot.channels.render import render_text
from bot.settings import Settings
from handlers.conversation import Contact, Incoming
from handlers.decision import decide
from knowledge.store import Store
from knowledge.text import clean, fold

SALT_FILE = Path("var/contact.salt")


def _log_to_stderr(level: str) -> None:
    number = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _salt(settings: Settings) -> bytes:
    """The salt of contact hashes: from the environment, or made once and kept beside the data."""
    if settings.contact_salt is not None:
        return settings.contact_salt.get_secret_value().encode()[:64]
    if not SALT_FILE.exists():
        SALT_FILE.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(SALT_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
    return SALT_FILE.read_bytes()


def _desk(settings: Settings) -> Desk:
    return Desk.open(open_store(settings.database_url), _salt(settings))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """Hỏi Một Cửa: trợ lý hỏi đáp thủ tục hành chính."""
    context.obj = Settings()
    _log_to_stderr(context.obj.log_level)


@main.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Serve the web chat (and every configured channel)."""
    from bot.server import run

    secret = settings.chat_secret
    run(
        _desk(settings),
        host=settings.host,
        port=settings.port,
        chat_secret=secret.get_secret_value().encode() if secret else secrets.token_bytes(32),
        embed_origins=tuple(settings.embed_origins.split()),
    )


@main.command()
@click.pass_obj
def chat(settings: Settings) -> None:
    """Talk to the desk in the terminal, or feed it from a pipe, one message a line."""
    desk = _desk(settings)
    asyncio.run(
        terminal.run(
            desk.converse,
            stdin=sys.stdin,
            stdout=sys.stdout,
            interactive=sys.stdin.isatty(),
        )
    )


@main.command()
@click.argument("question")
@click.pass_obj
def ask(settings: Settings, question: str) -> None:
    """Answer one question."""
    contact = Contact(channel="terminal", id=secrets.token_hex(8))
    incoming = Incoming(contact=contact, received_at=now(), text=question)
    for reply in asyncio.run(_desk(settings).converse(incoming)):
        click.echo("\n\n".join(render_text(reply, terminal.LIMITS)))


@main.command()
@click.argument("question")
@click.pass_obj
def explain(settings: Settings, question: str) -> None:
    """Show how a question is understood: words, weights, aspects, matches and why."""
    services = _desk(settings).services
    reading = services.index.read(question)
    for token in reading.tokens:
        notes = ["phụ"] if token.filler else []
        notes += [f"sửa thành «{token.corrected}»"] if token.corrected else []
        click.echo(f"{token.word:<14} {token.weight:6.3f}  {', '.join(notes)}")
    decision = decide(question, services)
    click.echo(f"→ {decision.decision}, {decision.aspect or 'không rõ khía cạnh'}")
    for match in decision.matches[:5]:
        because = " ".join(match.because)
        click.echo(f"{match.score:.3f}  {match.code}  {match.name}")
        click.echo(f"       vì «{because}» trong «{match.phrase}»")


def _services(store: Store, *, drafts: bool):  # type: ignore[no-untyped-def]
    from bot.app import build_services

    with store.work() as work:
        return build_services(work.procedures(drafts=drafts))


@main.command()
@click.option("--drafts", is_flag=True, help="Drafts too.")
@click.pass_obj
def match(settings: Settings, drafts: bool) -> None:
    """Read questions from standard input, one a line; write one JSON object a line."""
    services = _services(open_store(settings.database_url), drafts=drafts)
    for raw in sys.stdin.buffer:
        question = raw.decode("utf-8", "replace").rstrip("\r\n")
        started = time.perf_counter()
        decision = decide(question, services)
        spent = (time.perf_counter() - started) * 1000
        found = [
            {"code": m.code, "name": m.name, "score": m.score, "because": " ".join(m.because)}
            for m in decision.matches
        ]
        line = {
            "question": question,
            "decision": decision.decision,
            "aspect": decision.aspect,
            "matches": found,
            "ms": round(spent, 3),
        }
        click.echo(json.dumps(line, ensure_ascii=False))


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--fold", "folded", is_flag=True, help="Remove diacritics first.")
@click.option("--drafts", is_flag=True, help="Drafts too.")
@click.option("--mistakes/--no-mistakes", default=True, help="List the mistakes.")
@click.pass_obj
def evaluate(settings: Settings, file: Path, folded: bool, drafts: bool, mistakes: bool) -> None:
    """Measure matching on FILE.tsv: question, name, codes joined by «;» (none: refuse)."""
    services = _services(open_store(settings.database_url), drafts=drafts)
    try:
        rows = evaluation.read_rows(file)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    report = evaluation.measure(rows, services, change=fold if folded else clean)
    click.echo(evaluation.render(report, mistakes=mistakes))


@main.command()
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Bring the database to this version of the program."""
    open_store(settings.database_url)
    click.echo("Cơ sở dữ liệu đã ở phiên bản mới nhất.")


if __name__ == "__main__":
    main()
