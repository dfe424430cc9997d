"""Real trackers send to the real collector, a browser from a page of another site: all events arrive whole."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest
from snowplow_tracker import Emitter, PagePing, PageView, SelfDescribing, SelfDescribingJson, StructuredEvent, Tracker

from tests.fixtures import enricher
from wire.collector_payload import CollectorPayload

HERE = Path(__file__).resolve().parents[2] / "browser"
TRACKER = HERE / "node_modules/@snowplow/browser-tracker/dist/index.umd.min.js"
ZERO = "00000000-0000-0000-0000-000000000000"
TP2 = "/com.snowplowanalytics.snowplow/tp2"
LINK_CLICK = "iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1"

type Collector = Any
type Cells = dict[str, str]
type Received = list[tuple[CollectorPayload, Cells]]

needs_packages = pytest.mark.skipif(not TRACKER.is_file(), reason="the trackers are not there: make browser-test")
needs_chromium = pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium here: make browser-test")


class Page(SimpleHTTPRequestHandler):
    """Serves the page and the tracker."""

    def translate_path(self, path: str) -> str:
        return str(TRACKER if path == "/tracker.js" else HERE / "page.html")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it
        """Keep the test's output clean."""


@contextmanager
def page_server() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = Thread(target=partial(server.serve_forever, 0.05))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@contextmanager
def chromium(url: str, profile: Path) -> Iterator[None]:
    command = [
        "chromium", "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", f"--user-data-dir={profile}", url,
    ]  # fmt: skip
    if os.geteuid() == 0:
        command.insert(1, "--no-sandbox")  # it refuses to run as root otherwise
    # A debugging port keeps it open; nobody connects to it.
    command.insert(1, "--remote-debugging-port=0")
    log = (profile.parent / "chromium.log").open("wb")
    with log, subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True) as process:
        try:
            yield
        finally:
            os.killpg(process.pid, 15)


def received(collector: Collector, events: int) -> Received:
    """Wait for so many events and return each with the payload it came in."""
    found: Received = []
    while len(found) < events:
        collector.kinesis.wait_for(collector.seen + 1, "good", timeout=120)
        for payload in collector.payloads_so_far():
            found += [(payload, cells) for cells in enricher.good(payload)]
    assert len(found) == events
    return found


def of(found: Received, app_id: str) -> Received:
    return [(payload, cells) for payload, cells in found if cells["app_id"] == app_id]


@pytest.mark.contract("A.1/trackers")
@needs_packages
@needs_chromium
def test_browser_keeps_its_cookie_on_pages_of_two_sites(
    start_collector: Callable[..., Collector], tmp_path: Path
) -> None:
    collector = start_collector(paths={"/com.acme/track": TP2})
    with page_server() as port:
        # Another port is another origin of the same site; another host is another site, whose cookies are withheld.
        hosts = {"same-": f"http://127.0.0.1:{port}", "other-": f"http://localhost:{port}"}
        page = "{}/?prefix={}&collector=" + f"http://127.0.0.1:{collector.port}"
        other = page.format(hosts["other-"], "other-") + "#fragment"
        same = page.format(hosts["same-"], "same-") + f"&next={quote(other, safe='')}#fragment"
        urls = {"same-": same, "other-": other}
        with chromium(same, tmp_path / "profile"):
            found = received(collector, 30)
    for prefix, host in hosts.items():
        for way in ("post", "get", "custom", "stranger", "anonymous"):
            check_events(of(found, prefix + way), urls[prefix], host, prefix + way)
        assert {payload.path for payload, _ in of(found, f"{prefix}get")} == {"/i"}
        for payload, _ in of(found, f"{prefix}anonymous"):
            assert (payload.network_user_id, payload.ip_address) == (ZERO, "unknown")
            assert not [line for line in payload.headers if line.startswith("Cookie")]
    assert {payload.path for payload, _ in found if payload.body is not None} == {TP2}
    # The cookie that the first answers set came back, by GET and by POST.
    (user,) = {payload.network_user_id for way in ("get", "custom") for payload, _ in of(found, f"same-{way}")}
    assert user in {payload.network_user_id for payload, _ in of(found, "same-post")}
    assert user not in {payload.network_user_id for payload, _ in of(found, "same-stranger")}


def check_events(events: Received, url: str, origin: str, way: str) -> None:
    """Look for all that one way of sending has sent."""
    by_name = {cells["event_name"]: cells for _, cells in events}
    assert (len(events), set(by_name)) == (3, {"event", "link_click", "page_view"})
    for payload, cells in events:
        assert cells["page_url"] == url
        assert "Chrome" in (payload.user_agent or "")
        assert f"Origin: {origin}" in payload.headers
        assert '"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0"' in cells["contexts"]
    assert by_name["page_view"]["page_title"] == "Tracker test page"
    struct = by_name["event"]
    assert (struct["se_action"], struct["se_label"], struct["se_property"]) == (way, "ü ✓ &=%", "#fragment")
    assert (struct["se_category"], float(struct["se_value"])) == ("test", 1.5)
    assert json.loads(by_name["link_click"]["unstruct_event"])["data"] == {
        "schema": LINK_CLICK,
        "data": {"targetUrl": "https://example.org/?a=b&c=d"},
    }


@pytest.mark.contract("A.1/trackers")
@needs_packages
def test_events_of_the_node_tracker_arrive(start_collector: Callable[..., Collector]) -> None:
    collector = start_collector()
    command = ["node", str(HERE / "node_tracker.cjs"), f"http://127.0.0.1:{collector.port}"]
    subprocess.run(command, check=True, timeout=240, cwd=HERE)
    found = received(collector, 8)
    for app_id in ("node-post", "node-get"):
        events = [cells for _, cells in of(found, app_id)]
        assert sorted(cells["event_name"] for cells in events) == ["event", "link_click", "page_ping", "page_view"]
        assert {cells["page_title"] for cells in events if cells["event"].startswith("page")} == {"ü ✓ &=%"}


@pytest.mark.contract("A.1/trackers")
@pytest.mark.parametrize("method", ["post", "get"])
def test_events_of_the_python_tracker_arrive(start_collector: Callable[..., Collector], method: Any) -> None:
    collector = start_collector()
    emitter = Emitter("127.0.0.1", protocol="http", port=collector.port, method=method, batch_size=4)
    tracker = Tracker(namespace="t", emitters=emitter, app_id="python", encode_base64=method == "get")
    tracker.track(PageView(page_url="https://example.org/", page_title="ü ✓ &=%"))
    tracker.track(PagePing(page_url="https://example.org/", page_title="ü ✓ &=%"))
    tracker.track(StructuredEvent(category="test", action=method, value=1.5))
    tracker.track(SelfDescribing(event_json=SelfDescribingJson(LINK_CLICK, {"targetUrl": "https://example.org/"})))
    tracker.flush()
    found = received(collector, 4)
    assert sorted(cells["event_name"] for _, cells in found) == ["event", "link_click", "page_ping", "page_view"]
