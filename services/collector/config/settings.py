r"""The collector's configuration: Snowplow's own key names. docs/collector.md says what each key does.

Defaults are Snowplow's but for `cookie.expiration`, `redirectDomains` and `networking.trustedProxies`, which are the
safer choice (docs/adr/0015-safer-defaults.md). Keys of Snowplow's that ask for nothing here are in `snowplow`.

Whatever a file may say here has to work for every request: each bound follows from what the code does with the value.
Patterns end with `\Z`, because `$` also matches before a line end, which would end a header's line.
"""

from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
import re2
from msgspec import Meta

from services.collector.config import snowplow
from services.collector.config.durations import (
    CookieLife,
    DeltaSeconds,
    Grace,
    IdleTime,
    SignedDeltaSeconds,
    Timeout,
)

_TEXT = r"^[\x20-\x7e]{0,4096}\Z"  # nothing that could end a header line

type Port = Annotated[int, Meta(ge=1, le=65535)]
# A stream's name is a directory's name in the spill, too: neither `.` nor `..`.
type Name = Annotated[str, Meta(pattern=r"^(?!\.{1,2}\Z)[A-Za-z0-9_.-]{1,128}\Z")]
type CookieName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}\Z")]
type Region = Annotated[str, Meta(pattern=r"^[a-z]{2}(-[a-z0-9]+)+\Z")]
type Host = Annotated[str, Meta(pattern=r"^[A-Za-z0-9.-]{1,253}\Z")]
type Path = Annotated[str, Meta(pattern=r"^/[^/\s]{1,512}/[^/\s]{1,512}\Z")]
type Uuid = Annotated[str, Meta(pattern=r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\Z")]
type Interface = Annotated[str, Meta(pattern=r"^[A-Za-z0-9.:%-]{1,253}\Z")]
type HeaderName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,64}\Z")]


# Of every answer these headers are the server's: what else they said would break its framing.
_FRAMING = frozenset(
    {"connection", "content-length", "date", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)


def full_matcher(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether the pattern matches the whole of a text.

    A configured pattern meets a sender's text, so it is one of RE2, whose time is linear in the text. Raises re2.error.
    """
    options = re2.Options()
    options.log_errors = False
    compiled = re2.compile(pattern, options)
    return lambda text: compiled.fullmatch(text) is not None


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A JSON object; a key that is not listed is refused."""


class Cookie(_Section, frozen=True):
    """The network user id's cookie."""

    enabled: bool = True
    name: CookieName = "sp"
    expiration: CookieLife = CookieLife(90 * 86400)
    domains: tuple[Host, ...] = ()
    fallback_domain: Host | None = None
    secure: bool = True
    http_only: bool = True
    same_site: Literal["None", "Lax", "Strict"] = "None"
    client_cookie_name: CookieName | None = None


class DoNotTrackCookie(_Section, frozen=True):
    """Requests with this cookie are not recorded when `value`, a regular expression, matches its whole value."""

    enabled: bool = False
    name: str = ""
    value: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for a missing name or a pattern that RE2 refuses."""
        if self.enabled and not self.name:
            raise ValueError("doNotTrackCookie.enabled needs doNotTrackCookie.name")
        try:
            full_matcher(self.value)
        except re2.error as error:
            message = error.args[0].decode("utf-8", "replace") if error.args else ""
            raise ValueError(f"doNotTrackCookie.value is not a regular expression of RE2 ({message})") from None


class CookieBounce(_Section, frozen=True):
    """Whether a browser without the cookie is redirected to the same URL once, to see whether it keeps one."""

    enabled: bool = False
    name: CookieName = "n3pc"
    fallback_network_user_id: Uuid = "00000000-0000-4000-A000-000000000000"
    forwarded_protocol_header: HeaderName | None = None


class CrossDomain(_Section, frozen=True):
    """The policy at /crossdomain.xml."""

    enabled: bool = False
    domains: tuple[Annotated[str, Meta(pattern=r"^[A-Za-z0-9.*-]{1,253}\Z")], ...] = ("*",)
    secure: bool = True


class RootResponse(_Section, frozen=True):
    """The answer to GET /."""

    enabled: bool = False
    status_code: Annotated[int, Meta(ge=200, le=599)] = 302
    headers: Annotated[dict[HeaderName, Annotated[str, Meta(pattern=_TEXT)]], Meta(max_length=64)] = {}
    body: Annotated[str, Meta(max_length=1_048_576)] = ""

    def __post_init__(self) -> None:
        """Raise ValueError for an answer that HTTP cannot frame."""
        if self.enabled and self.body and self.status_code in (204, 205, 304):
            raise ValueError(f"an answer of status {self.status_code} has no body: leave rootResponse.body empty")
        if framing := sorted(name for name in self.headers if name.lower() in _FRAMING):
            raise ValueError(f"rootResponse.headers may not say {framing[0]}, which the server says itself")


class Cors(_Section, frozen=True):
    """How long a browser may keep the answer to a preflight request; negative: not at all."""

    access_control_max_age: SignedDeltaSeconds = SignedDeltaSeconds(3600)


class Hsts(_Section, frozen=True):
    """Whether every answer tells browsers to come back over TLS only."""

    enable: bool = False
    max_age: DeltaSeconds = DeltaSeconds(365 * 86400)


class Networking(_Section, frozen=True):
    """Limits of a process, in bytes, connections and seconds, and the proxies whose X-Forwarded-For counts."""

    max_connections: Annotated[int, Meta(ge=1, le=1_000_000)] = 1024
    idle_timeout: IdleTime = IdleTime(610)  # longer than a load balancer's: it never meets a connection just closed
    response_header_timeout: Timeout = Timeout(30)
    body_read_timeout: Timeout = Timeout(25)
    max_request_line_length: Annotated[int, Meta(ge=256, le=65_536)] = 20_480
    max_headers_length: Annotated[int, Meta(ge=1024, le=262_144)] = 40_960
    max_payload_size: Annotated[int, Meta(ge=1, le=67_108_864)] = 1_048_576
    drop_payload_size: Annotated[int, Meta(ge=1, le=16_777_216)] = 2_097_152
    trusted_proxies: Literal["any"] | tuple[str, ...] = (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128",
    )  # fmt: skip

    def __post_init__(self) -> None:
        """Raise ValueError for a proxy that is not a network."""
        for proxy in () if self.trusted_proxies == "any" else self.trusted_proxies:
            try:
                ip_network(proxy)
            except ValueError as error:
                raise ValueError(f"networking.trustedProxies: {error}") from None


class Buffer(_Section, frozen=True):
    """A batch is written when it is full (bytes, records) or `timeLimit` ms old. The bounds are those of PutRecords.

    A record of more than `byteLimit` bytes is a batch of its own.
    """

    byte_limit: Annotated[int, Meta(ge=1, le=5_242_880)] = 3_145_728
    record_limit: Annotated[int, Meta(ge=1, le=500)] = 500
    time_limit: Annotated[int, Meta(ge=1, le=60_000)] = 5_000


class BackoffPolicy(_Section, frozen=True):
    """Milliseconds between two attempts to write; there is no last attempt, whatever `maxRetries` says."""

    min_backoff: Annotated[int, Meta(ge=1, le=60_000)] = 500
    max_backoff: Annotated[int, Meta(ge=1, le=60_000)] = 1500
    max_retries: int = 3


class Stream(_Section, frozen=True):
    """A Kinesis stream and its buffer; a record has fewer than `maxBytes` bytes."""

    name: Name
    region: Region
    max_bytes: Annotated[int, Meta(ge=10_000, le=1_000_000)] = 1_000_000
    buffer: Buffer = Buffer()
    backoff_policy: BackoffPolicy = BackoffPolicy()
    custom_endpoint: Annotated[str, Meta(pattern=r"^https?://[A-Za-z0-9.:\[\]-]+/?\Z")] | None = None
    startup_check_interval: Timeout = Timeout(1)
    sqs_max_bytes: int = 192_000
    thread_pool_size: int = 10
    aws: snowplow.Aws = snowplow.Aws()

    def __post_init__(self) -> None:
        """Raise ValueError for an endpoint whose host or port no connection can be made to."""
        if self.custom_endpoint is not None:
            try:
                url = urlsplit(self.custom_endpoint)
                is_usable = bool(url.hostname) and url.port != 0
            except ValueError:
                is_usable = False
            if not is_usable:
                raise ValueError("customEndpoint is not http://host:port with a port from 1 to 65535")


class Streams(_Section, frozen=True):
    """Where payloads go, and where failed events go."""

    good: Stream
    bad: Stream
    use_ip_address_as_partition_key: bool = False


class Spill(_Section, frozen=True):
    """Where records go on disk while Kinesis takes none: a directory on an encrypted volume, and its bound in bytes."""

    directory: Annotated[str, Meta(pattern=r"^/[^\x00]+\Z")]
    max_bytes: Annotated[int, Meta(ge=16_777_216)] = 1_073_741_824


class Metrics(_Section, frozen=True):
    """Where Prometheus finds `/metrics`; with it, CloudWatch's embedded metrics go to standard output each minute."""

    port: Port
    interface: Interface = "127.0.0.1"

    def __post_init__(self) -> None:
        """Raise ValueError for an interface that is not an address."""
        check_interface(self.interface)


class Collector(_Section, frozen=True):
    """The whole configuration, below the root key `collector`."""

    interface: Interface
    port: Port
    streams: Streams
    cookie: Cookie = Cookie()
    do_not_track_cookie: DoNotTrackCookie = DoNotTrackCookie()
    cookie_bounce: CookieBounce = CookieBounce()
    cross_domain: CrossDomain = CrossDomain()
    root_response: RootResponse = RootResponse()
    cors: Cors = Cors()
    hsts: Hsts = Hsts()
    paths: dict[Path, Path] = {}
    enable_default_redirect: bool = False
    redirect_domains: tuple[Annotated[str, Meta(pattern=r"^(\*|[A-Za-z0-9.-]{1,253})\Z")], ...] = ()
    networking: Networking = Networking()
    pre_termination_period: Grace = Grace(10)
    workers: Annotated[int, Meta(ge=1, le=256)] | None = None  # None: one for each core
    durable: bool = False  # answer after Kinesis has the records, not after they are in the buffer
    spill: Spill | None = None
    metrics: Metrics | None = None
    ssl: snowplow.Ssl = snowplow.Ssl()
    monitoring: snowplow.Monitoring = snowplow.Monitoring()
    license: snowplow.License = snowplow.License()
    p3p: snowplow.P3p = snowplow.P3p()
    redirect_macro: snowplow.RedirectMacro = snowplow.RedirectMacro()
    telemetry: snowplow.Telemetry = snowplow.Telemetry()

    def __post_init__(self) -> None:
        """Raise ValueError for settings that exclude each other."""
        check_interface(self.interface)
        if self.metrics is not None and self.metrics.port == self.port:
            raise ValueError(f"metrics.port is {self.port}, which is also the collector's port")
        if self.durable:
            limit = self.networking.response_header_timeout
            for stream in (self.streams.good, self.streams.bad):
                if stream.buffer.time_limit / 1000 >= limit:
                    raise ValueError(
                        "with durable, every streams buffer.timeLimit has to be below networking.responseHeaderTimeout,"
                        f" {limit:g} seconds: an answer waits for its batch"
                    )


def check_interface(interface: str) -> None:
    """Raise ValueError for a malformed address; a host name is looked up at the start."""
    if ":" in interface or interface.replace(".", "").isdigit():
        ip_address(interface)
