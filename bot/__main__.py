"""The command line: ``python -m bot --help``."""

from __future__ import annotations

import click
from pydantic import ValidationError

from bot.commands import (
    backups,
    channels,
    common,
    doctor,
    matching,
    qr,
    records,
    serving,
    staff,
    switches,
    talking,
)
from bot.settings import Settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """Hỏi Một Cửa: trợ lý hỏi đáp thủ tục hành chính."""
    try:
        context.obj = Settings()
    except ValidationError as error:
        # Names and reasons only: a wrong value may be a secret.
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise click.ClickException("Cấu hình (.env) chưa đúng:\n" + "\n".join(lines)) from error
    common.log_to_stderr(context.obj.log_level)


for command in (
    serving.serve,
    talking.chat,
    talking.ask,
    channels.channels,
    matching.explain,
    matching.match,
    matching.evaluate,
    records.lint,
    records.teach,
    records.import_,
    records.export,
    records.migrate,
    doctor.doctor,
    backups.backup,
    backups.restore,
    qr.qr,
    staff.staff,
    staff.audit,
    switches.switch,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
