"""Files for servers: the compose file, the image, the systemd unit, the proxy's configuration, the variables."""

import configparser
import re

import pytest
import yaml
from django.conf import settings

from learningwalks import environment
from observations.photos.uploads import MAX_REQUEST_BYTES
from operations import processes
from operations.tests.services_plugin import ROOT
from operations.web.incoming import MAX_KEPT, MEGABYTE

pytestmark = pytest.mark.not_on_postgresql
NAME = re.compile(r"`([A-Z][A-Z0-9_]+)`")
# Set by our own scripts; nobody needs to set them.
INTERNAL = {"DEMO_BY_DEFAULT", "ENV_FILE", "LW_PLAIN_STATIC", "DJANGO_SETTINGS_MODULE"}
# Decided by the image or the compose file.
FIXED = {"HOST", "PORT", "DATA_DIR", "STATIC_ROOT", "DATABASE_URL", "REDIS_URL", "DEBUG", "PG_BIN", "POSTGRES_PASSWORD"}
LEFT_OUT = {"tests", "migrations"}


def text(path):
    return (ROOT / path).read_text()


@pytest.fixture(scope="module")
def documented():
    """The variables in the table of docs/configuration.md."""
    rows = [line.split("|")[1] for line in text("docs/configuration.md").splitlines() if line.startswith("| `")]
    return {name for row in rows for name in NAME.findall(row)}


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load(text("compose.yaml"))


def code_block(path, language):
    """Return the first code block of that language on a page."""
    return re.search(rf"```{language}\n(.*?)```", text(path), re.DOTALL)[1]


# --- Variables --------------------------------------------------------------------------------------------
def test_the_table_lists_exactly_the_variables_that_are_read(documented):
    folders = [ROOT / app for app in settings.INSTALLED_APPS if (ROOT / app).is_dir()]
    modules = [path for folder in folders for path in folder.rglob("*.py")]
    ours = [path for path in modules if not LEFT_OUT & set(path.relative_to(ROOT).parts)]
    sources = [*ours, ROOT / "gunicorn.conf.py", ROOT / "scripts" / "probe.py"]
    code = "".join(source.read_text() for source in sources)
    functions = r"env\.\w+\(|(?:flag|number|choice|token)\(env, |os\.environ(?:\.get)?[([]|os\.getenv\("
    pattern = rf'(?:{functions})\s*"([A-Z][A-Z0-9_]+)"'
    read = set(re.findall(pattern, code)) | {"S3_BUCKET", "S3_ENDPOINT_URL", "S3_REGION"}
    assert read - INTERNAL == documented - {"POSTGRES_PASSWORD", "PGPASSWORD"}


def test_the_table_lists_every_known_name(documented):
    assert documented | INTERNAL == environment.KNOWN


def test_the_example_names_only_variables_of_the_table(documented):
    named = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", text(".env.example"), re.MULTILINE))
    assert (named - documented, {"SITE_URL", "SECRET_KEY", "EMAIL_URL"} - named) == (set(), set())


def test_the_compose_file_passes_every_variable_on(compose, documented):
    for service in ("web", "worker", "beat", "migrate"):
        assert set(compose["services"][service]["environment"]) | FIXED == documented
    used = set(re.findall(r"\$\{([A-Z0-9_]+)", text("compose.yaml")))
    assert "$" not in compose["services"]["web"]["environment"]["DATABASE_URL"]  # a password may contain any character
    assert used - documented == set()


# --- Containers -------------------------------------------------------------------------------------------
def test_every_service_of_the_compose_file_restarts_and_has_a_health_check(compose):
    for name, service in compose["services"].items():
        check = service.get("healthcheck")
        tag = service["image"].partition(":")[2]
        assert check or name == "web", name  # the web server's health check is in the image
        assert service["restart"] in ("unless-stopped", "no"), name
        assert service.get("build") or re.fullmatch(r"\d+[\w.-]*", tag), name
        assert isinstance(service.get("command", []), list), name


def test_containers_get_the_time_to_stop_that_the_supervisor_gives(compose):
    services = compose["services"]
    needed = {
        "web": processes.web_process(0).stop_within,
        "worker": processes.worker_process().stop_within,
        "beat": processes.beat_process().stop_within,
    }
    assert [name for name in needed if int(services[name]["stop_grace_period"].rstrip("s")) < needed[name]] == []


def test_the_site_waits_for_its_tables_and_listens_to_this_machine_only(compose):
    services = compose["services"]
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"]["db"] == {"condition": "service_healthy"}
    assert services["web"]["ports"] == ["127.0.0.1:${PORT:-8000}:8000"]
    assert not {"db", "broker"} & {name for name, service in services.items() if "ports" in service}


def test_the_image_is_pinned_and_runs_without_root():
    lines = text("Dockerfile").splitlines()
    last_user = [line for line in lines if line.startswith("USER")][-1]
    images = {line.split()[1] for line in lines if line.startswith("FROM")}
    assert (last_user, len(images)) == ("USER walks", 1)
    assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+", images.pop())
    assert lines[-1].startswith('CMD ["gunicorn"')
    assert "HEALTHCHECK" in text("Dockerfile") and text("Dockerfile").count("--require-hashes") == 2


def test_the_image_backs_up_the_database_that_the_compose_file_runs(compose):
    client = re.search(r"postgresql-client-(\d+)", text("Dockerfile"))[1]
    assert compose["services"]["db"]["image"] == f"postgres:{client}"
    for name in ("web", "worker", "beat", "migrate"):
        assert "backups:/backups" in compose["services"][name]["volumes"]
    assert "/backups" in text("Dockerfile")


def test_the_image_holds_no_secrets_and_no_data():
    ignored = set(text(".dockerignore").split())
    assert {".env", ".git", "var", ".venv"} <= ignored


# --- systemd and proxy -------------------------------------------------------------------------------------
def test_the_unit_lets_the_supervisor_stop_its_children_in_order():
    unit = configparser.ConfigParser()
    unit.optionxform = str
    unit.read_string(code_block("docs/deploy.md", "ini"))
    children = [processes.web_process(0), processes.worker_process(), processes.beat_process()]
    broker = 20
    assert unit["Service"]["KillMode"] == "mixed"
    assert int(unit["Service"]["TimeoutStopSec"]) > sum(child.stop_within for child in children) + broker
    assert unit["Service"]["ExecStart"].endswith("manage.py run")


def test_the_proxy_of_the_guide_overwrites_the_headers_that_the_site_trusts():
    overwritten = re.findall(r"proxy_set_header (\S+) (\S+);", code_block("docs/deploy.md", "nginx"))
    assert dict(overwritten) == {
        "Host": "$host",
        "X-Forwarded-Proto": "$scheme",
        "X-Forwarded-For": "$proxy_add_x_forwarded_for",
        "X-Forwarded-Ssl": '""',
        "X-Forwarded-Protocol": '""',
        "X-Request-ID": "$request_id",
    }


def test_the_proxy_of_the_guide_accepts_uploads_as_large_as_the_site():
    """With a smaller limit, three photos end on the proxy's own error page."""
    (megabytes,) = re.findall(r"client_max_body_size (\d+)m;", code_block("docs/deploy.md", "nginx"))
    assert MAX_REQUEST_BYTES < int(megabytes) * MEGABYTE == MAX_KEPT


def test_the_proxy_configuration_of_the_guide_is_complete():
    """With its certificate, and a redirect from http to https."""
    snippet = code_block("docs/deploy.md", "nginx")
    assert snippet.count("{") == snippet.count("}")
    assert {"ssl_certificate", "ssl_certificate_key"} <= set(re.findall(r"^ +(\w+) ", snippet, re.MULTILINE))
    assert "listen 80;" in snippet
    assert "return 301 https://$host$request_uri;" in snippet


# --- Requirements ------------------------------------------------------------------------------------------
def locked(name):
    return dict(re.findall(r"^([a-z0-9.-]+)(?:\[.*\])?==(\S+)", text(name), re.MULTILINE))


def test_the_locks_agree_and_the_basic_one_has_no_server_packages():
    runtime, server, dev = map(locked, ("requirements.lock", "requirements-server.lock", "requirements-dev.lock"))
    assert {"boto3", "django-storages", "sentry-sdk"} <= server.keys() - runtime.keys()
    assert server.items() >= runtime.items()
    assert dev.items() >= server.items()
