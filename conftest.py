"""Fixtures for all tests: the same personas everywhere."""

import gc
import os
import re
from inspect import signature

import pytest
import time_machine
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone

from school.directory import directory_of
from school.directory import forget as forget_directories
from school.models import Grade, School
from school.tests.factories import NOW, a_lesson, a_person, a_school, at_school_all_day, row_of

gc.set_threshold(50_000)  # the default looks at all modules every few tests, which takes a twentieth of the time

pytest_plugins = ["operations.tests.services_plugin", "operations.tests.backup.backups"]


SLOW = {"browser", "services"}  # these tests take up to half a minute each


def pytest_collection_modifyitems(config, items):
    """Deselect long experiments, and tests that do not concern the database of this run.

    Tests marked `browser` or `services` take long. They come first, so that no worker starts one at the very end.
    """
    on_postgresql = os.environ.get("DATABASE_URL", "").startswith("postgres")
    unwanted = {"sqlite" if on_postgresql else "postgresql"}
    if "full" not in (os.environ.get("FAULTS"), os.environ.get("ATTACK")):
        unwanted.add("long")
    left_out = {item for item in items if unwanted & {mark.name for mark in item.iter_markers()}}
    if on_postgresql:
        left_out |= {item for item in items if is_enough_on_sqlite(item)}
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: not SLOW & {mark.name for mark in item.iter_markers()})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Run every test, with its fixtures, on a Wednesday in November 2026.

    Tests marked `services` keep the machine's clock, because the processes they start read that one.
    """
    if item.get_closest_marker("services"):
        return (yield)
    with time_machine.travel(NOW):
        return (yield)


# What pages say is tested on SQLite only. On PostgreSQL the access matrix opens every page and posts every form.
PAGES = re.compile(r"/tests/(views/|test_(admin|csp|pages|people_pages|settings_views|shell)\.py)")
# In these modules, each set of parameters is another experiment with locks or another line of the matrix.
ALL_PARAMETERS = re.compile(r"/test_(access_matrix|all_at_once|lock_order)\.py")
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server"}


def is_enough_on_sqlite(item):
    """Return whether the run on PostgreSQL leaves a test out.

    It leaves out tests of pages and tests without a database. Of a test with several sets of parameters, it runs the
    first set, because the others send the same statements to the database.
    """
    if PAGES.search(item.nodeid) or not touches_a_database(item):
        return True
    is_first_set = not any(item.callspec.indices.values()) if hasattr(item, "callspec") else True
    return not (is_first_set or item.get_closest_marker("postgresql") or ALL_PARAMETERS.search(item.nodeid))


def touches_a_database(item):
    """Return whether the test may use a database. pytest-django blocks all other tests from it.

    Tests marked `services` start processes that may use one. Tests with `request` may ask for any fixture at run time.
    """
    marks = {mark.name for mark in item.iter_markers()}
    parameters = signature(item.function).parameters
    return bool(
        {"django_db", "services"} & marks or "request" in parameters or DATABASE_FIXTURES & set(item.fixturenames)
    )


# One worker runs all tests of such a module, because they share an expensive fixture. One worker also runs the whole
# folder of faults, because its experiments need an otherwise idle machine. pytest-xdist's own mark `xdist_group` cannot
# replace this list: pytest-xdist 3.8 writes the group into `Item._nodeid`, which pytest 9.2 no longer reads.
TOGETHER = re.compile(
    r"(operations/tests/faults/|.*/test_(access_matrix|sign_in_attacks|backup|backup_store|canaries|double_tap|hardening"
    r"|machines|markup|photo_corpus|photo_store|processes|random_walks|restore|run|seed_demo|server_errors)\.py)"
)


def pytest_xdist_make_scheduler(config, log):
    """Hand out the groups of TOGETHER as a whole, the largest group first, and single tests after them."""
    from xdist.scheduler import LoadScopeScheduling

    class GroupScheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            shared = TOGETHER.match(nodeid)
            return (
                shared[0].replace("restore", "backup") if shared else nodeid
            )  # test_backup and test_restore share a school

    return GroupScheduling(config, log)


@pytest.fixture(autouse=True)
def _own_data_dir(settings, tmp_path):
    """Keep tests apart from the installation and from each other, and make passwords and mails fast."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MAIL_DIR = tmp_path / "mail"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ACCOUNT_MAIL_AFTER = None
    settings.ADMINISTRATOR_MFA = False  # its own tests switch it on
    forget_directories()


@pytest.fixture
def now():
    """A Wednesday morning in the autumn semester."""
    return NOW


@pytest.fixture
def frozen_clock(time_machine):
    """Stop the clock of the test."""
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def fresh_limits(db):
    """Let nobody have tried to sign in before."""
    call_command("createcachetable")
    cache.clear()


@pytest.fixture
def school(db):
    """The school of all personas except `stranger`."""
    return a_school()


@pytest.fixture
def walker(school):
    """A teacher of Grade 7, free in periods 2 and 3."""
    person = a_person(school, "Amara", "Osei")
    at_school_all_day(person)
    a_lesson(person, "210", period=1)
    return person


@pytest.fixture
def host(school):
    """Teaches in Room 204 in period 3."""
    person = a_person(school, "Jonas", "Lindqvist")
    a_lesson(person, "204", title="7A Maths")
    return person


@pytest.fixture
def second_host(school):
    """Teaches in Room 206 in period 3."""
    person = a_person(school, "Leila", "Haddad", grade="Grade 8")
    a_lesson(person, "206", title="8B History")
    return person


@pytest.fixture
def third_host(school):
    """Teaches in Room 208 in period 3."""
    person = a_person(school, "Priya", "Nair")
    a_lesson(person, "208", title="7C English")
    return person


@pytest.fixture
def hosts(host, second_host, third_host):
    """The three hosts, in the order of their rooms."""
    return [host, second_host, third_host]


@pytest.fixture
def colleague(school):
    """A teacher of the walker's grade who is not part of the walk."""
    return a_person(school, "Samuel", "Brandt")


@pytest.fixture
def head(school):
    """Head of Grade 7, who decides the walker's requests."""
    person = a_person(school, "Lucía", "Reyes")
    row_of(school, Grade, name="Grade 7").heads.add(person)
    return person


@pytest.fixture
def other_head(school):
    """Head of Grade 8, who cannot decide about the walker."""
    person = a_person(school, "Oliver", "Grant", grade="Grade 8")
    row_of(school, Grade, name="Grade 8").heads.add(person)
    return person


@pytest.fixture
def administrator(school):
    """An administrator who does not teach."""
    return a_person(school, "Daniel", "Whitfield", grade=None, is_administrator=True, is_teacher=False)


@pytest.fixture
def stranger(db):
    """A teacher of another school on the same installation."""
    return a_person(a_school("Other School"), "Nadia", "Petrova")


@pytest.fixture
def sign_in(client, settings, db):
    """Sign a person in: `sign_in(walker)` returns the client.

    It only stores a session, sets the cookie and reads the directory, as an earlier page would have done. The real
    sign-in has its own tests.
    """

    def as_person(person):
        from django.contrib.sessions.backends.db import SessionStore  # conftest.py loads before Django is set up

        from accounts import sessions

        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        sessions.renew(session, now=timezone.now())  # as the first page does
        session.save(must_create=True)
        client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
        directory_of(School.objects.get(pk=person.school_id))
        return client

    return as_person
