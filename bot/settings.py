"""Every setting once: name, type, default, one sentence."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

SHAPE_OF_URL = r"^(https?://[^\s]+)?$"


class Settings(BaseSettings):
    """Read once from the environment and ``.env``; an unknown HMC_ name in ``.env`` is an error."""

    model_config = SettingsConfigDict(
        env_prefix="HMC_",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
    )

    database_url: str = Field(
        default="sqlite:///var/hoimotcua.db",
        validation_alias="DATABASE_URL",
        description="Database address; postgresql://… for PostgreSQL.",
    )
    host: str = Field(default="127.0.0.1", description="Address the web server listens on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port of the web server.")
    public_url: str = Field(
        default="",
        pattern=SHAPE_OF_URL,
        description="Address by which platforms reach this server; without it they are polled.",
    )
    chat_secret: SecretStr | None = Field(
        default=None,
        description="Secret that signs web chat sessions; a random one for each start when empty.",
    )
    contact_salt: SecretStr | None = Field(
        default=None,
        description="Salt of contact hashes in the log; kept in var/ when empty.",
    )
    seal_keys: SecretStr | None = Field(
        default=None,
        description="Keys that seal waiting messages, the newest first, separated by spaces; "
        "kept in var/ when empty.",
    )
    link_keys: SecretStr | None = Field(
        default=None,
        description="Keys that sign the links on receipts, the newest first, separated by spaces; "
        "kept in var/ when empty.",
    )
    forms_dir: Path = Field(
        default=Path("var/forms"),
        description="Folder of blank forms that citizens can have sent.",
    )
    onestop: str = Field(
        default="",
        description="Dossier sources: a YAML file, demo or none; empty: demo without a public "
        "address, none with one.",
    )
    show_handler: bool = Field(
        default=True,
        description="Whether a proved dossier names the official who handles it.",
    )
    onestop_poll_seconds: float = Field(
        default=60.0,
        ge=5,
        le=3600,
        description="Seconds between two polls of the dossier sources for followed dossiers.",
    )
    check_every_days: int = Field(
        default=180,
        ge=1,
        le=3650,
        description="Days after which a record must be looked at again, unless it names a day.",
    )
    keep_words_days: int = Field(
        default=365,
        ge=1,
        le=3650,
        description="Days the masked words of inquiries are kept; figures stay.",
    )
    keep_memory_days: int = Field(
        default=30,
        ge=1,
        le=3650,
        description="Days after which a conversation that rests is forgotten.",
    )
    embed_origins: str = Field(
        default="",
        description="Web addresses allowed to embed the chat, separated by spaces.",
    )
    metrics_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="Port on 127.0.0.1 where Prometheus reads /metrics; 0: none.",
    )
    alert_chat: str = Field(
        default="",
        pattern=r"^((telegram|zalo_bot):[-A-Za-z0-9]{1,64})?$",
        description="Chat that is told when something is wrong, and on Mondays which records must "
        "be looked at again, as telegram:-1001234567890.",
    )
    log_level: str = Field(
        default="INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="How much is logged: DEBUG, INFO, WARNING or ERROR.",
    )
    telegram_token: SecretStr | None = Field(
        default=None, description="Token of the Telegram bot, from @BotFather."
    )
    telegram_api_url: str = Field(
        default="https://api.telegram.org",
        pattern=SHAPE_OF_URL,
        description="Address of the Telegram Bot API, or of a server of one's own.",
    )
    telegram_per_second: float = Field(
        default=25.0,
        gt=0,
        le=1000,
        description="Calls a second that Telegram allows the bot over all chats.",
    )
    telegram_name: str = Field(
        default="",
        pattern=r"^([A-Za-z][A-Za-z0-9_]{3,31})?$",
        description="User name of the Telegram bot without @, for links and QR codes.",
    )
    zalo_oa_id: str = Field(
        default="", pattern=r"^\d*$", description="Id of the Zalo OA, for links and QR codes."
    )
    zalo_app_id: str = Field(
        default="", pattern=r"^\d*$", description="Id of the Zalo application of the OA."
    )
    zalo_app_secret: SecretStr | None = Field(
        default=None, description="Secret key of the Zalo application (for tokens)."
    )
    zalo_oa_secret: SecretStr | None = Field(
        default=None, description="OA Secret Key of the webhook page (for signatures)."
    )
    zalo_api_url: str = Field(
        default="https://openapi.zalo.me",
        pattern=SHAPE_OF_URL,
        description="Address of Zalo's OA interface.",
    )
    zalo_business_url: str = Field(
        default="https://business.openapi.zalo.me",
        pattern=SHAPE_OF_URL,
        description="Address of Zalo's interface for template messages (ZBS/ZNS).",
    )
    zalo_oauth_url: str = Field(
        default="https://oauth.zaloapp.com",
        pattern=SHAPE_OF_URL,
        description="Address where OA tokens are renewed.",
    )
    zalo_signature_timestamp: str = Field(
        default="either",
        pattern="^(either|body|header)$",
        description="Which timestamp the OA signature covers: body, header or either.",
    )
    zalo_verifier: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9_-]*$",
        description="Code in the name of the file by which Zalo verifies the domain.",
    )
    zalo_status_template: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9]*$",
        description="Id of the ZBS template that tells a followed dossier's state outside the "
        "window (parameters ma_ho_so, trang_thai, ngay); without it such news wait.",
    )
    zalo_bot_token: SecretStr | None = Field(
        default=None, description="Token of a bot of the Zalo Bot Platform."
    )
    zalo_bot_api_url: str = Field(
        default="https://bot-api.zaloplatforms.com",
        pattern=SHAPE_OF_URL,
        description="Address of the Zalo Bot Platform.",
    )
