"""match, explain, evaluate: how questions are understood, for people who tune it."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click

from bot import evaluation
from bot.app import stored_services
from bot.commands import common
from bot.settings import Settings
from handlers.decision import decide
from handlers.services import Services
from knowledge.text import clean, fold

SIGNS = 8
"""Signs of a question of status that ``explain`` lists, the strongest."""

drafts_too = click.option("--drafts", is_flag=True, help="Cả bản nháp.")


def _services(settings: Settings, *, drafts: bool) -> Services:
    with common.store(settings).work() as work:
        return stored_services(work, drafts=drafts)


@click.command()
@click.argument("question")
@drafts_too
@click.pass_obj
def explain(settings: Settings, question: str, drafts: bool) -> None:
    """Cho xem một câu hỏi được hiểu thế nào: từng chữ, trọng số, vì sao."""
    services = _services(settings, drafts=drafts)
    click.echo("\n".join([*_words(question, services), *_spotted(question, services)]))
    decision = decide(question, services)
    click.echo(f"→ {decision.decision}, {decision.aspect or 'không rõ khía cạnh'}")
    seen = services.understanding.search(question, services.index)
    slips = ", có chữ gõ sai" if seen.near.mistyped else ""
    click.echo(f"là việc của cơ quan: {seen.ours:.0%}{slips}")
    for sign, part in seen.because:
        click.echo(f"  {sign:<10} {part:+.2f}")
    wording = services.understanding.status.wording
    click.echo(f"hỏi hồ sơ đã nộp: {wording.chance(question):.0%}")
    for sign, part in list(wording.parts(question).items())[:SIGNS]:
        click.echo(f"  {sign:<16} {part:+.2f}")
    for match in decision.matches[:5]:
        because = " ".join(match.because)
        click.echo(f"{match.score:.3f}  {match.code}  {match.name}")
        click.echo(
            f"       vì «{because}» trong «{match.phrase}», phủ {match.covered:.0%} câu hỏi"
            f" và {match.complete:.0%} tên gọi"
        )


def _words(question: str, services: Services) -> list[str]:
    """Each word as it is read, other readings of it, and what the glossary adds."""
    reading = services.index.read(question)
    lines = []
    for token, said, forms in zip(reading.tokens, reading.spoken, reading.forms, strict=True):
        notes = ["phụ"] if token.filler else []
        notes += (
            [f"thay cho «{' '.join(said.said)}»"] if said.said not in ((), (token.word,)) else []
        )
        notes += [f"sửa thành «{token.corrected}»"] if token.corrected else []
        others = [form for form, _ in forms if form not in (fold(token.word), token.corrected)]
        notes += [f"hay là «{' / '.join(others)}»"] if others else []
        lines.append(f"{token.word:<14} {token.weight:6.3f}  {', '.join(notes)}".rstrip())
    for meaning in reading.meanings:
        short = " ".join(reading.tokens[place].word for place in meaning.places)
        lines.append(f"«{short}» có thể là «{' '.join(meaning.words)}»")
    return lines


def _spotted(question: str, services: Services) -> list[str]:
    """What decides by name: aspects, other topics, a life event, an ask-back rule."""
    read = services.understanding.read(clean(question))
    lines = [f"hỏi về: {', '.join(read.aspects)}"] if read.aspects else []
    lines += [f"nói tới: {said.intent}, {said.key}" for said, _ in read.said]
    lines += [f"sự việc: {read.event.key}"] if read.event else []
    return lines + ([f"hỏi lại: {read.ask_back.ask}"] if read.ask_back else [])


@click.command()
@drafts_too
@click.pass_obj
def match(settings: Settings, drafts: bool) -> None:
    """Đọc câu hỏi từ đầu vào, mỗi dòng một câu; ghi mỗi dòng một đối tượng JSON."""
    services = _services(settings, drafts=drafts)
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


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--fold", "folded", is_flag=True, help="Bỏ dấu trước khi hỏi.")
@drafts_too
@click.option("--mistakes/--no-mistakes", default=True, help="Liệt kê các câu sai.")
@click.pass_obj
def evaluate(settings: Settings, file: Path, folded: bool, drafts: bool, mistakes: bool) -> None:
    """Đo việc tìm trên FILE.tsv: câu hỏi, tên, các mã cách nhau bằng «;».

    Dòng không có mã là câu phải từ chối.
    """
    services = _services(settings, drafts=drafts)
    try:
        rows = evaluation.read_rows(file)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    report = evaluation.measure(rows, services, change=fold if folded else clean)
    click.echo(evaluation.render(report, mistakes=mistakes))
