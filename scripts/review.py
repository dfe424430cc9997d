"""Review a plan and the merge request around it: what is lost, seen, allowed, opened, interrupted; who must approve.

Example: python -m scripts.plan --env dev; python -m scripts.review --env dev --base main --markdown

Exit code 0: nothing stands in the way. 1: failed, the last line says why. 2: wrong arguments. 3: somebody must approve.
4: a rule of policy/review.yaml stops it. 75: another command holds the environment.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from pathlib import Path

import msgspec

from scripts.plan_review.cost import UsageError, read_usage
from scripts.plan_review.markdown import markdown
from scripts.plan_review.merge_request import GitError, read_merge_request
from scripts.plan_review.page import page
from scripts.plan_review.plan import PlanFormatError, read_plan
from scripts.plan_review.review import Review, review, widget
from scripts.plan_review.rules import RULES, RulesError, read_rules
from scripts.terraform_runner.environment import ROOT, TerraformError
from scripts.terraform_runner.saved_plan import show


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.review", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--env", help="a directory of environments/, whose saved plan is read")
    source.add_argument(
        "--plan", type=Path, help="a file with the output of `terraform show -json`; - is standard input"
    )
    parser.add_argument("--offline", action="store_true", help="read the plan that `plan --offline` saved")
    parser.add_argument("--base", help="the branch to be merged into: also review what changes beside the plan")
    parser.add_argument("--usage", type=Path, help="a month's quantities by the names in plan_review/prices.yaml")
    parser.add_argument("--repository", type=Path, default=ROOT, help=argparse.SUPPRESS)
    parser.add_argument("--rules", type=Path, default=RULES, help=argparse.SUPPRESS)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="print the comment (default)")
    form.add_argument("--json", action="store_true", help="print everything that was found")
    parser.add_argument("--widget", type=Path, help="write the three numbers of GitLab's Terraform report here")
    parser.add_argument("--html", type=Path, help="write the comment as a page here")
    parser.add_argument("--comment", type=Path, help="write the comment here, whatever is printed")
    options = parser.parse_args(arguments)
    try:
        found = _review(options)
    except (TerraformError, PlanFormatError, RulesError, GitError, UsageError, OSError) as error:
        print(error, file=sys.stderr)
        return getattr(error, "exit_code", 1)
    comment = markdown(found)
    if options.widget:
        options.widget.write_text(json.dumps(widget(found)))
    if options.html:
        options.html.write_text(page(comment))
    if options.comment:
        options.comment.write_text(comment)
    print(json.dumps(msgspec.to_builtins(found), indent=1, ensure_ascii=False) if options.json else comment, end="")
    return found.exit_code


def _review(options: argparse.Namespace) -> Review:
    if options.env:
        text = show(options.env, offline=options.offline)
    else:
        text = sys.stdin.buffer.read() if str(options.plan) == "-" else options.plan.read_bytes()
    return review(
        read_plan(text),
        read_merge_request(options.repository, options.base),
        read_rules(options.rules),
        dt.datetime.now(dt.UTC).date(),
        read_usage(options.usage) if options.usage else None,
    )


if __name__ == "__main__":
    sys.exit(main())
