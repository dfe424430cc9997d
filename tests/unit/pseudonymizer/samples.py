"""Events and failed events for the tests of the pseudonymizer: one good page view, and canaries in every field."""

import json
from base64 import urlsafe_b64encode
from functools import partial
from pathlib import Path
from typing import Protocol

from hypothesis import strategies as st

from lambda_src.pseudonymizer.policy import policy
from lambda_src.pseudonymizer.policy.policy import Policy
from lambda_src.pseudonymizer.pseudonym import pseudonym_function
from lambda_src.pseudonymizer.transform import bound_policy
from lambda_src.pseudonymizer.transform.actions import Actions
from scripts.rehearsal.canaries import Canaries
from wire.columns import COLUMNS, INDEX

ROOT = Path(__file__).parents[3]
POLICY_FILE = ROOT / "policy/gitlab.yaml"
KEY = bytes(range(32))
CSP = "iglu:com.snowplowanalytics.snowplow"
CONTEXTS = f"{CSP}/contexts/jsonschema/1-0-1"
UNSTRUCT = f"{CSP}/unstruct_event/jsonschema/1-0-0"
STANDARD = "iglu:com.gitlab/gitlab_standard/jsonschema/1-1-1"
LINK_CLICK = f"{CSP}/link_click/jsonschema/1-0-1"

JSON_COLUMNS = ("contexts", "unstruct_event", "derived_contexts")


def make_plan(rules: Policy | None = None) -> bound_policy.Plan:
    return bound_policy.make(rules or policy.load(POLICY_FILE), [KEY])


def pseudonym(text: str, domain: str = "text") -> str:
    return pseudonym_function([KEY], domain)(text)


def make_actions() -> Actions:
    return Actions(partial(pseudonym_function, [KEY]), folded=["host"])


def wrap(schema: str, data: object) -> dict[str, object]:
    return {"schema": schema, "data": data}


def dump(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def record(**cells: str) -> bytes:
    """Return an enriched event: the given cells, the others empty."""
    event = [""] * len(COLUMNS)
    for name, text in cells.items():
        event[INDEX[name]] = text
    return "\t".join(event).encode()


def cells_of(line: str) -> dict[str, str]:
    return dict(zip((column.name for column in COLUMNS), line.split("\t"), strict=True))


PAGE_VIEW = {
    "app_id": "gitlab",
    "platform": "web",
    "etl_tstamp": "2026-01-02 03:04:05.678",
    "collector_tstamp": "2026-01-02 03:04:05.600",
    "event": "page_view",
    "event_id": "5b2c1c5e-2b3f-4f0e-9a67-0c1f9d6a7d11",
    "v_tracker": "js-3.24.2",
    "user_id": "1234567",
    "user_ipaddress": "192.0.2.7",
    "domain_sessionidx": "3",
    "page_url": "https://gitlab.com/group/project/-/issues/1?state=opened&q=x#note_1",
    "page_urlscheme": "https",
    "page_urlhost": "gitlab.com",
    "page_urlport": "443",
    "page_urlpath": "/group/project/-/issues/1",
    "page_urlquery": "state=opened&q=x",
    "page_urlfragment": "note_1",
    "event_vendor": "com.snowplowanalytics.snowplow",
    "event_name": "page_view",
    "event_format": "jsonschema",
    "event_version": "1-0-0",
    "contexts": dump(
        wrap(
            CONTEXTS,
            [wrap(STANDARD, {"environment": "production", "plan": "premium", "user_id": 1234567, "extra": {}})],
        )
    ),
}


class Draw(Protocol):
    """Draws one value from a strategy: what hypothesis' `data.draw` does."""

    def __call__[T](self, strategy: st.SearchStrategy[T], /) -> T: ...


class CanaryEvents:
    """Draws JSON values, URLs, parameters and whole events that hold a canary of `canaries` wherever text can be."""

    def __init__(self, canaries: Canaries) -> None:
        self.canaries = canaries

    def text(self, draw: Draw) -> str:
        kind = draw(st.sampled_from(["text", "bare", "uuid", "number", "ipv6"]))
        canary = str(getattr(self.canaries, kind)("text"))
        shape = draw(
            st.sampled_from(["{}", "{}", "{}", " {}", "{}\u00e9", "projects:{}:show", "js-{}", "{}.gitlab.io", "gl{}"])
        )
        return shape.format(canary)

    def url(self, draw: Draw) -> str:
        scheme = draw(
            st.sampled_from(["https://", "http://", "HTTPS://", "javascript:", "data:text/html,", "", "//", "ftp://"])
        )
        host = draw(
            st.sampled_from(
                ["gitlab.com", "u:{}@gitlab.com", "{}.gitlab.io", "{}", "gitlab.com@{}", "[::1]", "gitlab.com\\{}"]
            )
        )
        rest = draw(
            st.sampled_from(
                [
                    "/{}/a",
                    "/a%2F{}/",
                    "?q={}",
                    "?state={}&{}=1;x",
                    "#{}",
                    "/?utm_source={}#a?b",
                    ":{}/x",
                    "/;{}",
                    "?%71={}",
                    "?a=b={}",
                ]
            )
        )
        return (scheme + host + rest).replace("{}", self.text(draw))

    def value(self, draw: Draw, depth: int = 3) -> object:
        kinds = ["text", "text", "number", "null", "url", "json"] + (["object", "array", "entity"] if depth else [])
        match draw(st.sampled_from(kinds)):
            case "text":
                return self.text(draw)
            case "number":
                return draw(st.sampled_from([self.canaries.number("number"), -self.canaries.number("number")]))
            case "null":
                return None
            case "url":
                return self.url(draw)
            case "json":
                return dump({"user": self.text(draw)})
            case "array":
                return [self.value(draw, depth - 1) for _ in range(draw(st.integers(0, 3)))]
            case "entity":
                return self.entity(draw, depth - 1)
            case _:
                return {self.key(draw): self.value(draw, depth - 1) for _ in range(draw(st.integers(0, 4)))}

    def key(self, draw: Draw) -> str:
        known = [
            "environment",
            "plan",
            "user_id",
            "targetUrl",
            "elementClasses",
            "extra",
            "schema",
            "data",
            "session_cookies",
        ]
        return draw(st.sampled_from(known)) if draw(st.booleans()) else self.text(draw)

    def entity(self, draw: Draw, depth: int = 3) -> dict[str, object]:
        unknown = f"iglu:com.{self.canaries.bare('vendor')}/n{self.canaries.bare('name')}/jsonschema/1-0-0"
        known_vendor = f"iglu:com.gitlab/n{self.canaries.bare('name')}/jsonschema/1-0-0"
        schemas = [
            STANDARD,
            LINK_CLICK,
            f"{CSP}/submit_form/jsonschema/1-0-0",
            "iglu:com.gitlab/gitlab_standard/jsonschema/9-0-0",
        ]
        properties = {self.key(draw): self.value(draw, depth) for _ in range(draw(st.integers(0, 5)))} if depth else {}
        return wrap(draw(st.sampled_from([*schemas, unknown, known_vendor])), properties)

    def cell(self, draw: Draw, name: str) -> str:
        if name in ("contexts", "derived_contexts"):
            return dump(wrap(CONTEXTS, [self.entity(draw) for _ in range(draw(st.integers(1, 3)))]))
        if name == "unstruct_event":
            return dump(wrap(UNSTRUCT, self.entity(draw)))
        # An event's own identifier is shown, whatever it is.
        if name == "event_id":
            return PAGE_VIEW["event_id"]
        return self.url(draw) if draw(st.booleans()) else self.text(draw)

    def event(self, draw: Draw) -> dict[str, str]:
        names = draw(st.sets(st.sampled_from([column.name for column in COLUMNS]), min_size=5, max_size=40))
        return {name: self.cell(draw, name) for name in sorted(names)}

    def parameters(self, draw: Draw) -> dict[str, str]:
        """Return tracker parameters, the texts of a request."""
        names = st.sampled_from(
            ["e", "p", "uid", "url", "tv", "dtm", "res", "se_ca", "tr_tt", "eid2", "co", "cx", "ue_pr", "ue_px"]
        )
        chosen = sorted(draw(st.sets(names, min_size=3)))
        return {(name if name != "eid2" else self.text(draw)): self.parameter(draw, name) for name in chosen}

    def parameter(self, draw: Draw, name: str) -> str:
        if name not in ("co", "cx", "ue_pr", "ue_px") or draw(st.integers(0, 4)) == 0:
            return self.text(draw)
        text = self.cell(draw, "contexts" if name[0] == "c" else "unstruct_event")
        return urlsafe_b64encode(text.encode()).decode().rstrip("=") if name in ("cx", "ue_px") else text
