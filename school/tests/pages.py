"""Read a page in a test."""

import html
import re


def text_of(response):
    """Return the text that a person sees on the page, without tags, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def html_of(response):
    """Return the page with its tags, in one line."""
    return " ".join(response.content.decode().split())
