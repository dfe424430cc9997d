"""Events of Snowplow's own Python tracker, every identifying field a canary."""

import logging

from snowplow_tracker import (
    Emitter,
    PagePing,
    PageView,
    SelfDescribing,
    SelfDescribingJson,
    StructuredEvent,
    Subject,
    Tracker,
)

from scripts.rehearsal.canaries import Canaries
from scripts.rehearsal.ledger import Ledger

GITLAB_STANDARD = "iglu:com.gitlab/gitlab_standard/jsonschema/1-1-0"
LINK_CLICK = "iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1"
NAMESPACE = "gitlab"  # recordings have another, so tests recognise these visits by it
EVENTS_A_ROUND = 4


class TrackerError(Exception):
    """The tracker could not deliver its events to the collector."""


def send(host: str, port: int, canaries: Canaries, ledger: Ledger, rounds: int) -> None:
    """Send `rounds` visits of four events each, half of them by POST and half by GET. Raises TrackerError."""
    logging.getLogger("snowplow_tracker.emitters").setLevel(logging.ERROR)  # it logs each request at INFO
    for method in ("post", "get"):
        emitter = Emitter(host, protocol="http", port=port, method=method, batch_size=10, on_failure=_refused)
        for _ in range(rounds // 2):
            _visit(emitter, canaries)
            ledger.add("Python tracker", "output", EVENTS_A_ROUND)
        emitter.flush()


def gitlab_standard(canaries: Canaries, user_id: int) -> SelfDescribingJson:
    """Return the context that GitLab adds to every event."""
    return SelfDescribingJson(
        GITLAB_STANDARD,
        {
            "environment": "production",
            "source": "gitlab-rails",
            "plan": "premium",
            "google_analytics_id": canaries.text("gitlab_standard.google_analytics_id"),
            "user_id": user_id,
            "namespace_id": canaries.number("gitlab_standard.namespace_id"),
            "project_id": canaries.number("gitlab_standard.project_id"),
            "extra": {
                "label": canaries.text("gitlab_standard.extra.label"),
                canaries.text("gitlab_standard.extra key"): [{"deep": [canaries.bare("gitlab_standard.extra.deep")]}],
            },
        },
    )


def _visit(emitter: Emitter, canaries: Canaries) -> None:
    user_id = canaries.number("uid")
    subject = Subject()
    subject.set_platform("web").set_user_id(str(user_id)).set_lang("en")
    subject.set_domain_user_id(canaries.uuid("duid")).set_domain_session_id(canaries.uuid("sid"))
    subject.set_domain_session_index(3).set_network_user_id(canaries.uuid("tnuid"))
    subject.set_ip_address(canaries.ipv6("ip")).set_useragent(f"Mozilla/5.0 {canaries.text('ua')}")
    subject.set_screen_resolution(1920, 1080).set_viewport(1280, 800).set_timezone("Europe/Amsterdam")
    tracker = Tracker(NAMESPACE, emitter, subject=subject, app_id="gitlab")
    page = (
        f"https://gitlab.com/{canaries.bare('url path')}/-/issues?assignee={canaries.text('url query')}"
        f"#{canaries.bare('url fragment')}"
    )
    referrer = f"https://user:{canaries.bare('refr userinfo')}@intranet.example/{canaries.bare('refr path')}"
    context = [gitlab_standard(canaries, user_id)]
    tracker.track(PageView(page, canaries.text("page"), referrer, context=context))
    tracker.track(PagePing(page, canaries.text("page"), referrer, 0, 10, 0, 2000, context=context))
    label, property_ = canaries.text("se_la"), canaries.text("se_pr")
    tracker.track(StructuredEvent("projects:issues:index", "click_button", label, property_, 7, context=context))
    click = {
        "targetUrl": f"https://gitlab.com/{canaries.bare('link_click.targetUrl')}",
        "elementId": canaries.bare("link_click.elementId"),
        "elementClasses": [canaries.bare("link_click.elementClasses")],
        "elementContent": canaries.text("link_click.elementContent"),
    }
    tracker.track(SelfDescribing(SelfDescribingJson(LINK_CLICK, click), context=context))


def _refused(_sent: int, unsent: list[dict[str, object]]) -> None:
    raise TrackerError(f"the collector did not take {len(unsent)} events of the Python tracker")
