"""The product, loaded once; each line on stdin is code for a process of its own, forked from here."""

import json
import os
import sys
import threading

import django

django.setup()

from django.conf import settings  # noqa: E402

import learningwalks.urls  # noqa: E402, F401 (so that web processes have it)
from notifications.tests.installation import PRELUDE  # noqa: E402


def child(order):
    """Become a process of its own, with its own session and output, and run the code."""
    os.setsid()
    file = os.open(order["out"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in (1, 2) if not order["wait"] else (1,):
        os.dup2(file, number)
    code = 1
    try:
        exec(PRELUDE + order["code"], {"__name__": "__main__"})
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        for thread in threading.enumerate():  # as Python does when it ends by itself
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join()
        sys.stdout.flush()
        os._exit(code)


def main():
    """Until stdin ends."""
    assert settings.configured
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            child(order)
        code = os.waitpid(pid, 0)[1] if order["wait"] else 0
        sys.stdout.write(json.dumps([pid, code]) + "\n")
        sys.stdout.flush()
        while not order["wait"] and any_zombie():
            continue


def any_zombie():
    """Take leave of one child that has ended."""
    try:
        return os.waitpid(-1, os.WNOHANG)[0]
    except ChildProcessError:
        return 0


if __name__ == "__main__":
    main()
