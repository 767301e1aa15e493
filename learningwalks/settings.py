"""All settings. Every environment variable is listed in docs/configuration.md."""

import os
import sys
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from operations import broker, hosts, logs

from . import __version__, environment
from .secrets import secret_key

VERSION = __version__
BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
ENV_FILE = Path(os.environ.get("ENV_FILE") or BASE_DIR / ".env")
UNKNOWN_VARIABLES = environment.unknown_variables(ENV_FILE, os.environ)
environ.Env.read_env(ENV_FILE)

# --- What kind of installation is this? -----------------------------------------------
DEBUG = environment.flag(env, "DEBUG", default=False)
DATA_DIR = environment.data_folder(env.str("DATA_DIR", default="") or BASE_DIR / "var")
HOST = env.str("HOST", default="") or "127.0.0.1"
PORT = environment.number(env, "PORT", default=8000, lowest=1, highest=65535)
# gunicorn.conf.py also reads these two variables.
WEB_CONCURRENCY = environment.number(env, "WEB_CONCURRENCY", default=2, lowest=1)
WEB_THREADS = environment.number(env, "WEB_THREADS", default=8, lowest=1)
LOCAL_HOST = "localhost" if hosts.is_wildcard(HOST) else HOST  # under which this machine reaches the web server
SITE_URL = environment.site_address(env, default=f"http://{hosts.bracketed(LOCAL_HOST)}:{PORT}")
HTTPS = SITE_URL.startswith("https://")
# `make run` sets DEMO_BY_DEFAULT: a demo school, unless SITE_URL is an https address.
DEMO = environment.flag(env, "DEMO", default=environment.flag(env, "DEMO_BY_DEFAULT", default=False) and not HTTPS)
# True if DEMO=1 was set explicitly. A real school in the database is then an error at start (installation.py).
DEMO_IS_EXPLICIT = environment.flag(env, "DEMO", default=False)
DATABASES = {"default": environment.database(env, file=DATA_DIR / "db.sqlite3")}
SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
# "Production" means an installation for real people: with an https address or a database server.
PRODUCTION = not DEMO and (HTTPS or not SQLITE)
SECRET_KEY = secret_key(env.str("SECRET_KEY", default=""), data_dir=DATA_DIR, production=PRODUCTION)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) or hosts.default_allowed(SITE_URL, HOST)
if any("*" in name for name in ALLOWED_HOSTS):
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the exact hosts, not '*': others can forge links in mails.")
if DEBUG and (PRODUCTION or HTTPS or HOST not in hosts.LOOPBACK or not hosts.is_loopback(SITE_URL)):
    raise ImproperlyConfigured("DEBUG must be off where others can reach the site: error pages show private notes.")

# --- Apps and middleware ----------------------------------------------------------------
INSTALLED_APPS = [
    "learningwalks",
    "operations",
    "accounts",
    "observations",
    "walks",
    "notifications",
    "school",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
]
MIDDLEWARE = [
    "operations.request_log.RequestLogMiddleware",
    "csp.middleware.CSPMiddleware",  # before middleware with responses of its own (redirect to https, static files)
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "learningwalks.middleware.UnusableRequestsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.sessions.TolerantSessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sessions.SessionAgeMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "learningwalks.middleware.SchoolTimeMiddleware",
    "learningwalks.middleware.PrivatePagesMiddleware",
    "learningwalks.middleware.MethodNotAllowedPageMiddleware",
    "observations.words.copies.KeptCopyMiddleware",
    "learningwalks.middleware.AdministratorMfaMiddleware",
    "learningwalks.middleware.ConflictMiddleware",
]
ROOT_URLCONF = "learningwalks.urls"
WSGI_APPLICATION = "learningwalks.wsgi.application"
FORM_RENDERER = "learningwalks.rendering.FormRenderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["learningwalks.templatetags.lw"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "learningwalks.shell.shell",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = ["bootstrap5"]
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

# --- Database ----------------------------------------------------------------------------
# IMMEDIATE takes the write lock at BEGIN; WAL lets readers continue. With ATOMIC_REQUESTS, every GET would take the
# lock.
if SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA secure_delete=ON;",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
PG_BIN = env.str("PG_BIN", default="")  # folder of pg_dump, pg_restore and psql if they are not in PATH
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Rate limits are in the database, shared by all workers. Django's default of 300 entries would drop some counts.
CACHES = {
    "default": {
        "BACKEND": "accounts.cache.StrictDatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}

# --- Sign-in -----------------------------------------------------------------------------
AUTH_USER_MODEL = "school.Person"
AUTHENTICATION_BACKENDS = ["accounts.backends.PersonBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
ACCOUNT_ADAPTER = "accounts.adapters.InvitationOnlyAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
# Administrators enter all addresses, and nobody can sign up. So no address has to be verified at sign-in.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a mail when the password or the second step changes
# An unknown address causes the same work as a known one, so that nobody can tell them apart. The adapter sends no mail.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_MAIL_AFTER: float | None = 0.3  # seconds after the request; None (in tests) means at once
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Without "login_by_code": with it, an open session and an open mailbox would be enough to take over an account.
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"]
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# The limits per network address are high, because a whole staff meeting may sign in from one. Per account, five wrong
# guesses in five minutes are the limit. Requests for codes and new passwords have the same limit for known and unknown
# addresses: different limits would reveal which addresses are known.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "60/m/ip,5/5m/key",
    "reset_password": "300/m/ip,3/15m/key",
    "request_login_code": "300/m/ip,3/15m/key",
}
ACCOUNT_FORMS = {
    "change_password": "accounts.rate_limits.GuardedChangePasswordForm",
    "reset_password": "accounts.rate_limits.DelayedResetForm",
    "request_login_code": "accounts.rate_limits.RequestCodeForm",
    "confirm_login_code": "accounts.rate_limits.GuardedCodeForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = environment.number(env, "TRUSTED_PROXY_COUNT", default=0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Learning Walks"
MFA_ADAPTER = "accounts.adapters.SecondStepAdapter"
# Administrators need a second step, except in the demo.
ADMINISTRATOR_MFA = environment.flag(env, "ADMINISTRATOR_MFA", default=not DEMO)
USERSESSIONS_ADAPTER = "accounts.adapters.DeviceListAdapter"

# --- Sessions, cookies, transport ----------------------------------------------------------
SESSION_COOKIE_AGE = 12 * 3600  # after the last use; accounts/sessions.py renews it and ends it after a week
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrftoken"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS and environment.flag(env, "SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = environment.flag(env, "TRUST_PROXY_PROTO", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[]) or [SITE_URL]
CSRF_FAILURE_VIEW = "learningwalks.views.error_pages.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# --- Mail --------------------------------------------------------------------------------
# EMAIL_URL names the mail server. Without it, mails become .eml files in DATA_DIR/mail.
EMAIL_URL = env.str("EMAIL_URL", default="")
MAIL_DIR = DATA_DIR / "mail"
if EMAIL_URL:
    vars().update(environment.mail_settings(EMAIL_URL))
else:
    EMAIL_BACKEND = "notifications.sending.backends.EmlFileBackend"
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = environment.mail_sender(env, server=EMAIL_URL)
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Celery ------------------------------------------------------------------------------
REDIS_URL = environment.broker_address(env)
CELERY_BROKER_URL = broker.celery_url(REDIS_URL, DATA_DIR)
# A frozen broker must not delay a request by more than a second.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 1, "socket_connect_timeout": 1, "visibility_timeout": 300}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 0, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.2}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 240
CELERY_TASK_SOFT_TIME_LIMIT = 200
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULER = "operations.beat.Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 10
# Intervals in seconds: schedules by time of day go wrong when the clocks change. A sweep expires when the next is due.
CELERY_BEAT_SCHEDULE = {
    "outbox-sweep": {"task": "notifications.sweep_outbox", "schedule": 20.0, "options": {"expires": 20}},
    "reminder-sweep": {"task": "notifications.sweep_reminders", "schedule": 60.0, "options": {"expires": 60}},
    "walk-doors": {"task": "walks.sweep_doors", "schedule": 300.0, "options": {"expires": 300}},
    "door-mails": {"task": "walks.plan_door_mails", "schedule": 3600.0, "options": {"expires": 3600}},
    "walk-time-limits": {"task": "walks.sweep_time_limits", "schedule": 60.0, "options": {"expires": 60}},
    "semester-nudges": {"task": "walks.plan_semester_nudges", "schedule": 3600.0, "options": {"expires": 3600}},
    "retention": {"task": "learningwalks.purge", "schedule": 3600.0, "options": {"expires": 3600}},
}

# --- Language, time, files ------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
# Times are stored in UTC. Each school has its own zone (School.time_zone); the variable TIME_ZONE is its default.
TIME_ZONE = "UTC"
SCHOOL_TIME_ZONE = environment.time_zone(env, default="Europe/London")
FORMAT_MODULE_PATH = "learningwalks.formats"
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default="") or DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750
FILE_UPLOAD_HANDLERS = [
    "observations.photos.uploads.SizeLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "observations.photos.uploads.TemporaryFile",
]
DATA_UPLOAD_MAX_NUMBER_FILES = 10
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
STORAGES = {"default": environment.photo_store(env), "staticfiles": {"BACKEND": "learningwalks.storage.StaticFiles"}}
if DEBUG or "pytest" in sys.modules or os.environ.get("LW_PLAIN_STATIC"):
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_USE_FINDERS = True
    WHITENOISE_AUTOREFRESH = True  # look for files at each request, because no folder of collected files exists

# --- Logs: no error mails with local variables, no private text -----------------------------
LOG_LEVEL = environment.choice(env, "LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO")
LOGGING = logs.configuration(LOG_LEVEL, environment.choice(env, "LOG_FORMAT", logs.FORMATS, default="text"))
# Metrics for Prometheus and error reports to Sentry: both are off by default.
METRICS_TOKEN = environment.token(env, "METRICS_TOKEN")
SENTRY_DSN = environment.error_reports(env)
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
