"""The processes that tests start from a console: failures are reported, and no test waits for ever.

A console is the process from which the other processes of an installation are forked, see console.py.
"""

import time

import pytest

from notifications.tests.installation import Installation

pytestmark = [pytest.mark.services, pytest.mark.not_on_postgresql]


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """An installation without a database."""
    return Installation(tmp_path_factory.mktemp("console"))


@pytest.mark.parametrize(
    ("code", "status"),
    [("sys.exit('It does not work.')", 1), ("sys.exit(3)", 3), ("sys.exit()", 0), ("1 / 0", 1), ("os.abort()", -6)],
)
def test_the_exit_status_is_the_one_of_the_python_code(installation, code, status):
    process = installation.start(f"print('output')\nsys.stdout.flush()\n{code}")
    assert process.communicate() == "output\n"
    assert process.returncode == status
    assert process.communicate() == ""


def test_a_process_that_takes_too_long_is_an_error_and_is_killed_with_its_children(installation):
    process = installation.start("import subprocess\nprint('on it', flush=True)\nsubprocess.run(['sleep', '60'])")
    started = time.monotonic()
    with pytest.raises(AssertionError, match=r"did not end within 1 seconds: on it"):
        process.communicate(1)
    assert time.monotonic() - started < 20
    assert process.returncode == -9


def test_running_code_in_a_dead_console_fails_at_once(tmp_path):
    installation = Installation(tmp_path)
    working = installation.start("time.sleep(60)")
    killer = installation.start("sys.stdin.readline()\nos.kill(os.getppid(), 9)")
    print(file=killer.stdin, flush=True)  # both processes have started by now, so the console may die
    killer.stdout.read()
    started = time.monotonic()
    with pytest.raises((AssertionError, OSError)):
        installation.run("print('anybody there?')")
    assert time.monotonic() - started < 20
    working.kill()
    for process in (working, killer):
        process.close()
