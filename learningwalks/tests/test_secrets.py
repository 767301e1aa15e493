"""The secret key: generated once, complete for every process, and never a sample in production."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ImproperlyConfigured

from learningwalks.secrets import kept_key, secret_key

pytestmark = pytest.mark.not_on_postgresql
GOOD = "Zt9x-Qm4vB7w_Lk2pR8yN5cJ1hG6fD3sA0uXeTiOoPqWnMzKrVb"


def test_a_given_key_is_used(tmp_path):
    assert secret_key(GOOD, data_dir=tmp_path, production=True) == GOOD


@pytest.mark.parametrize("given", ["short", "a" * 60, "django-insecure-" + GOOD, "changeme" + GOOD, GOOD[:49]])
def test_production_refuses_a_weak_or_sample_key(tmp_path, given):
    with pytest.raises(ImproperlyConfigured, match=r"^SECRET_KEY is too short or a sample"):
        secret_key(given, data_dir=tmp_path, production=True)


def test_production_refuses_to_generate_a_key(tmp_path):
    with pytest.raises(ImproperlyConfigured, match=r"^SECRET_KEY is not set"):
        secret_key("", data_dir=tmp_path, production=True)
    assert list(tmp_path.iterdir()) == []


def test_outside_production_a_private_key_is_generated_once(tmp_path):
    first = secret_key("", data_dir=tmp_path, production=False)
    assert secret_key("", data_dir=tmp_path, production=False) == first
    assert len(first) >= 50
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_processes_that_start_together_read_the_same_complete_key(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(kept_key, [tmp_path / "secret-key"] * 64))
    assert len(keys) == 1
    assert keys != {""}
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_a_file_left_empty_by_a_full_disk_is_filled(tmp_path):
    (tmp_path / "secret-key").write_text("")
    assert len(kept_key(tmp_path / "secret-key")) >= 50
