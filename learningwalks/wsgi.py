"""The WSGI entry point that gunicorn serves."""

import codecs
import os
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

from operations.web.connections import UNREADABLE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "learningwalks.settings")
CHARSETS = ("utf-8", "ascii", "iso8859-1")
django_application = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Check the Content-Type, then call Django. Django fails on a malformed one before any of our middleware runs."""
    environ[UNREADABLE] = not _is_readable(environ.get("CONTENT_TYPE", ""))
    if environ[UNREADABLE]:
        environ["CONTENT_TYPE"] = ""
    return django_application(environ, start_response)


def _is_readable(content_type: str) -> bool:
    """Return whether the header can be parsed and its charset is one that our pages send.

    Python's codecs include some that are no charsets, such as rot13.
    """
    try:
        charset = parse_header_parameters(content_type)[1].get("charset")
        return charset is None or codecs.lookup(charset).name in CHARSETS
    except (ValueError, LookupError):
        return False


def _lock_data() -> object:
    """Hold a lock until this process ends, so that no restore runs at the same time."""
    from django.conf import settings

    from operations.installation import lock_for_serving

    return lock_for_serving(settings.DATA_DIR)


_lock = _lock_data()
