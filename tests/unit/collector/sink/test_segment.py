"""The format of a segment: what was written is read, whatever a crash leaves of it."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collector.sink.segment import MAGIC, SegmentWriter, claim, frame, parse

ENTRIES = st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=6)


def written(entries: list[bytes]) -> bytes:
    return MAGIC + b"".join(map(frame, entries))


@given(ENTRIES)
def test_written_entries_are_read_back(entries: list[bytes]) -> None:
    assert parse(written(entries)) == (entries, 0, False)


@given(ENTRIES, st.data())
def test_torn_end_loses_only_what_was_not_written_whole(entries: list[bytes], data: st.DataObject) -> None:
    whole = written(entries)
    cut = data.draw(st.integers(0, len(whole)))
    contents = parse(whole[:cut])
    complete = [n for n in range(len(entries) + 1) if len(written(entries[:n])) <= cut]
    assert contents.entries == entries[: complete[-1] if complete else 0]
    assert not contents.is_broken
    assert contents.torn == cut - (len(written(contents.entries)) if complete else 0)


@given(ENTRIES, st.integers(1, 100))
def test_zeros_at_the_end_are_a_torn_end(entries: list[bytes], count: int) -> None:
    assert parse(written(entries) + bytes(count)) == (entries, count, False)


@given(ENTRIES, st.data())
def test_changed_byte_before_the_last_entry_is_reported_and_only_whole_entries_are_read(
    entries: list[bytes], data: st.DataObject
) -> None:
    whole = bytearray(written([*entries, b"the last"]))
    place = data.draw(st.integers(len(MAGIC), len(written(entries)) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    contents = parse(bytes(whole))
    assert contents.entries == entries[: len(contents.entries)]
    assert contents.torn > 0


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_an_exception(data: bytes) -> None:
    for content in (data, MAGIC + data):
        contents = parse(content)
        assert contents.torn <= len(content)


def test_segment_is_readable_by_its_owner_only_and_claimed_once(tmp_path: Path) -> None:
    path = tmp_path / "1.segment"
    writer = SegmentWriter(path)
    writer.append(frame(b"a"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert claim(path) is None
    writer.close()
    claimed = claim(path)
    assert claimed is not None
    assert claim(path) is None
    assert claimed.read().entries == [b"a"]
    claimed.remove()
    assert claim(path) is None
    assert not path.exists()


def test_failed_write_leaves_the_segment_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "1.segment"
    writer = SegmentWriter(path)
    writer.append(frame(b"a"))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fdatasync", full)
    with pytest.raises(OSError, match="No space"):
        writer.append(frame(b"b"))
    monkeypatch.undo()
    writer.append(frame(b"c"))
    assert parse(path.read_bytes()).entries == [b"a", b"c"]
