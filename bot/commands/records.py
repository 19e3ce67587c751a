"""import, export, lint, migrate: the records themselves."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot import documents, teaching
from bot.app import now
from bot.commands import common
from bot.commands.qr import urls
from bot.counter_sheet import counter_sheets, opening
from bot.settings import Settings
from handlers.links import procedure_payload
from knowledge import importers
from knowledge.importers.batch import Batch, Draft, Finding, Unreadable
from knowledge.importers.exporters import TooLong, export_xlsx, export_yaml
from knowledge.importers.sheets import EXAMPLE
from knowledge.importers.template import best_example, export_template
from knowledge.importing import BY_HAND, PLANS, WRITING, Plan, Planned, plan_import, write_import
from knowledge.lint import Severity, lint_phrases, lint_procedures
from knowledge.offices import VIETNAM
from knowledge.store import Write

if TYPE_CHECKING:
    from knowledge.model import Procedure
    from knowledge.store import Store

_MARK = {Plan.CREATE: "+", Plan.UPDATE: "~", Plan.PUBLISH: "^"}


@click.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="FILE…"
)
@click.option("--dry-run", is_flag=True, help="Chỉ cho xem sẽ đổi gì, từng mục; không ghi.")
@click.option("--publish", is_flag=True, help="Đưa vào dùng ngay, ghi «chưa được cán bộ xác nhận».")
@click.option("--overwrite", is_flag=True, help="Ghi đè cả bản đã biên tập và đã xác nhận.")
@click.option("--yes", "-y", is_flag=True, help="Ghi mà không hỏi lại.")
@click.pass_obj
def import_(
    settings: Settings,
    files: tuple[Path, ...],
    dry_run: bool,
    publish: bool,
    overwrite: bool,
    yes: bool,
) -> None:
    """Nhập thủ tục từ FILE: dữ liệu và trang Word, PDF của Cổng, danh mục, YAML, XLSX."""
    batches = [_read(file) for file in files]
    for batch in batches:
        _tell_findings(batch.findings)
    drafts = [draft for batch in batches for draft in batch.drafts]
    store = common.store(settings)
    planned = _plan(store, drafts, publish=publish, overwrite=overwrite)
    _tell_plan(planned, in_full=dry_run)
    writing = sum(each.plan in WRITING for each in planned)
    if dry_run or not writing:
        click.echo("Chưa ghi gì." if dry_run else "Không có gì phải ghi.")
        return
    how = "đưa vào dùng" if publish else "ghi thành bản nháp"
    if not yes and not click.confirm(f"{writing} thủ tục sẽ được {how}. Ghi?", default=False):
        click.echo("Chưa ghi gì.")
        return
    _write(store, drafts, planned, files, publish=publish, overwrite=overwrite)


def _read(file: Path) -> Batch:
    with click.progressbar(length=1, label=f"Đọc {file.name}", file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        try:
            return importers.read(file, today=now().astimezone(VIETNAM).date(), progress=progress)
        except Unreadable as error:
            raise click.ClickException(f"{error}\nKhông nhập gì từ tệp này.") from error


def _tell_findings(findings: tuple[Finding, ...]) -> None:
    words = {"rejected": "BỎ", "doubtful": "NGỜ"}
    for finding in findings:
        click.echo(f"{words[finding.severity]:<4} {finding.place}: {finding.reason}")
    counts = Counter(finding.severity for finding in findings)
    if findings:
        click.echo(f"{counts['rejected']} dòng bị bỏ, {counts['doubtful']} chỗ đáng ngờ.\n")


def _plan(store: Store, drafts: list[Draft], *, publish: bool, overwrite: bool) -> list[Planned]:
    with store.work() as work:
        stored = work.newest()
    return plan_import(drafts, stored, publish=publish, overwrite=overwrite)


def _tell_plan(planned: list[Planned], *, in_full: bool) -> None:
    for each in planned:
        if not in_full or each.plan is Plan.UNCHANGED:
            continue
        click.echo(f"{_MARK.get(each.plan, '=')} {each.procedure.code} {each.procedure.title}")
        for change in each.changes:
            click.echo(f"    {change}")
    for plan, count in Counter(each.plan for each in planned).items():
        click.echo(f"{count:>6} {PLANS[plan]}")


def _write(
    store: Store,
    drafts: list[Draft],
    shown: list[Planned],
    files: tuple[Path, ...],
    *,
    publish: bool,
    overwrite: bool,
) -> None:
    reason = "nhập từ " + ", ".join(file.name for file in files)
    with store.work() as work:
        planned = plan_import(drafts, work.newest(), publish=publish, overwrite=overwrite)
        if planned != shown:
            # Somebody saved a record while the question was on the screen.
            raise click.ClickException("Dữ liệu vừa được sửa ở nơi khác. Chạy lại lệnh này.")
        with click.progressbar(length=len(planned), label="Ghi", file=sys.stderr) as bar:
            counts = write_import(
                planned, work, publish=publish, reason=reason, at=now(), done=lambda: bar.update(1)
            )
    click.echo("Đã ghi: " + ", ".join(f"{count} {write}" for write, count in counts.items()))


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.argument("codes", nargs=-1)
@click.option("--drafts", is_flag=True, help="Cả bản nháp.")
@click.option("--template", is_flag=True, help="Tệp mẫu .xlsx có ví dụ và lời giải thích.")
@click.pass_obj
def export(
    settings: Settings, target: Path, codes: tuple[str, ...], drafts: bool, template: bool
) -> None:
    """Xuất thủ tục ra TARGET: .xlsx, .yaml, thư mục (mỗi thủ tục một tệp), phiếu .docx.

    TARGET dạng .docx là phiếu hướng dẫn để in ở quầy, mỗi thủ tục trong CODES một phiếu.
    """
    suffix = target.suffix.lower()
    if template:
        _template(settings, target)
        return
    if suffix == ".docx" and not codes:
        raise click.ClickException("Phiếu hướng dẫn cần mã thủ tục: export phieu.docx 1.001193")
    store = common.store(settings)
    found = _asked(store, codes, drafts=drafts)
    try:
        if suffix == ".docx":
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_sheets(settings, store, found))
        else:
            (export_xlsx if suffix == ".xlsx" else export_yaml)(found, target)
    except TooLong as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"Không ghi được {target}: {error.strerror}.") from error
    click.echo(f"Đã xuất {len(found)} thủ tục ra {target}.")


def _asked(store: Store, codes: tuple[str, ...], *, drafts: bool) -> list[Procedure]:
    """All records, or those of some codes in the order they were asked for."""
    with store.work() as work:
        found = work.procedures(drafts=drafts)
    if not codes:
        return found
    known = {each.code: each for each in found}
    if unknown := sorted(set(codes) - set(known)):
        raise click.ClickException(f"Không có thủ tục {', '.join(unknown)}.")
    return [known[code] for code in dict.fromkeys(codes)]


def _template(settings: Settings, target: Path) -> None:
    if target.suffix.lower() != ".xlsx":
        raise click.ClickException("Tệp mẫu phải có đuôi .xlsx.")
    with common.store(settings).work() as work:
        found = work.procedures(drafts=False)
    try:
        export_template(target, best_example(found))
    except OSError as error:
        raise click.ClickException(f"Không ghi được {target}: {error.strerror}.") from error
    click.echo(f"Đã ghi tệp mẫu {target}. Các dòng «{EXAMPLE}» trong đó không được nhập.")


def _sheets(settings: Settings, store: Store, found: list[Procedure]) -> bytes:
    """The sheets as the office's own pages print them: with its name and its sentences."""
    with store.work() as work:
        office = documents.read_office(documents.stored(work, documents.OFFICE))
        wording = documents.read_wording(documents.stored(work, documents.WORDING))
    codes = [opening(urls(settings, procedure_payload(each.code))) for each in found]
    if not any(codes):
        click.echo(
            "Chưa đặt HMC_TELEGRAM_NAME hay HMC_ZALO_OA_ID, nên phiếu không có mã QR.", err=True
        )
    return counter_sheets(found, codes, office, wording)


@click.command()
@click.option("--drafts", is_flag=True, help="Cả bản nháp.")
@click.pass_obj
def lint(settings: Settings, drafts: bool) -> None:
    """Soát kiến thức: thiếu nguồn, tên gọi trùng, mã liên quan không còn, hết hiệu lực…"""
    with common.store(settings).work() as work:
        procedures = work.procedures(drafts=drafts)
        phrases = documents.read_phrases(documents.stored(work, documents.PHRASES))
    today = now().astimezone(VIETNAM).date()
    problems = lint_procedures(procedures, today=today)
    problems += lint_phrases(phrases, procedures)
    for problem in problems:
        click.echo(str(problem))
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    click.echo(
        f"{len(procedures)} thủ tục, {errors} lỗi, {len(problems) - errors} điều nên xem lại."
    )
    if errors:
        raise SystemExit(1)


@click.command()
@click.argument("code")
@click.argument("alias")
@click.option("--force", is_flag=True, help="Dạy cả khi lấy mất câu của thủ tục khác.")
@click.pass_obj
def teach(settings: Settings, code: str, alias: str, force: bool) -> None:
    """Dạy một tên gọi thường ngày: CODE là mã thủ tục, ALIAS là cách người dân gọi."""
    at = now()
    try:
        taught = teaching.teach(
            common.store(settings),
            teaching.Lesson(code=code, phrase=alias, author=BY_HAND),
            at=at,
            today=at.astimezone(VIETNAM).date(),
            force=force,
        )
    except teaching.Stealing as error:
        raise click.ClickException(f"{error}\nVẫn muốn dạy thì thêm --force.") from error
    except teaching.Unteachable as error:
        raise click.ClickException(str(error)) from error
    already = taught is Write.UNCHANGED
    click.echo("Tên gọi này đã có." if already else "Đã thêm. Các máy đang chạy dùng sau vài giây.")


@click.command()
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Đưa cơ sở dữ liệu lên phiên bản của chương trình."""
    common.store(settings)
    click.echo("Cơ sở dữ liệu đã ở phiên bản mới nhất.")
