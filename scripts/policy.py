"""Check, explain, preview and compare privacy policies. Needs no AWS account: previews use a key that is thrown away.

Examples:
  python -m scripts.policy check
  python -m scripts.policy explain user_id
  python -m scripts.policy explain page_url query.state
  python -m scripts.policy explain iglu:com.gitlab/gitlab_standard/jsonschema/1-1-0 user_id
  python -m scripts.policy preview events.tsv --html preview.html
  python -m scripts.policy diff main:policy/gitlab.yaml policy/gitlab.yaml --events events.tsv
  python -m scripts.policy document --check
  python -m scripts.policy vocabulary --gitlab ../gitlab --ai-gateway ../ai-gateway --dry-run
  aws logs tail /aws/lambda/snowplow-pseudonymizer-output --since 7d | python -m scripts.policy unknown -

Exit code 0: sound, or a diff that makes nothing visible. 1: something is wrong; it is printed with file and line.
2: the command line is wrong. 3: the diff makes something visible.

"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from scripts.policy_review import diff as comparison
from scripts.policy_review import (
    diff_output,
    document,
    generated,
    gitlab_checkout,
    identifying,
    preview_output,
    samples,
)
from scripts.policy_review.check import expiring, problems
from scripts.policy_review.explain import Explainer, UnknownAttributeError
from scripts.policy_review.preview import previews, throw_away_key
from scripts.policy_review.unknown import drift, to_text

DEFAULT = "policy/gitlab.yaml"
VOCABULARY = "policy/gitlab-vocabulary.json"
_WIDTH_WITHOUT_A_TERMINAL = 160


def check(arguments: argparse.Namespace) -> int:
    """Print every problem of the policy."""
    read = document.read(arguments.policy)
    found = problems(read, identifying.load())
    print(*found, sep="\n", end="\n" if found else "")
    for warning in [] if found else expiring(read, datetime.now(UTC).date()):
        print(f"{warning} (a warning)", file=sys.stderr)
    return 1 if found else 0


def explain(arguments: argparse.Namespace) -> int:
    """Print what happens to one attribute."""
    read = document.read(arguments.policy)
    explainer = Explainer(read, document.load(read), identifying.load())
    if arguments.attribute.startswith("iglu:"):
        print(explainer.schema(arguments.attribute, arguments.path, arguments.part))
    else:
        print(explainer.column(arguments.attribute, arguments.path))
    return 0


def preview(arguments: argparse.Namespace) -> int:
    """Print or write events before and after."""
    loaded = document.load(document.read(arguments.policy))
    shown = previews(_read(arguments.events), loaded, throw_away_key())
    if arguments.json:
        for each in shown:
            print(preview_output.to_json(each))
    elif arguments.html:
        arguments.html.write_text(preview_output.to_page(shown, arguments.policy), "utf-8")
    else:
        preview_output.to_terminal(
            shown, Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH_WITHOUT_A_TERMINAL)
        )
    return 0


def diff(arguments: argparse.Namespace) -> int:
    """Print what a change of the policy does."""
    old, new = (
        comparison.Side(read, document.load(read)) for read in map(document.read, (arguments.old, arguments.new))
    )
    found = comparison.changes(old, new, identifying.load())
    differing = samples.differing(_read(arguments.events), old.policy, new.policy) if arguments.events else []
    if differing and not found:
        print(
            "diff: the events differ though no rule does: this is a defect of the tool, do not rely on it",
            file=sys.stderr,
        )
        return 1
    if arguments.json:
        print(diff_output.to_json(found, differing))
    else:
        lines = (diff_output.to_markdown if arguments.markdown else diff_output.to_text)(found, differing)
        print(*lines, sep="\n")
    return 3 if any(change.kind is comparison.Kind.VISIBLE for change in found) else 0


def document_(arguments: argparse.Namespace) -> int:
    """Write what the documents say of the policy, or say which of them are out of date."""
    read = document.read(arguments.policy)
    outdated = [
        (file, text)
        for file, text in generated.documents(read, document.load(read))
        if not file.exists() or file.read_text("utf-8") != text
    ]
    for file, text in outdated:
        print(file.relative_to(document.ROOT))
        if not arguments.check:
            file.write_text(text, "utf-8")
    return 1 if outdated and arguments.check else 0


def vocabulary(arguments: argparse.Namespace) -> int:
    """Bring GitLab's vocabulary up to date with checkouts; prints what changes by list."""
    file = Path(arguments.file)
    document_before = json.loads(file.read_text("utf-8"))
    found: dict[str, set[str]] = {}
    read = ((arguments.gitlab, gitlab_checkout.gitlab), (arguments.ai_gateway, gitlab_checkout.ai_gateway))
    for checkout, lists_of in read:
        for name, names in lists_of(checkout).items() if checkout else ():
            found[name] = found.get(name, set()) | names
    made = gitlab_checkout.update(document_before["lists"], found, prune=arguments.prune)
    for name, added in made.added.items():
        gone = made.gone[name]
        print(f"{name}: {len(made.lists[name])} names, {len(added)} new, {len(gone)} that GitLab no longer has")
        for line in (*(f"  + {each}" for each in added), *(f"  - {each}" for each in gone if arguments.prune)):
            print(line)
    for name, refused in made.refused:
        print(f"{name}: refused, no name of an event or thing: {refused!r}", file=sys.stderr)
    if not arguments.dry_run:
        sources = [each for each in (arguments.gitlab, arguments.ai_gateway) if each]
        commits = [f"{each.name} {gitlab_checkout.commit(each)}" for each in sources]
        content = {**document_before, "sources": commits, "lists": made.lists}
        file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 1 if made.refused else 0


def unknown(arguments: argparse.Namespace) -> int:
    """Print what the functions' logs say that the policy does not name."""
    found = drift(_read(arguments.logs).decode(errors="replace").splitlines())
    if not found.lines:
        print(
            f"policy: {arguments.logs}: no line of the functions' metrics: give what the log group says",
            file=sys.stderr,
        )
        return 1
    if arguments.json:
        print(json.dumps({"invocations": found.lines, "seen": found.seen, "others": found.unnamed}))
    else:
        print(*to_text(found), sep="\n")
    return 0


def _read(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.policy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True)
    for command, what in (
        (check, "find everything that is wrong with a policy"),
        (explain, "say what happens to a column, or to a property of a schema"),
        (preview, "show events before and after"),
        (diff, "say what a change makes visible and what it hides"),
        (document_, "write the parts of the documents that are made from the policy"),
        (vocabulary, "bring GitLab's names up to date from checkouts of its sources; names are only added"),
        (unknown, "sum up what the functions saw and the policy does not name"),
    ):
        one = commands.add_parser(command.__name__.rstrip("_"), help=what, description=what)
        one.set_defaults(command=command)
        if command in (check, explain, preview, document_):
            one.add_argument("--policy", default=DEFAULT, help=f"a file, or a revision as git writes it ({DEFAULT})")
        if command is explain:
            one.add_argument("attribute", help="a column, or a schema such as iglu:vendor/name/jsonschema/1-0-0")
            one.add_argument(
                "path", nargs="?", help="of a schema, the property's path; of a column, the part of its URL"
            )
            one.add_argument(
                "part", nargs="?", help="part of a property's URL, or name of the header or parameter in it"
            )
        if command is preview:
            one.add_argument("events", help="enriched events as TSV or failed events as JSON, one a line; - for stdin")
        if command is diff:
            one.add_argument("old", help="a file, or a revision as git writes it: main:policy/gitlab.yaml")
            one.add_argument("new", help="the same")
            one.add_argument("--events", metavar="FILE", help="take sample values from these; - for stdin")
        if command is document_:
            one.add_argument("--check", action="store_true", help="write nothing; 1 when a document is out of date")
        if command is vocabulary:
            one.add_argument(
                "--gitlab", type=Path, metavar="DIR", required=True, help="a checkout of gitlab-org/gitlab"
            )
            one.add_argument("--ai-gateway", type=Path, metavar="DIR", help="a checkout of the AI Gateway")
            one.add_argument("--file", default=VOCABULARY, help=f"the lists to update ({VOCABULARY})")
            one.add_argument("--prune", action="store_true", help="also drop what GitLab no longer has")
            one.add_argument("--dry-run", action="store_true", help="write nothing")
        if command is unknown:
            one.add_argument("logs", help="lines of the functions' log groups; - for stdin")
            one.add_argument("--json", action="store_true", help="print for machines")
        if command in (preview, diff):
            form = one.add_mutually_exclusive_group()
            form.add_argument("--json", action="store_true", help="print for machines")
            if command is preview:
                form.add_argument(
                    "--html", type=Path, metavar="FILE", help="write a page that holds everything it needs"
                )
            else:
                form.add_argument("--markdown", action="store_true", help="print for a merge request")
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.command(chosen))
    except document.UnusableError as problem:
        print(problem, file=sys.stderr)
    except (UnknownAttributeError, gitlab_checkout.CheckoutError, OSError) as problem:
        print(f"policy: {problem}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
