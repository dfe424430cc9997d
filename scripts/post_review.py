"""Post a review's comment on a GitLab merge request, or update the one that is there: one note per environment.

Example: python -m scripts.post_review --env dev --comment build/dev/review.md

Reads what GitLab CI sets (CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID) and GITLAB_TOKEN, a project access token
with scope api: a job's own token may not write notes. Exit code 0: posted. 1: failed, the last line says why.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

TIMEOUT_SECONDS = 20
NOTES_A_PAGE = 100
SETTINGS = ("CI_API_V4_URL", "CI_PROJECT_ID", "CI_MERGE_REQUEST_IID", "GITLAB_TOKEN")


class PostError(Exception):
    """The comment could not be posted; the message is one line with the remedy, and holds no token."""


class Notes:
    """The notes of one merge request (docs.gitlab.com/api/notes, "Merge requests")."""

    def __init__(self, api: str, project: str, merge_request: str, token: str) -> None:
        self._api = api.rstrip("/")
        self._path = f"/projects/{project}/merge_requests/{merge_request}/notes"
        self._session = requests.Session()
        self._session.headers["PRIVATE-TOKEN"] = token
        # A creation is tried once: after a lost answer, a second try would make a second note.
        retry = Retry(
            total=4, backoff_factor=0.5, status_forcelist=(429, 502, 503, 504), allowed_methods=("GET", "PUT")
        )
        self._session.mount(self._api, HTTPAdapter(max_retries=retry))

    def put(self, marker: str, body: str) -> str:
        """Create the token's own note that starts with `marker`, or give it the new body; returns what was done.

        Raises PostError.
        """
        own = self._call("GET", "/user")["id"]
        mine = [note for note in self._all() if note["author"]["id"] == own and note["body"].startswith(marker)]
        text = f"{marker}\n{body}"
        if not mine:
            self._call("POST", self._path, json={"body": text})
            return "created"
        if mine[0]["body"] == text.strip():
            return "unchanged"
        self._call("PUT", f"{self._path}/{mine[0]['id']}", json={"body": text})
        return "updated"

    def _all(self) -> list[dict[str, Any]]:
        """Return every note, the oldest first."""
        notes: list[dict[str, Any]] = []
        page = "1"
        while page:
            query = {"per_page": NOTES_A_PAGE, "page": page, "order_by": "created_at", "sort": "asc"}
            answer = self._request("GET", self._path, params=query)
            notes += answer.json()
            page = answer.headers.get("X-Next-Page", "")
        return notes

    def _call(self, method: str, path: str, **options: Any) -> Any:
        return self._request(method, path, **options).json()

    def _request(self, method: str, path: str, **options: Any) -> requests.Response:
        try:
            answer = self._session.request(method, self._api + path, timeout=TIMEOUT_SECONDS, **options)
        except requests.RequestException as error:
            raise PostError(f"GitLab does not answer {method} {path}: {type(error).__name__}") from None
        if answer.status_code in (401, 403):
            raise PostError(f"GitLab refuses {method} {path}: GITLAB_TOKEN needs scope api and the role Developer")
        if not answer.ok:
            raise PostError(f"GitLab answers {answer.status_code} to {method} {path}")
        return answer


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.post_review", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--env", required=True, help="the environment that the comment is about")
    parser.add_argument("--comment", required=True, type=Path, help="the file that scripts.review wrote")
    options = parser.parse_args(arguments)
    if missing := [name for name in SETTINGS if not os.environ.get(name)]:
        print(f"{missing[0]} is not set: run this in a merge request's pipeline", file=sys.stderr)
        return 1
    api, project, merge_request, token = (os.environ[name] for name in SETTINGS)
    try:
        body = options.comment.read_text("utf-8")
        done = Notes(api, project, merge_request, token).put(f"<!-- snowveil review of {options.env} -->", body)
    except (PostError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"note of {options.env} {done}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
