"""Every setting of Perkhub, declared once: read from PERKHUB_* variables, documented by `settings_table`."""

from enum import StrEnum, auto
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from perkhub.kit.origins import origin_of, read_names, read_origins


class Environment(StrEnum):
    DEVELOPMENT = auto()
    PRODUCTION = auto()


class OperationPolicy(StrEnum):
    AUTOMATIC = auto()
    KNOWN = auto()
    LISTED = auto()


SPARE_CONNECTIONS = 6
JOBS_OF_A_CONNECTION = 4


class Settings(BaseSettings):
    """Read once at start. Nothing else in the house looks at the environment."""

    model_config = SettingsConfigDict(env_prefix="PERKHUB_", frozen=True)

    environment: Environment = Field(
        Environment.DEVELOPMENT,
        description="`production` refuses generated keys and turns GraphiQL and introspection off",
    )
    data_folder: Path = Field(Path(".perkhub"), description="Embedded servers' data, and generated development keys")
    database_url: SecretStr | None = Field(
        None, description="postgresql://user:password@host:5432/name; empty starts an embedded PostgreSQL"
    )
    redis_url: SecretStr | None = Field(None, description="redis://host:6379/0; empty starts an embedded Redis")
    database_pool: int = Field(16, ge=2, le=200, description="Connections per process")
    key_encryption_keys: SecretStr | None = Field(
        None, description="name:base64 of 32 bytes, comma-separated, newest first; wraps every data key"
    )
    token_secret: SecretStr | None = Field(None, description="At least 32 characters; signs access tokens")
    public_url: str = Field("http://127.0.0.1:8000", description="Where browsers and payment gateways reach this server")
    allowed_origins: Annotated[frozenset[str], NoDecode, BeforeValidator(read_origins)] = Field(
        frozenset(),
        description="Origins of storefronts hosted elsewhere, comma-separated (https://shop.example.com): their pages may call "
        "the API, and browsers may be sent back to them. Pages of `PERKHUB_PUBLIC_URL` always may",
    )
    invitation_page: str = Field(
        "",
        description="The storefront's page for invitations to an organisation, with {token} in it; empty sends the token alone",
    )
    staff_locale: str = Field(
        "zh-CN", pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*$", description="Language of messages to staff"
    )
    private_hosts: Annotated[frozenset[str], NoDecode, BeforeValidator(read_names)] = Field(
        frozenset(),
        description="Hosts in networks of your own that may be called although they are not public, comma-separated: an "
        "identity provider beside this server",
    )
    storefront_folder: Path = Field(
        Path("storefront-demo/dist"), description="A built storefront, served under /shop; nothing is, where it is not there"
    )
    media_url: str | None = Field(
        None, description="Where browsers find pictures, if a CDN stands before /media; `public_url` if empty"
    )
    host: str = Field("127.0.0.1", description="Address the web server binds")
    port: int = Field(8000, ge=1, le=65535, description="Port the web server binds")
    web_processes: int = Field(1, ge=1, le=64, description="Web worker processes")
    access_token_seconds: int = Field(600, ge=60, le=3600, description="Life of an access token")
    refresh_token_days: int = Field(30, ge=1, le=365, description="Life of a refresh token; each is used once")
    unpaid_order_minutes: int = Field(15, ge=1, le=1440, description="How long an unpaid order holds its stock")
    unpaid_orders_per_buyer: int = Field(5, ge=1, le=1000, description="Unpaid orders one buyer may have at once")
    unpaid_orders_per_device: int = Field(10, ge=1, le=1000, description="Unpaid orders one device key may have at once")
    campaign_orders_at_once: int = Field(
        256,
        ge=1,
        le=100_000,
        description="Orders carried out at once in one campaign, by all web processes together; more wait with a ticket",
    )
    exports_per_hour: int = Field(10, ge=1, description="Documents of all that is held of a person, asked for by one caller")
    unmaskings_per_hour: int = Field(60, ge=1, description="Times one member of staff may read a customer in clear")
    reveals_per_minute: int = Field(30, ge=1, le=100000, description="Reveals one person may ask for in a minute")
    requests_per_minute: int = Field(600, ge=1, le=10000000, description="GraphQL requests one client may send in a minute")
    query_depth: int = Field(12, ge=3, le=50, description="Deepest selection of an operation")
    query_cost: int = Field(2000, ge=10, le=1000000, description="Highest cost of an operation")
    query_cost_per_minute: int = Field(
        200_000, ge=100, le=1_000_000_000, description="Cost of all operations one client may run in a minute"
    )
    response_cache_megabytes: int = Field(
        64, ge=0, le=65536, description="Memory of each web process for whole answers to readers who did not sign in; 0 is off"
    )
    response_cache_seconds: int = Field(60, ge=1, le=3600, description="Longest life of an answer there, changed or not")
    fragment_cache_megabytes: int = Field(
        128, ge=0, le=65536, description="Memory of each web process for parts of answers: products and variants; 0 is off"
    )
    remembered_products: int = Field(
        10_000, ge=0, le=10_000_000, description="Products, and as many variants, that each process remembers by their version"
    )
    public_seconds: int = Field(
        5, ge=0, le=86400, description="How long browsers and delivery networks may keep what was asked for by GET"
    )
    operations: OperationPolicy | None = Field(
        None,
        description="`automatic` keeps what clients send under its hash, `known` only what `perkhub operations publish` was"
        " given, `listed` also refuses all else; empty is `automatic` in development and `known` in production",
    )
    operations_kept: int = Field(10_000, ge=10, le=1_000_000, description="Operations kept under their hash unasked")
    operations_per_minute: int = Field(60, ge=1, le=100_000, description="New operations one client may have kept in a minute")
    request_kilobytes: int = Field(1024, ge=16, le=16384, description="Largest body of a GraphQL request, and largest message")
    upload_megabytes: int = Field(64, ge=1, le=1024, description="Largest upload")
    pictures_per_minute: int = Field(
        60, ge=1, le=100_000, description="Pictures that one member of staff or machine client may send in a minute"
    )
    import_memory_megabytes: int = Field(2048, ge=256, le=16384, description="Address space of the child that reads a workbook")
    activity_days: int = Field(1095, ge=1, le=36500, description="How long the log of operators' deeds is kept")
    worker_jobs: int = Field(40, ge=1, le=200, description="Jobs one worker process runs at once")
    metrics_token: SecretStr | None = Field(
        None, description="Bearer token that /metrics asks for; without one, production has no /metrics"
    )
    count_statements: bool = Field(False, description="Answer with a Perkhub-Statements header; for benchmarks and tests")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    @property
    def jobs_at_once(self) -> int:
        """Jobs that a worker really runs at once: four to a connection, which each holds only while it reads or writes, and
        some connections stay free for heartbeats, turns and the sweeper."""
        return max(1, min(self.worker_jobs, (self.database_pool - SPARE_CONNECTIONS) * JOBS_OF_A_CONNECTION))

    def is_ours(self, address: str) -> bool:
        """Whether a web address belongs to one of our own front ends."""
        origin = origin_of(address)
        return origin is not None and (origin in self.allowed_origins or origin == origin_of(self.public_url))


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()


def settings_table() -> str:
    """The documentation's table, in Markdown."""
    lines = ["| variable | default | meaning |", "| --- | --- | --- |"]
    for name, declared in Settings.model_fields.items():
        default = "" if declared.default in (None, frozenset()) else f"`{declared.default}`"
        lines.append(f"| `PERKHUB_{name.upper()}` | {default} | {declared.description} |")
    return "\n".join(lines) + "\n"
