"""What Snowplow's files say and ours need not: keys that ask for nothing here, and other ways to write a value.

What would be dangerous to ignore is refused instead: TLS, StatsD, an SQS buffer, credentials in the file.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from services.collector.config.durations import Seconds


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    pass


class Aws(_Section, frozen=True):
    """Credentials come from the machine's role or the environment; the two say so."""

    # No Literal: its error would quote a key.
    access_key: Annotated[str, Meta(pattern=r"^(iam|default|env)\Z")] = "iam"
    secret_key: Annotated[str, Meta(pattern=r"^(iam|default|env)\Z")] = "iam"  # noqa: S105  # it says that there is none


class Ssl(_Section, frozen=True):
    """TLS ends at the load balancer."""

    enable: Literal[False] = False
    redirect: bool = False
    port: int = 443


class Statsd(_Section, frozen=True):
    """Metrics are scraped from `/metrics` or logged, and not sent."""

    enabled: Literal[False] = False
    hostname: str = "localhost"
    port: int = 8125
    period: Seconds = Seconds(10)
    prefix: str = "snowplow.collector"
    tags: dict[str, str] = {}


class Metrics(_Section, frozen=True):
    """See Statsd."""

    statsd: Statsd = Statsd()


class Monitoring(_Section, frozen=True):
    """See Statsd."""

    metrics: Metrics = Metrics()


class License(_Section, frozen=True):
    """The collector is not under Snowplow's licence."""

    accept: bool = False


class P3p(_Section, frozen=True, rename={"policy_ref": "policyRef", "cp": "CP"}):
    """No P3P header is sent, as Snowplow's collector sends none since 3.0."""

    policy_ref: str = ""
    cp: str = ""


class RedirectMacro(_Section, frozen=True):
    """Unused by Snowplow's collector since 3.0."""

    enabled: bool = False
    placeholder: str | None = None


class Telemetry(_Section, frozen=True):
    """Nothing is sent to anybody."""

    disable: bool = True
    interval: Seconds = Seconds(3600)
    method: str = "POST"
    url: str = ""
    port: int = 443
    secure: bool = True
    user_provided_id: str | None = None
    module_name: str | None = None
    module_version: str | None = None
    instance_id: str | None = None
    auto_generated_id: str | None = None


_SAME_SITE = {"none": "None", "lax": "Lax", "strict": "Strict"}
_TRUE = ("true", "yes", "on", "1")  # what accepts Snowplow's licence, which also comes from an environment variable


def adapted(document: Any) -> Any:
    """Return the document with each value as our settings have it; what is not an object comes back as it is.

    Rewritten: the older style, where the streams are names and share `sink` and `buffer`; `sameSite` in any case; an
    empty `fallbackDomain`, which Snowplow's Terraform module renders for none; a licence accepted by a text.
    """
    match document:
        case {"collector": dict(collector)}:
            collector = dict(collector)
        case _:
            return document
    match collector.get("streams"):
        case {"good": str(good), "bad": str(bad), "sink": dict(sink), **others}:
            shared = {key: value for key, value in sink.items() if key != "enabled"}
            if "buffer" in others:
                shared["buffer"] = others.pop("buffer")
            collector["streams"] = {**others, "good": {"name": good, **shared}, "bad": {"name": bad, **shared}}
    match collector.get("cookie"):
        case dict(cookie):
            cookie = dict(cookie)
            if cookie.get("fallbackDomain") == "":
                del cookie["fallbackDomain"]
            if isinstance(same_site := cookie.get("sameSite"), str):
                cookie["sameSite"] = _SAME_SITE.get(same_site.lower(), same_site)
            collector["cookie"] = cookie
    match collector.get("license"):
        case {"accept": str(accept), **others}:
            collector["license"] = {**others, "accept": accept.lower() in _TRUE}
    return {**document, "collector": collector}
