"""How many connections a web process may hold, given its limit of open files."""

from __future__ import annotations

import resource

MAX_CONNECTIONS = 400  # of one process
FILES_PER_CONNECTION = 3  # the socket, the request's body, the response
OTHER_FILES = 200  # database, libraries, logs
WANTED_FILES = OTHER_FILES + FILES_PER_CONNECTION * MAX_CONNECTIONS


def affordable_connections() -> int:
    """Raise this process's limit of open files as far as needed and allowed. Return how many connections fit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < WANTED_FILES:
        soft = WANTED_FILES if hard == resource.RLIM_INFINITY else min(WANTED_FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(min((soft - OTHER_FILES) // FILES_PER_CONNECTION, MAX_CONNECTIONS), 10)
