"""The comment: a review as GitLab's Markdown, below its size, data loss whole whatever else is cut."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from scripts.plan_review.findings import Section, counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.plan_review.cost import Cost
    from scripts.plan_review.review import Entry, Review

LONGEST = 60_000
# More than this is folded away, so that the common comment fits a screen. Data loss never is.
SHOWN_ENTRIES = 8
SHOWN_DETAILS = 6
LONGEST_POLICY = 20


def markdown(review: Review) -> str:
    """Return the comment, shorter than LONGEST bytes unless data loss alone is longer."""
    if review.is_documentation:
        return f"**{review.environment}**: `{review.commit}` changes documentation only.\n"
    if review.unchanged:
        return f"**{review.environment}**: no changes in `{review.commit}`.\n"
    parts = [[_verdict(review)], *([section] for section in _sections(review)), _table(review)]
    return _fit([part for part in parts if part], review.environment)


def _verdict(review: Review) -> str:
    risk = f"{review.risk} risk" if review.risk else "no risk found"
    numbers = [
        f"{number} to {word}"
        for number, word in (
            (review.add, "add"),
            (review.change, "change"),
            (review.replace, "replace"),
            (review.destroy, "destroy"),
            (review.forget, "forget"),
        )
        if number
    ]
    approvers = " and ".join(f"**{name}**" for name in review.approvers) or "nobody in particular"
    lines = [
        f"### {review.environment}: {', '.join(numbers) or 'no change of resources'} — {risk}",
        "",
        f"Commit `{review.commit}`. Must approve: {approvers}. {_outcome(review)}",
    ]
    if review.expired_exceptions:
        lines += ["", "Exceptions that no longer hold:", *(f"- {text}" for text in review.expired_exceptions)]
    return "\n".join(lines)


def _outcome(review: Review) -> str:
    rules = sorted({entry.rule for entry in review.entries if entry.exit_code == review.exit_code})
    named = ", ".join(f"`{rule}`" for rule in rules)
    match review.exit_code:
        case 0:
            return "The job passes."
        case 3:
            return f"The job waits for approval: {named}."
        case _:
            return f"**The job fails**: {named}. Only an exception in `policy/review.yaml` lets it pass."


def _sections(review: Review) -> Iterator[str]:
    silent = []
    for section in Section:
        entries = [entry for entry in review.entries if entry.section == section.value]
        if not entries:
            silent.append(section.value.lower())
            continue
        whole = section is Section.DATA
        yield f"#### {section.value}\n\n{_entries(entries, whole=whole)}"
        if section is Section.PRIVACY and review.policy:
            long = review.policy.count("\n") > LONGEST_POLICY
            yield _folded("What the policy changes, with sample events", review.policy) if long else review.policy
    yield f"Nothing found: {', '.join(silent)}.\n\n{_facts(review)}" if silent else _facts(review)


def _entries(entries: list[Entry], *, whole: bool) -> str:
    items = []
    for address, same in groupby(entries, key=lambda entry: entry.address):
        group = list(same)
        if len(group) == 1:
            items.append(_item(group[0], f"- {address} ", "  ", whole=whole))
        else:
            items.append("\n".join([f"- {address}", *(_item(e, "  - ", "    ", whole=whole) for e in group)]))
    if whole or len(items) <= SHOWN_ENTRIES:
        return "\n".join(items)
    rest = items[SHOWN_ENTRIES:]
    return "\n".join(items[:SHOWN_ENTRIES]) + "\n\n" + _folded(f"{len(rest)} more", "\n".join(rest))


def _item(entry: Entry, lead: str, indent: str, *, whole: bool) -> str:
    mark = f"**{entry.risk}:** " if entry.risk != "low" and not entry.accepted else ""
    text = f"{lead}{mark}{entry.text}"
    if entry.accepted:
        text += f" — **{entry.accepted}**"
    details = entry.details if whole else entry.details[:SHOWN_DETAILS]
    lines = [text, *(f"{indent}- {line}" for line in details)]
    if len(details) < len(entry.details):
        lines.append(f"{indent}- and {len(entry.details) - len(details)} more: read the plan, or `--json`")
    return "\n".join(lines)


def _facts(review: Review) -> str:
    lines = [_cost(review.cost)]
    if review.unknowns:
        text = f"**Unknown**: {counted(review.unknowns, 'value')} known only after apply"
        if review.unknown_policies:
            text += f", among them {counted(review.unknown_policies, 'new policy document')}: review the code"
        lines.append(f"{text}.")
    return "\n\n".join(lines)


def _cost(cost: Cost) -> str:
    difference = cost.after - cost.before
    text = f"**Cost** of the fixed-price parts: {_money(cost.before)} → {_money(cost.after)} a month"
    text = f"{text} ({'+' if difference > 0 else '-'}{_money(abs(difference))})"
    if not difference:
        text = f"**Cost** of the fixed-price parts stays {_money(cost.after)} a month"
    text += f", at prices of {cost.region}{', which is another region' if cost.other_region else ''}"
    if cost.unpriced:
        text += f"; no price of: {', '.join(cost.unpriced)}"
    use = "What is paid by use is not estimated: no usage file was given"
    if cost.usage is not None:
        use = f"By use, at the quantities given: {_money(cost.usage)}"
    lines = "\n".join(_prices(cost))
    return f"{text}. {use}.\n\n{_folded('Prices and their sources', lines)}" if lines else f"{text}. {use}."


def _prices(cost: Cost) -> Iterator[str]:
    """Yield a line for each part that costs something: what changes first."""
    for name, item in sorted(cost.items.items(), key=lambda pair: (pair[1].before == pair[1].after, pair[0])):
        amount = _money(item.after) if item.before == item.after else f"{_money(item.before)} → {_money(item.after)}"
        checked = f"checked against {item.checked}" if item.checked else f"**unchecked**, see {item.source}"
        if item.before or item.after:
            yield f"- {name.replace('_', ' ')} {amount}: {checked}"


def _money(amount: float) -> str:
    return f"${amount:,.2f}"


def _table(review: Review) -> list[str]:
    if not review.table:
        return []
    rows = ["| | resource | what differs |", "|---|---|---|"]
    rows += [
        f"| {row.action} | {row.address} | {', '.join(filter(None, [*row.attributes, row.note]))} |"
        for row in review.table
    ]
    return [_folded(f"Table of {counted(len(review.table), 'change')}", "\n".join(rows))]


def _folded(title: str, text: str) -> str:
    # GitLab renders Markdown inside only after an empty line.
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def _fit(parts: list[list[str]], environment: str) -> str:
    """Join the parts; where they are too long, cut the later and less grave ones, line by line, and say so."""
    blocks = [part[0] for part in parts]
    kept = [block for block in blocks if _never_cut(block)]
    room = LONGEST - sum(_size(block) for block in kept) - 500
    out = []
    for block in blocks:
        if _never_cut(block):
            out.append(block)
            continue
        text = block if _size(block) <= room else _cut(block, max(room, 0), environment)
        room -= _size(text)
        out.append(text)
    return "\n\n".join(out) + "\n"


def _never_cut(block: str) -> bool:
    return block.startswith(("### ", f"#### {Section.DATA.value}\n"))


def _cut(block: str, room: int, environment: str) -> str:
    lines = block.split("\n")
    title = lines[0].removeprefix("#### ").removeprefix("<details><summary>").removesuffix("</summary>")
    note = f"lines of “{title}” are left out for length: run `make review ENV={environment}`"
    kept: list[str] = []
    used = _size(note) + 40
    for line in lines:
        if used + _size(line) + 1 > room:
            break
        used += _size(line) + 1
        kept.append(line)
    # A fold that was cut open is closed again.
    opened = sum(line.startswith("<details>") for line in kept) - sum(line == "</details>" for line in kept)
    closing = ["", "</details>"] * opened
    left = len(lines) - len(kept)
    return "\n".join([*kept, *closing, "", f"*{left} {note}*"])


def _size(text: str) -> int:
    return len(text.encode())
