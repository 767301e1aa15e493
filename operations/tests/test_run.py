"""`manage.py run`: the whole product as one process tree, as `make run` starts it."""

import os
import shutil
import signal
import socket
from pathlib import Path

import pytest
from django.db import connection

from notifications.tests.installation import Installation
from notifications.tests.smtp_sink import free_port

from .services_plugin import manage, wait_until

pytestmark = [pytest.mark.services, pytest.mark.not_on_postgresql]  # they start with a database of their own
NAME_IT = "from school.models import School\nSchool.objects.update(name={!r})"


@pytest.fixture
def database():
    """DATABASE_URL of an empty database on the server under test; nothing on SQLite."""
    if connection.vendor == "sqlite":
        yield {}
        return
    facts, name = connection.settings_dict, f"stack_{os.getpid()}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    folder = facts["HOST"].replace("/", "%2F")
    yield {"DATABASE_URL": f"postgres://{facts['USER']}@{folder}/{name}"}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def command_of(pid):
    """Return the command line of a process; nothing if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def worker_of(product):
    return next((pid for pid in product.children() if b"\0worker\0" in command_of(pid)), None)


def all_have_ended(pids):
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.django_db(transaction=True)
def test_the_product_starts_serves_stops_cleanly_and_starts_again_with_its_data(stack, short_folder, database):
    product = stack(short_folder / "a folder", DEMO="1", **database)
    product.start(within=90)
    wait_until(lambda: product.ready()["status"] == "ok")
    assert product.status("/sign-in/") == 200
    children = product.children()
    code, output = product.stop()
    assert code == 0
    assert all_have_ended(children)
    assert "admin@maplehill.example" in output
    assert "password learning-walks" in output
    product.start()
    code, output = product.stop()
    assert code == 0
    assert "Loading the demo school" not in output


@pytest.mark.not_on_postgresql
def test_a_taken_port_is_reported_in_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, output = manage("run", DATA_DIR=str(tmp_path), PORT=str(port))
    assert code == 1
    assert output == (
        f"Learning Walks cannot start: Port {port} on 127.0.0.1 is taken by another program. "
        f"Choose another one, such as PORT={port + 1}.\n"
    )


@pytest.mark.not_on_postgresql
@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.7"])
def test_an_address_of_another_machine_is_reported_in_one_sentence(tmp_path, host):
    code, output = manage("run", DATA_DIR=str(tmp_path), HOST=host)
    assert (code, output.count("\n")) == (1, 1)
    assert output.startswith(f"Learning Walks cannot start: HOST {host}")


@pytest.mark.not_on_postgresql
def test_an_unreachable_database_is_reported_in_one_sentence(tmp_path):
    settings = {"DATABASE_URL": "postgres://nobody@127.0.0.1:9/none", "DEMO": "1", "PORT": str(free_port())}
    code, output = manage("run", DATA_DIR=str(tmp_path), **settings)
    assert code == 1
    assert "Learning Walks cannot start: The database cannot be used: " in output
    assert "Traceback" not in output


@pytest.fixture(scope="module")
def real_school(tmp_path_factory):
    """The data of an installation with a real school, to be copied."""
    folder = tmp_path_factory.mktemp("real")
    Installation(folder).migrate().run(
        "from school.models import School\nSchool.objects.update(name='Riverside School')"
    )
    return folder


@pytest.mark.not_on_postgresql
def test_an_installation_with_a_real_school(stack, short_folder, real_school):
    product = stack(shutil.copytree(real_school, short_folder / "real"), DEMO_BY_DEFAULT="1")
    product.start(within=90)
    the_demo_is_closed(product)
    a_second_run_is_refused(product)
    a_killed_worker_is_restarted(product)
    children = product.children()
    assert len(children) >= 5
    product.process.send_signal(signal.SIGKILL)
    output, _ = product.process.communicate()
    wait_until(lambda: all_have_ended(children), within=20)
    assert "The worker process ended (code -9)" in output
    assert output.count("A real school is in this database: no demo (DEMO=0)\n") == 1
    assert "password learning-walks" not in output
    product.start()  # after a kill it starts again
    assert product.stop()[0] == 0


def the_demo_is_closed(product):
    """`make run` enables the demo by default; here nobody can sign in to it."""
    closed = [product.status("/demo/mailbox/"), "Look around as" in product.get("/sign-in/")[1]]
    assert closed == [404, False]


def a_second_run_is_refused(product):
    """A second run with the same data on another port."""
    code, output = manage("run", **{**product.environment, "PORT": "1", "DEMO": "0"})
    assert (code, output.count("\n")) == (1, 1)
    assert "is already running with the data in" in output


def a_killed_worker_is_restarted(product):
    """The supervisor restarts it."""
    wait_until(lambda: worker_of(product))
    worker = worker_of(product)
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: worker_of(product) not in (None, worker))


@pytest.mark.not_on_postgresql
def test_an_explicit_demo_beside_a_real_school_is_refused(tmp_path, real_school):
    folder = shutil.copytree(real_school, tmp_path / "real")
    code, output = manage("run", DATA_DIR=str(folder), DEMO="1", PORT=str(free_port()))
    sentence = "DEMO=1 is set, but a real school is in this database. Leave DEMO out, or use another DATA_DIR."
    assert (code, output) == (1, f"Learning Walks cannot start: {sentence}\n")


@pytest.mark.not_on_postgresql
def test_a_real_school_cannot_start_in_the_demos_data(tmp_path, real_school):
    folder = shutil.copytree(real_school, tmp_path / "demo")
    Installation(folder).run(NAME_IT.format("Maple Hill School"))
    code, output = manage("run", DATA_DIR=str(folder), DEMO="0", PORT=str(free_port()))
    sentence = f"The demo school is in the data of {folder}. Start with another folder, such as DATA_DIR=var/school"
    assert (code, output) == (1, f"Learning Walks cannot start: {sentence}, or DATABASE_URL.\n")


@pytest.mark.not_on_postgresql
def test_a_broken_installation_is_reported_in_one_sentence(tmp_path):
    (tmp_path / "celery.py").write_text("import a_package_that_is_not_installed")
    code, output = manage("run", DATA_DIR=str(tmp_path), PYTHONPATH=str(tmp_path))
    assert (code, output.count("\n")) == (1, 1)
    assert output.startswith("The installation is not complete (No module named 'a_package_that_is_not_installed')")
