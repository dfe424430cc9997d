"""Requests recorded from real trackers of other languages, identifiers replaced by canaries."""

from scripts.rehearsal.canaries import Canaries
from scripts.rehearsal.ledger import Ledger
from scripts.rehearsal.traffic import recordings
from scripts.rehearsal.traffic.http import request


def send(host: str, port: int, canaries: Canaries, ledger: Ledger) -> None:
    """Send every recorded request once; each event in them is a good one."""
    for tracker in recordings.NAMES:
        for recorded in recordings.load(tracker, canaries):
            headers = {"Host": "collector.example", **dict(recorded.headers)}
            status = request(host, port, recorded.method, recorded.target, headers, recorded.body)
            ledger.answers[status] += 1
            if recorded.events:
                ledger.add(f"{tracker} tracker, recorded", "output", recorded.events)
