"""The product, loaded once; every order on the socket is code for a process of its own, forked from here.

`python -m notifications.tests.console SOCKET` is started by installation.py, whose `Console` is the other end. An order
is a byte that carries the new process's stdin, stdout and stderr, and a line of JSON; an answer is a line of JSON.
"""

import json
import os
import socket
import sys
import threading

import django

django.setup()

from django.urls import get_resolver  # noqa: E402

from .installation import PRELUDE  # noqa: E402


def child(code, files, control):
    """Become a process of its own, with its session and these as stdin, stdout and stderr, and run the code."""
    os.setsid()
    os.close(control.fileno())  # else whoever waits for an answer would not see that the console is gone
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    status = 1
    try:
        exec(PRELUDE + code, {"__name__": "__main__"})
        status = 0
    except SystemExit as end:
        status = exit_status(end.code)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        for thread in threading.enumerate():  # what still works may finish
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def exit_status(code):
    """As Python has it: nothing is 0, a number is itself, words are said and mean 1."""
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr)  # noqa: T201
    return 1


def fork(code, files, control):
    """Start a process; its id."""
    pid = os.fork()
    if pid == 0:
        child(code, files, control)
    for file in files:
        os.close(file)
    return pid


def main(control):
    """Until the other end is closed."""
    assert get_resolver().url_patterns  # loaded here, so that web processes have them
    with control, control.makefile("r") as orders:
        while True:
            first, files, *_more = socket.recv_fds(control, 1, 3)
            if not first:
                return
            order = json.loads(orders.readline())
            if "code" in order:
                answer = fork(order["code"], files, control)
            else:
                answer = os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1])
            control.sendall(f"{json.dumps(answer)}\n".encode())


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
