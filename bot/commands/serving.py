"""serve: where the parts of a running office meet."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import click

from bot.app import now
from bot.channels.pickup import PickupChannel
from bot.channels.zalo_oa import ZaloOaChannel
from bot.channels.zalo_oa_templates import status_template
from bot.commands import common
from bot.commands.qr import urls
from bot.following import Following
from bot.forms import add_routes as add_form_routes
from bot.jobs import Job
from bot.news import Office
from bot.receipts import ReceiptReader
from bot.retention import Retention
from bot.server import WEB_LIMITS, Serving, run
from bot.single import AlreadyServing, only_one
from bot.staff_chat import StaffChat
from bot.weekly import Weekly
from knowledge.onestop import demo_examples

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.channels import Channel
    from bot.desk import Desk
    from bot.lookups import Lookups
    from bot.sealing import Seal
    from bot.settings import Settings

RENEW_SECONDS = 600.0
FORGET_SECONDS = 3600.0


@click.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Phục vụ trang hỏi đáp (và các kênh đã cấu hình)."""
    serving = compose(settings)
    if common.onestop_setting(settings) == "demo":
        _tell_of_demo()
    file = serving.desk.store.file
    try:
        with only_one(file) if file else nullcontext():
            run(serving, host=settings.host, port=settings.port)
    except AlreadyServing as error:
        raise click.ClickException(
            f"Đã có một tiến trình phục vụ dùng {error}. SQLite chỉ cho một; muốn chạy nhiều thì "
            "dùng PostgreSQL (DATABASE_URL)."
        ) from error


def compose(settings: Settings) -> Serving:
    """The office as the settings want it; nothing runs yet."""
    from bot import staff
    from bot.staff.exchange import Outside

    store, seal = common.store(settings), common.seal(settings)
    web = PickupChannel("web", WEB_LIMITS)
    channels = common.channels(settings, store)
    by_name = {channel.name: channel for channel in (web, *channels)}
    lookups = common.look_ups(settings, store)
    desk, following = _desk(settings, lookups, by_name)
    forms, secret = common.forms(settings), settings.chat_secret
    outside = Outside(channels=by_name, form_address=forms.address, links=partial(urls, settings))
    return Serving(
        desk=desk,
        seal=seal,
        spool=common.spool(),
        clock=now,
        page=web,
        chat_secret=secret.get_secret_value().encode() if secret else secrets.token_bytes(32),
        embed_origins=tuple(settings.embed_origins.split()),
        polling=not settings.public_url,
        zalo_verifier=settings.zalo_verifier,
        channels=channels,
        receipts=ReceiptReader(common.link_keys(settings)),
        jobs=(
            *_renewals(channels),
            Job(
                name="forget look-ups",
                every=FORGET_SECONDS,
                do=lambda: asyncio.to_thread(lookups.sweep),
            ),
            Job(name="following", every=settings.onestop_poll_seconds, do=following.poll),
            Retention(
                store=store,
                clock=now,
                words=timedelta(days=settings.keep_words_days),
                conversations=timedelta(days=settings.keep_memory_days),
            ).job(),
            *staff.jobs(store, common.anchors(), now),
            *_weekly(settings, desk, seal, by_name),
        ),
        closing=(lookups.sources.close,),
        sources=lookups.sources,
        home=common.HOME,
        metrics_port=settings.metrics_port,
        alert_chat=settings.alert_chat,
        routes=(
            lambda app, _delivery: add_form_routes(app, forms),
            lambda app, delivery: staff.add_routes(
                app, desk=desk, delivery=delivery, seal=seal, clock=now, outside=outside
            ),
        ),
    )


def _weekly(
    settings: Settings, desk: Desk, seal: Seal, channels: Mapping[str, Channel]
) -> Iterator[Job]:
    """The summary for the administrators' chat, where there is one."""
    if chat := StaffChat.of(settings.alert_chat):
        yield Weekly(desk=desk, seal=seal, channels=channels, chat=chat, clock=now).job()


def _desk(
    settings: Settings, lookups: Lookups, channels: Mapping[str, Channel]
) -> tuple[Desk, Following]:
    """The desk that lets citizens follow dossiers, and what tells them; each needs the other."""
    template = settings.zalo_status_template
    office = Office(
        store=lookups.store,
        seal=lookups.seal,
        channels=channels,
        services=lambda: desk.services,
        contact_hash=lambda channel, contact: desk.contact_hash(channel, contact),
        code_hash=lookups.code_hash,
        clock=now,
        silent=lambda channel: desk.board.silenced(channel, now()) is not None,
        templates={"zalo_oa": status_template(template)} if template else {},
    )
    following = Following(lookups.sources, office)
    desk = common.desk(settings, replace(lookups, follows=following))
    return desk, following


def _tell_of_demo() -> None:
    click.echo("Hồ sơ để tra thử (dữ liệu bịa; đặt HMC_ONESTOP để dùng thật):")
    for example in demo_examples(now()):
        click.echo(f"  {example.code}  4 số cuối: {example.digits}")


def _renewals(channels: tuple[Channel, ...]) -> Iterator[Job]:
    """Tokens that end are renewed long before."""
    for channel in channels:
        if isinstance(channel, ZaloOaChannel):
            yield Job(name="zalo renew", every=RENEW_SECONDS, do=channel.oauth.renew)
