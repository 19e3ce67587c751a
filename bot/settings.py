"""Every setting once: name, type, default, one sentence."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


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
    chat_secret: SecretStr | None = Field(
        default=None,
        description="Secret that signs web chat sessions; a random one for each start when empty.",
    )
    contact_salt: SecretStr | None = Field(
        default=None,
        description="Salt of contact hashes in the log; kept in var/ when empty.",
    )
    embed_origins: str = Field(
        default="",
        description="Web addresses allowed to embed the chat, separated by spaces.",
    )
    log_level: str = Field(
        default="INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="How much is logged: DEBUG, INFO, WARNING or ERROR.",
    )
