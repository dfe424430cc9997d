from email.utils import parsedate_to_datetime
from time import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collector.config.durations import CookieLife
from services.collector.config.settings import Cookie
from services.collector.request import origins
from services.collector.routes.set_cookie import SetCookie


def render(
    config: Cookie, user: str = "u-1", origin: str | None = None, *, anonymous: bool = False, has_cookie: bool = False
) -> str | None:
    renderer = SetCookie(config)
    domain = renderer.domain(origins.parse(None if origin is None else origin.encode()))
    lines = renderer.lines(user.encode(), domain, anonymous=anonymous, has_cookie=has_cookie).decode().splitlines()
    if not lines:
        return None
    (line,) = lines
    assert line.startswith("Set-Cookie: ")
    return line.removeprefix("Set-Cookie: ")


def test_cookie_attributes_stand_in_snowplows_order() -> None:
    config = Cookie(expiration=CookieLife(60), fallback_domain="example.org")
    rendered = render(config)
    assert rendered is not None
    name, expires, rest = rendered.split("; ", 2)
    assert name == "sp=u-1"
    assert parsedate_to_datetime(expires.removeprefix("Expires=")).timestamp() == pytest.approx(time() + 60, abs=2)
    assert expires.endswith(" GMT")
    assert rest == "Domain=example.org; Path=/; SameSite=None; Secure; HttpOnly"


@pytest.mark.parametrize(
    ("config", "rest"),
    [
        (Cookie(), "Path=/; SameSite=None; Secure; HttpOnly"),
        (Cookie(secure=False), "Path=/; SameSite=None; Secure; HttpOnly"),
        (Cookie(secure=False, same_site="Lax"), "Path=/; SameSite=Lax; HttpOnly"),
        (Cookie(http_only=False, same_site="Strict"), "Path=/; SameSite=Strict; Secure"),
    ],
)
def test_cookie_attributes_follow_the_configuration(config: Cookie, rest: str) -> None:
    rendered = render(config)
    assert rendered is not None
    assert rendered.split("; ", 2)[2] == rest


@pytest.mark.parametrize(
    ("domains", "fallback", "origin", "domain"),
    [
        (("example.org",), None, "https://example.org", "example.org"),
        (("example.org",), None, "https://a.b.example.org:8443", "example.org"),
        (("b.org", "a.org"), None, "https://x.a.org https://x.b.org", "b.org"),
        (("example.org",), None, "https://notexample.org", None),
        (("example.org",), "fall.org", "https://notexample.org", "fall.org"),
        (("example.org",), "fall.org", None, "fall.org"),
        (("example.org",), None, "null", None),
        ((), None, "https://example.org", None),
        ((), "fall.org", "https://example.org", "fall.org"),
    ],
)
def test_domain_is_the_first_configured_one_that_an_origin_is_in(
    domains: tuple[str, ...], fallback: str | None, origin: str | None, domain: str | None
) -> None:
    rendered = render(Cookie(domains=domains, fallback_domain=fallback), origin=origin)
    assert rendered is not None
    found = [part.removeprefix("Domain=") for part in rendered.split("; ") if part.startswith("Domain=")]
    assert found == ([] if domain is None else [domain])


def test_no_cookie_is_set_when_disabled_or_for_an_anonymous_request() -> None:
    assert render(Cookie(enabled=False)) is None
    assert render(Cookie(enabled=False), anonymous=True, has_cookie=True) is None
    assert render(Cookie(), anonymous=True) is None


def test_anonymous_request_deletes_the_cookie_it_carries() -> None:
    rendered = render(Cookie(expiration=CookieLife(60)), anonymous=True, has_cookie=True)
    assert rendered is not None
    name, expires = rendered.split("; ")[:2]
    assert name == "sp="
    assert parsedate_to_datetime(expires.removeprefix("Expires=")).timestamp() < time()


@given(st.text())
def test_no_text_of_the_sender_adds_an_attribute_or_a_header(user: str) -> None:
    rendered = render(Cookie(), user=user)
    if rendered is not None:
        assert rendered.split("; ")[2:] == ["Path=/", "SameSite=None", "Secure", "HttpOnly"]
        assert rendered.isascii()
        assert rendered.isprintable()


@pytest.mark.parametrize(
    ("header", "texts"),
    [
        ("https://a.org", ["https://a.org"]),
        ("http://a.org:8080", ["http://a.org:8080"]),
        ("null", []),
        ("null https://a.org", ["https://a.org"]),
        ("https://a.org http://b.org", ["https://a.org", "http://b.org"]),
        ("https://[::1]:3000", ["https://[::1]:3000"]),
        ("chrome-extension://abc", ["chrome-extension://abc"]),
        ("https://a.org/path", []),
        ("https://user@a.org", []),
        ("https://", []),
        ("https://a.org\r\nX: y", []),
        ("", []),
    ],
)
def test_origin_header_gives_scheme_host_and_port(header: str, texts: list[str]) -> None:
    assert [origin.text.decode() for origin in origins.parse(header.encode())] == texts


def test_client_cookie_has_the_same_value_without_http_only() -> None:
    renderer = SetCookie(Cookie(client_cookie_name="spjs", expiration=CookieLife(60)))
    own, for_scripts = renderer.lines(b"u-1", None, anonymous=False, has_cookie=False).decode().splitlines()
    assert own.startswith("Set-Cookie: sp=u-1; ")
    assert own.endswith("; HttpOnly")
    assert for_scripts == own.replace(": sp=", ": spjs=").removesuffix("; HttpOnly")
