"""A prepared query returns what its queryset returns, with each run's own values."""

import sys
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.db.models import BooleanField, CharField, Count, IntegerField

from accounts.prepared import Placeholder, PreparedQuery
from school.models import Person

pytestmark = pytest.mark.django_db
PEOPLE = Person.objects.select_related("school", "grade").annotate(n=Count("teams")).order_by("pk")
BY_NAME = PreparedQuery(PEOPLE.filter(given_name=Placeholder("name", CharField()), is_active=True))


def test_the_rows_and_their_relations_are_those_of_the_queryset(walker, host, django_assert_num_queries):
    expected = PEOPLE.get(pk=host.pk)
    with django_assert_num_queries(1):
        (person,) = BY_NAME.run(name=host.given_name)
        assert (person.school, person.grade, person.n) == (expected.school, expected.grade, 0)
    for field in Person._meta.concrete_fields:
        assert getattr(person, field.attname) == getattr(expected, field.attname)


def test_each_run_has_its_own_values(walker, host):
    assert BY_NAME.run(name="Amara") == [walker]
    assert BY_NAME.run(name="Jonas") == [host]
    assert BY_NAME.run(name="Nobody") == []


def test_a_value_is_never_part_of_the_statement(walker):
    assert BY_NAME.run(name="' OR 1=1 --") == []


def test_a_changed_row_is_read_again(walker):
    assert BY_NAME.run(name="Amara") == [walker]
    Person.objects.filter(pk=walker.pk).update(subject="Physics")
    assert BY_NAME.run(name="Amara")[0].subject == "Physics"


def test_the_values_are_converted_as_in_a_queryset(walker, host):
    query = PreparedQuery(PEOPLE.filter(is_teacher=Placeholder("teaches", BooleanField())))
    assert query.run(teaches=True) == [walker, host]
    assert query.run(teaches=False) == []


@pytest.mark.django_db(transaction=True)
def test_another_thread_uses_its_own_connection(walker):
    numbers = PreparedQuery(Person.objects.filter(pk__gte=Placeholder("pk", IntegerField())))
    found = [numbers.run(pk=1)]

    def run_elsewhere():
        found.append(numbers.run(pk=1))
        connection.close()

    thread = Thread(target=run_elsewhere)
    thread.start()
    thread.join()
    assert found == [[walker], [walker]]


@pytest.mark.django_db(transaction=True)
def test_many_threads_may_run_a_new_query_at_once(walker):
    """Compiling changes the query, so two threads must not compile it at the same time."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    found = []
    for _round in range(10):
        query = PreparedQuery(PEOPLE.filter(pk=Placeholder("pk", IntegerField())))
        start = Barrier(6)

        def run_elsewhere(query=query, start=start):
            start.wait()
            try:
                found.append(query.run(pk=walker.pk)[0].school.name)
            finally:
                connection.close()

        threads = [Thread(target=run_elsewhere) for _n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    sys.setswitchinterval(usual)
    assert found == [walker.school.name] * 60
