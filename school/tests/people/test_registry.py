"""The order in which registered functions are called is fixed, whatever is imported first."""

import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from school.people import hooks
from school.people.registry import Registry


def of_module(module):
    """A function that is written there."""

    def function():
        """Nothing."""

    function.__module__ = module
    function.__qualname__ = "function"
    return function


def test_the_top_app_comes_first_then_the_names_of_modules_then_their_order_in_a_module():
    registry, modules = Registry(), ["school.b", "walks.z", "school.a", "walks.b.c", "learningwalks.y", "school.b"]
    functions = [registry(of_module(module)) for module in modules]
    assert list(registry) == [functions[n] for n in (4, 3, 1, 2, 0, 5)]


def test_an_app_inside_a_package_has_its_own_place():
    registry, modules = Registry(), ["django.contrib.messages.a", "django.contrib.sessions.b", "school.a"]
    functions = [registry(of_module(module)) for module in modules]
    assert list(registry) == [functions[n] for n in (2, 1, 0)]


def test_a_function_outside_the_apps_is_refused_when_it_is_registered():
    with pytest.raises(ImproperlyConfigured, match=r"nowhere\.rules\.function is in no app of INSTALLED_APPS"):
        Registry()(of_module("nowhere.rules"))


def test_the_order_of_the_apps_is_that_of_their_layers():
    project = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text())
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    assert [app for app in settings.INSTALLED_APPS if app in layers] == layers


def test_each_app_does_what_hangs_on_a_person_after_the_apps_above_it():
    apps = [
        [function.__module__.partition(".")[0] for function in registry]
        for registry in (hooks.on_leaving, hooks.on_new_address, hooks.on_erasing)
    ]
    order = settings.INSTALLED_APPS.index
    assert all(called == sorted(called, key=order) and called[-1] == "notifications" for called in apps)
