"""Registered functions are always called in the same order, whatever is imported first."""

import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from school.people import hooks
from school.registry import Registry


def function_of(module):
    """Return a function that seems to be defined in this module."""

    def function():
        """Do nothing."""

    function.__module__ = module
    function.__qualname__ = "function"
    return function


def test_functions_are_sorted_by_app_then_module_name_then_registration():
    registry = Registry()
    modules = ["school.b", "walks.z", "school.a", "walks.b.c", "learningwalks.y", "school.b"]
    functions = [registry(function_of(module)) for module in modules]
    assert list(registry) == [functions[n] for n in (4, 3, 1, 2, 0, 5)]


def test_an_app_inside_a_package_is_sorted_by_its_own_position():
    registry = Registry()
    modules = ["django.contrib.messages.a", "django.contrib.sessions.b", "school.a"]
    functions = [registry(function_of(module)) for module in modules]
    assert list(registry) == [functions[n] for n in (2, 1, 0)]


def test_a_function_outside_the_apps_is_refused_when_it_is_registered():
    with pytest.raises(ImproperlyConfigured, match=r"nowhere\.rules\.function is in no app of INSTALLED_APPS"):
        Registry()(function_of("nowhere.rules"))


def test_installed_apps_are_in_the_order_of_the_layers():
    project = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text())
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    assert [app for app in settings.INSTALLED_APPS if app in layers] == layers


def test_hooks_of_a_person_run_app_by_app_from_the_top_layer_down():
    apps = [
        [function.__module__.partition(".")[0] for function in registry]
        for registry in (hooks.on_leaving, hooks.on_new_address, hooks.on_erasing)
    ]
    order = settings.INSTALLED_APPS.index
    assert all(called == sorted(called, key=order) and called[-1] == "notifications" for called in apps)
