"""The comment as an HTML page, to be looked at where there is no GitLab."""

from __future__ import annotations

from markdown_it import MarkdownIt

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 1.5rem auto; padding: 0 1rem; color: #28272d }
h3 { font-size: 1.25rem; margin: 0 0 .5rem } h4 { font-size: 1.05rem; margin: 1.1rem 0 .3rem }
code { background: #ececef; border-radius: 3px; padding: .1em .3em; font-size: 87%; overflow-wrap: anywhere }
ul { margin: .2rem 0; padding-left: 1.3rem } li { margin: .15rem 0 } details { margin: .6rem 0 }
table { border-collapse: collapse } td, th { border: 1px solid #dcdcde; padding: .2rem .5rem; text-align: left }
"""


def page(comment: str) -> str:
    """Return a whole page. HTML in `comment` is the comment's own: values stand in code spans only."""
    body = MarkdownIt("commonmark").enable("table").render(comment)
    return f'<!doctype html>\n<meta charset="utf-8">\n<title>Review</title>\n<style>{STYLE}</style>\n{body}'
