"""The host names under which the site accepts requests."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")
WILDCARDS = ("0.0.0.0", "::", "")  # noqa: S104 (compared, not bound)


def is_wildcard(host: str) -> bool:
    """Return whether this HOST means "every address of this machine"."""
    return host in WILDCARDS


def default_allowed(site_url: str, host: str) -> list[str]:
    """Return the default of ALLOWED_HOSTS: this machine's own names and the host in SITE_URL."""
    names = [*LOOPBACK, urlsplit(site_url).hostname or ""]
    names += own_names() if is_wildcard(host) else [host]
    return list(dict.fromkeys(bracketed(name) for name in names if name))


def own_names() -> list[str]:
    """Return this machine's host name, and its address in the local network."""
    names = [socket.gethostname().lower()]
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # a documentation address; connecting a UDP socket sends nothing
            names.append(probe.getsockname()[0])
    except OSError:
        pass
    return names


def is_loopback(site_url: str) -> bool:
    """Return whether the address leads to the machine itself, so that no other machine can use it."""
    return urlsplit(site_url).hostname in LOOPBACK


def bracketed(name: str) -> str:
    """Put IPv6 addresses in brackets, as in a URL."""
    return f"[{name}]" if ":" in name and not name.startswith("[") else name
