"""The pages of an installation, and the headers that say who may read an answer."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers
from starlette.responses import Response

from console.app.cors import allow_origin, preflight
from console.app.pages import choice_page, page

WHOLE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Done</title>
<meta name="viewport" content="width=device-width">
<style>body{font:16px/1.5 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem}</style>
<h1>Done</h1>
<p>One.</p>
<p>Two.</p>
</html>
"""


def text_of(answer: Response) -> str:
    return bytes(answer.body).decode()


def test_a_page_is_its_title_and_a_paragraph_a_line() -> None:
    """Nothing else: no script, no picture, no address."""
    assert text_of(page("Done", ["One.", "Two."])) == WHOLE


@pytest.mark.parametrize("status", [200, 400, 502, 503])
def test_a_page_has_the_status_of_what_happened(status: int) -> None:
    """A monitor sees what the person reads."""
    assert page("Done", [], status=status).status_code == status


def test_no_page_is_kept_framed_or_told_to_others() -> None:
    """The address that led here holds a code: it must not leak as a referrer."""
    for answer in (page("Done", []), choice_page("Choose", [], {})):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "script" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("Ann & Bob's", "Ann &amp; Bob&#x27;s"),
        ("{title}", "{title}"),
        ("Zoë 日本", "Zoë 日本"),
    ],
)
def test_whatever_text_comes_is_shown_as_text(given: str, shown: str) -> None:
    """In the title and in the lines; braces are no places to fill."""
    told = text_of(page(given, [given]))

    assert f"<h1>{shown}</h1>" in told
    assert f"<p>{shown}</p>" in told


def test_a_choice_shows_its_links_below_the_lines_in_their_order() -> None:
    """Words and path are escaped too."""
    links = {"Live": "/install?mode=live&x=1", 'Te"st': "/install?mode=test"}

    told = text_of(choice_page("Choose", ["First."], links))

    body = told.partition("<h1>Choose</h1>\n")[2]
    assert body == (
        "<p>First.</p>\n"
        '<p><a href="/install?mode=live&amp;x=1">Live</a></p>\n'
        '<p><a href="/install?mode=test">Te&quot;st</a></p>\n'
        "</html>\n"
    )


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://dashboard.stripe.com", "https://dashboard.stripe.com"),
        ("null", "null"),
        ("", None),
        (None, None),
        ("https://dashboard.stripe.com.evil.example", None),
        ("http://dashboard.stripe.com", None),
        ("https://evil.example", None),
        ("*", None),
    ],
)
def test_only_the_dashboard_and_its_sandbox_may_read(
    origin: str | None, allowed: str | None
) -> None:
    """By the whole origin; a cache must keep the answers to each apart."""
    asked = Headers({} if origin is None else {"Origin": origin})

    answers = [allow_origin(Response(), asked), preflight(asked)]

    assert [one.headers.get("access-control-allow-origin") for one in answers] == [allowed] * 2
    assert [one.headers["vary"] for one in answers] == ["Origin"] * 2
    assert not any("access-control-allow-credentials" in one.headers for one in answers)


def test_a_preflight_says_what_may_be_sent_and_for_how_long_that_holds() -> None:
    """It has no body, and only reading is allowed."""
    answer = preflight(Headers({"Origin": "null"}))

    assert (answer.status_code, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-methods"] == "GET, OPTIONS"
    assert "Stripe-Signature" in answer.headers["access-control-allow-headers"]
    assert answer.headers["access-control-max-age"] == "600"
