"""The few pages that a person sees while installing the app. No script, no secret."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from starlette.responses import HTMLResponse

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:16px/1.5 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem}}</style>
<h1>{title}</h1>
{body}
</html>
"""


def page(title: str, lines: Sequence[str], *, status: int = 200) -> HTMLResponse:
    """One paragraph a line; all text is escaped."""
    body = "\n".join(f"<p>{escape(line)}</p>" for line in lines)
    return HTMLResponse(PAGE.format(title=escape(title), body=body), status, HEADERS)


def choice_page(title: str, lines: Sequence[str], links: dict[str, str]) -> HTMLResponse:
    """The same, with links: words -> path."""
    items = "\n".join(
        f'<p><a href="{escape(path)}">{escape(words)}</a></p>' for words, path in links.items()
    )
    body = "\n".join(f"<p>{escape(line)}</p>" for line in lines)
    return HTMLResponse(PAGE.format(title=escape(title), body=f"{body}\n{items}"), 200, HEADERS)
