"""Under which names the site may be asked for."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")
WILDCARDS = ("0.0.0.0", "::", "")  # noqa: S104 (compared, not bound)


def is_wildcard(host: str) -> bool:
    """Does this HOST mean "every address of this machine"?"""
    return host in WILDCARDS


def default_allowed(site_url: str, host: str) -> list[str]:
    """The names used when ALLOWED_HOSTS is not set: this machine's own and the one in SITE_URL."""
    names = [*LOOPBACK, urlsplit(site_url).hostname or ""]
    names += own_names() if is_wildcard(host) else [host]
    return list(dict.fromkeys(bracketed(name) for name in names if name))


def own_names() -> list[str]:
    """This machine's name and the address other machines of its network reach it by."""
    names = [socket.gethostname().lower()]
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # a documentation address; connecting a UDP socket sends nothing
            names.append(probe.getsockname()[0])
    except OSError:
        pass
    return names


def is_own(site_url: str) -> bool:
    """Whether only this machine itself reaches the address."""
    return urlsplit(site_url).hostname in LOOPBACK


def bracketed(name: str) -> str:
    """The name as it stands in an address."""
    return f"[{name}]" if ":" in name and not name.startswith("[") else name
