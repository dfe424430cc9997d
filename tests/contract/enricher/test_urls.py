"""The page's and the referrer's URL, taken apart and never normalised."""

from copy import replace

import pytest

from tests.fixtures.enricher import GET, get, good, messages

PARTS = ("scheme", "host", "port", "path", "query", "fragment")


@pytest.mark.contract("C.7/parts", "C.7/mended")
@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://Example.ORG/A%20b?x=1#f", ("https", "Example.ORG", "443", "/A%20b", "x=1", "f")),
        ("http://e.org", ("http", "e.org", "80", "", "", "")),
        ("HTTPS://e.org/", ("HTTPS", "e.org", "80", "/", "", "")),
        ("http://e.org:8080/", ("http", "e.org", "8080", "/", "", "")),
        ("http://e.org:/", ("http", "e.org", "80", "/", "", "")),
        ("http://u:p@e.org:81/", ("http", "e.org", "81", "/", "", "")),
        ("http://[2001:db8::1]:81/", ("http", "[2001:db8::1]", "81", "/", "", "")),
        ("http://192.0.2.1/", ("http", "192.0.2.1", "80", "/", "", "")),
        ("http://localhost/", ("http", "localhost", "80", "/", "", "")),
        ("http://a_b.org:81/p", ("http", "", "80", "/p", "", "")),
        ("http://münchen.de/", ("http", "", "80", "/", "", "")),
        ("http://a-.org/", ("http", "", "80", "/", "", "")),
        ("http://a.1b/", ("http", "", "80", "/", "", "")),
        ("android-app://com.acme/x", ("android-app", "com.acme", "80", "/x", "", "")),
        ("file:///etc/x", ("file", "", "80", "/etc/x", "", "")),
        ("about:blank", ("about", "", "80", "", "", "")),
        ("mailto:a@b.org#f", ("mailto", "", "80", "", "", "f")),
        ("/only/path?q", ("", "", "80", "/only/path", "q", "")),
        ("?q#f", ("", "", "80", "", "q", "f")),
        ("http://e.org/ü?ü=[1]#ü", ("http", "e.org", "80", "/ü", "ü=[1]", "ü")),
        ("http://e.org:99999999999/", ("http", "", "80", "/", "", "")),
        ("http://[fe80::1%eth0]:81/", ("http", "[fe80::1%eth0]", "81", "/", "", "")),
        ("http://[::ffff:192.0.2.1]/", ("http", "[::ffff:192.0.2.1]", "80", "/", "", "")),
        ("http://0001.2.3.4/", ("http", "0001.2.3.4", "80", "/", "", "")),
        # each part is decoded and encoded again
        ("http://e.org/a|b{c}", ("http", "e.org", "80", "/a%7Cb%7Bc%7D", "", "")),
        ("http://e.org/a[1]?b[2]", ("http", "e.org", "80", "/a%5B1%5D", "b%5B2%5D", "")),
        ("http://e.org/a/b/${a}", ("http", "e.org", "80", "/a/b/%24%7Ba%7D", "", "")),
        ("http://e.org/ä;x:y/|", ("http", "e.org", "80", "/%C3%A4%3Bx%3Ay/%7C", "", "")),
        ("http://e.org/?a?=b=c&d=%2B+%20|", ("http", "e.org", "80", "/", "a%3F=b%3Dc&d=++%20%7C", "")),
        ("http://e.org/😀|", ("http", "e.org", "80", "/%3F%3F%7C", "", "")),
        ("http://e.org/?#|/?=", ("http", "e.org", "80", "/", "", "%7C%2F%3F%3D")),
        ("http://e.org/100%", ("http", "e.org", "80", "/100%25", "", "")),
        ("http://e.org/?q=%zz|", ("http", "e.org", "80", "/", "q=%25zz%7C", "")),
        ("http://e.org/#a#b", ("http", "e.org", "80", "/", "", "a%23b")),
    ],
)
def test_a_url_in_its_parts(url: str, parts: tuple[str, ...]) -> None:
    (event,) = good(get(url=url, refr=url))
    assert tuple(event[f"page_url{part}"] for part in PARTS) == parts
    assert tuple(event[f"refr_url{part}"] for part in PARTS) == parts


@pytest.mark.contract("C.7/parts")
def test_spaces_are_encoded_in_the_page_url_and_kept_in_the_referrer() -> None:
    (event,) = good(get(url="http://e.org/a b", refr="http://e.org/a b"))
    assert event["page_url"] == "http://e.org/a%20b"
    assert event["page_urlpath"] == "/a%20b"
    assert event["page_referrer"] == "http://e.org/a b"
    assert event["refr_urlpath"] == "/a%20b"


@pytest.mark.contract("C.7/mended")
def test_an_empty_query_is_lost_when_a_url_is_mended() -> None:
    (event,) = good(get(url="shop.test:/?#%"))
    assert event["page_url"] == "shop.test:/#%25"


@pytest.mark.contract("C.7/source")
def test_without_url_the_referer_header_is_the_page() -> None:
    (event,) = good(replace(get(), referer_uri="https://e.org/h"))
    assert (event["page_url"], event["page_urlpath"]) == ("https://e.org/h", "/h")
    (event,) = good(replace(get(url="https://e.org/p"), referer_uri="https://e.org/h"))
    assert event["page_url"] == "https://e.org/p"


@pytest.mark.contract("C.7/source")
def test_without_any_url_there_are_no_page_fields() -> None:
    (event,) = good(GET)
    assert not any(event[f"page_url{part}"] for part in ("", *PARTS))


@pytest.mark.contract("C.7/failure")
@pytest.mark.parametrize(
    "url",
    ["http://", "://x", ":", "1http://e.org", "http:", "http://e.org:9999999999/|", "http://[x]/", "http://a|b.test/",
     "http://[1:2:3:4:5:6:7:8:9]/", "http://a%zz/", "//|", "http://e.org/?=|", "a|b:c"],
)  # fmt: skip
@pytest.mark.parametrize("parameter", ["url", "refr"])
def test_what_is_no_url_fails_the_event_without_quoting_it(parameter: str, url: str) -> None:
    (found,) = messages(get(**{parameter: url}), "enrichment_failures/2-0-1")
    assert found["enrichment"] is None
    error = found["message"]["error"]
    assert error.startswith("Provided URI could not be parsed, neither by Java parsing (error: [")
    assert "e.org" not in error


@pytest.mark.contract("C.7/failure")
def test_both_urls_fail_at_once() -> None:
    assert len(messages(get(url=":", refr=":"), "enrichment_failures/2-0-1")) == 2
