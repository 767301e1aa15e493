"""A query that Django compiles once. Each run only binds other values, because compiling takes longer than the rest.

This uses three attributes of Django's compiler that are not documented (`select`, `klass_info`, `annotation_col_map`),
so test_prepared.py compares its rows with those of the same queryset.
"""

from __future__ import annotations

from copy import copy
from threading import Lock
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import Expression, Field
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=models.Model)


class Placeholder(Expression):
    """Stands in the queryset for a value that each run gives by this name."""

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any, **_options: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Return itself as the parameter; `PreparedQuery.run` replaces it."""
        return "%s", [self]


class PreparedQuery(Generic[Row]):
    """A queryset with placeholders, for example `PreparedQuery(Person.objects.filter(pk=Placeholder("pk", …)))`."""

    def __init__(self, rows: models.QuerySet[Row]) -> None:
        self._rows = rows
        self._compiled: tuple[SQLCompiler, str, tuple[Any, ...]] | None = None
        self._lock = Lock()

    def run(self, **values: Any) -> list[Row]:
        """Return the rows with these values."""
        compiler, sql, parameters = self._compile()
        bound = tuple(_bind(parameter, values) for parameter in parameters)
        compiler = copy(compiler)
        compiler.connection = connection  # each thread has its own
        compiler.as_sql = lambda *_args, **_options: (sql, bound)  # type: ignore[method-assign]
        rows = self._rows.all()
        rows.query.get_compiler = lambda *_args, **_options: compiler  # type: ignore[method-assign]
        return list(ModelIterable(rows))

    def _compile(self) -> tuple[SQLCompiler, str, tuple[Any, ...]]:
        with self._lock:  # compiling changes the query, so two threads must not do it at once
            if self._compiled is None:
                compiler = self._rows.all().query.get_compiler(DEFAULT_DB_ALIAS)
                self._compiled = compiler, *compiler.as_sql()
            return self._compiled


def _bind(parameter: Any, values: dict[str, Any]) -> Any:
    if isinstance(parameter, Placeholder):
        return parameter.output_field.get_db_prep_value(values[parameter.name], connection)
    return parameter
