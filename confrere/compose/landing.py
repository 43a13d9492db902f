"""Where the link of a notice leads while there is no web client: a page that says where the exchange can be read.

The thread stands in the link's fragment, which no browser sends; the page puts its beginning into the command that
shows it. It asks for nothing, loads nothing, and knows neither who reads it nor what waits.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from html import escape
from typing import Final

from aiohttp import web

from confrere.words.catalogue import FALLBACK, LANGUAGES, Language, words

_SCRIPT: Final = (
    'const at = /^#\\/fil\\/([0-9a-f]{8})[0-9a-f]{24}$/.exec(location.hash);'
    'if (at) document.querySelector("code").textContent = "confrere show " + at[1];'
)
_STYLE: Final = (
    ":root{color-scheme:light dark}body{margin:0;padding:1.5em;font:1.1em/1.6 sans-serif}"
    "main{max-width:34em;margin:10vh auto 0}h1{font-size:1.5em;line-height:1.3}"
    "code{display:inline-block;padding:.4em .8em;border:1px solid;border-radius:.3em}footer{opacity:.75;font-size:.9em}"
)


def _source(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; script-src {_source(_SCRIPT)}; style-src {_source(_STYLE)}; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}


@cache
def page(language: Language) -> str:
    say = words(language).say
    title, mail, device, nothing = (
        escape(say(f"landing-{name}")) for name in ("title", "in-mail", "on-device", "nothing-here")
    )
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title} · Confrère</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>{title}</h1><p>{mail}</p><p>{device}</p>"
        f"<p><code>confrere inbox</code></p><footer><p>{nothing}</p></footer></main>"
        f"<script>{_SCRIPT}</script></body></html>"
    )


async def landing(request: web.Request) -> web.StreamResponse:
    """`GET /`, in the language that the browser prefers."""
    language = _preferred(request.headers.get("Accept-Language", ""))
    return web.Response(text=page(language), content_type="text/html", headers=HEADERS)


def _preferred(accepted: str) -> Language:
    for wanted in accepted.lower().split(",")[:10]:
        for language in LANGUAGES:
            if wanted.strip()[:2] == language:
                return language
    return FALLBACK
