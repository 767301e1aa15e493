"""Start processes of an installation quickly: each is forked from one that has already loaded everything.

`python -m notifications.tests.console SOCKET` loads the libraries. A console (`serve_console`) is forked from it, gets
an environment and loads the product. Each process of an installation is forked from that console. installation.py has
the other ends of the sockets. An order is a byte that carries the new process's stdin, stdout and stderr, and then a
line of JSON. An answer is a line of JSON.
"""

import importlib
import json
import os
import signal
import socket
import sys
import threading

# What takes long to load and reads no setting while it loads.
LIBRARIES = (
    "celery.app.amqp",
    "celery.app.base",
    "celery.loaders.app",
    "django.core.mail",
    "django.core.management",
    "django.db.backends.postgresql.base",
    "django.db.backends.sqlite3.base",
    "django.db.models",
    "django.forms",
    "django.template.defaulttags",
    "django.urls",
    "django.views.generic",
    "environ",
    "fido2.server",
    "gunicorn.app.base",
    "icalendar",
    "kombu.transport.redis",
    "openpyxl",
    "pillow_heif",
    "psycopg",
    "redis",
    "whitenoise.middleware",
)


def run_child(code, files, control):
    """Run the code as a process of its own: with its own session, and these files as stdin, stdout and stderr."""
    os.setsid()
    os.close(control.fileno())  # else a waiting reader would not notice that the console ended
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    status = 1
    try:
        exec(code, {"__name__": "__main__"})
        status = 0
    except SystemExit as end:
        status = exit_status(end.code)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        for thread in threading.enumerate():  # threads that still work may finish
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def exit_status(code):
    """Return the exit status as Python does: None is 0, a number is itself, other objects are printed and mean 1."""
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr)  # noqa: T201
    return 1


def fork(code, files, control):
    """Start a process. Return its id."""
    pid = os.fork()
    if pid == 0:
        run_child(code, files, control)
    for file in files:
        os.close(file)
    return pid


def serve_orders(control):
    """Carry out orders until the other end is closed."""
    with control, control.makefile("r") as orders:
        while True:
            first, files, *_more = socket.recv_fds(control, 1, 3)
            if not first:
                return
            order = json.loads(orders.readline())
            if "code" in order:
                result = fork(order["code"], files, control)
            else:
                result = os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1])
            control.sendall(f"{json.dumps(result)}\n".encode())


def serve_console(environment):
    """Be a console: load the product with this environment, then carry out orders from stdin."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    import django

    django.setup()
    from django.urls import get_resolver

    assert get_resolver().url_patterns  # loaded here, so that web processes have them
    serve_orders(socket.socket(fileno=os.dup(0)))


def main(control):
    """Load the libraries, then start consoles. Do not wait for consoles that end."""
    for name in LIBRARIES:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    serve_orders(control)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
