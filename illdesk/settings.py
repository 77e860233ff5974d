"""One settings file, read from the environment; the README's table lists every variable.

With none set it is a production desk on SQLite that refuses to start without a secret.
`ILLDESK_MODE` is `demo` (set by run.sh alone: loopback, demo accounts), `test` (the suite and
`manage.py bench`) or `production`.
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

MODE = env("ILLDESK_MODE", default="production")
if MODE not in ("demo", "test", "production"):
    raise ImproperlyConfigured(f"ILLDESK_MODE is {MODE!r}; it can be demo, test or production.")
DEMO, TESTING, PRODUCTION = MODE == "demo", MODE == "test", MODE == "production"

DESK = env("ILLDESK_DESK", default="a")
VAR = Path(env("ILLDESK_VAR", default=str(BASE_DIR / "var" / DESK)))
BASE_URL = env("ILLDESK_BASE_URL", default="http://127.0.0.1:8000").rstrip("/")

# A default secret is a known secret: production must bring its own.
SECRET_KEY = env("ILLDESK_SECRET_KEY", default="only-for-tests-" + "x" * 40 if TESTING else "")
if not TESTING and (len(SECRET_KEY) < 32 or SECRET_KEY.startswith("only-for-")):
    raise ImproperlyConfigured(
        "ILLDESK_SECRET_KEY is missing, too short or a default. Set it to at least 32 random characters "
        "(python -c 'import secrets; print(secrets.token_urlsafe(48))') and keep it: it also encrypts "
        "the secrets of partner libraries."
    )
DEBUG = False
ALLOWED_HOSTS = env.list("ILLDESK_ALLOWED_HOSTS", default=[urlsplit(BASE_URL).hostname or "127.0.0.1"])
if TESTING:
    ALLOWED_HOSTS = ["*"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "csp",
    "illdesk",
    "requests_app",
    "billing",
]

MIDDLEWARE = [
    "illdesk.http.StraightIn",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "illdesk.http.RefuseNulBytes",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "illdesk.http.ReaderLocale",
    "illdesk.http.SignedIn",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "illdesk.http.SentencesForErrors",
]

ROOT_URLCONF = "illdesk.urls"
WSGI_APPLICATION = "illdesk.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "illdesk.pages.frame.frame",
            ],
            "builtins": ["illdesk.templatetags.ill"],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Databases: one behaviour on two ------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR / 'desk.sqlite3'}")}
_db = DATABASES["default"]
SQLITE = _db["ENGINE"] == "django.db.backends.sqlite3"
if SQLITE:
    _db["ENGINE"] = "illdesk.backends.sqlite"
    _db["CONN_MAX_AGE"] = None  # a new connection and its PRAGMAs for each request took a third of a message's time
    _db["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        # FULL: with NORMAL a confirmed message may be lost when the power goes.
        # recursive_triggers: else INSERT OR REPLACE slips past the append-only triggers.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON; "
        # A large file is read through the page cache, without a copy of each page for each connection.
        "PRAGMA mmap_size=2147418112; PRAGMA cache_size=-8192;",
    }
    if TESTING:
        # A file as in real use: threads and live servers have connections of their own, and the gate works.
        VAR.mkdir(parents=True, exist_ok=True)
        _db["TEST"] = {"NAME": str(VAR / "test.sqlite3")}
else:
    _db["CONN_MAX_AGE"] = None
    _db["CONN_HEALTH_CHECKS"] = True
# Off where a pooler hands a connection on between transactions (PgBouncer): what one prepared the next does not know.
PREPARE_QUERIES = env.bool("ILLDESK_PREPARE_QUERIES", default=True)
if TESTING and (test_database_url := env("TEST_DATABASE_URL", default="")):
    DATABASES = {"default": env.db_url_config(test_database_url)}
    SQLITE = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Sign-in --------------------------------------------------------------------------------------
AUTH_USER_MODEL = "illdesk.User"
AUTHENTICATION_BACKENDS = [
    "illdesk.accounts.backend.RoleBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ACCOUNT_ADAPTER = "illdesk.accounts.adapter.DeskAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = (
    False if TESTING else {"login_failed": "10/m/ip,5/5m/key", "reset_password": "20/m/ip,5/m/key"}
)
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
SESSION_COOKIE_NAME = f"illdesk_{DESK}_session"
CSRF_COOKIE_NAME = f"illdesk_{DESK}_csrf"
LANGUAGE_COOKIE_NAME = f"illdesk_{DESK}_language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://")
SESSION_COOKIE_AGE = 12 * 3600
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "illdesk.pages.errors.csrf_failure"
if BASE_URL.startswith("https://"):
    SECURE_HSTS_SECONDS = 31536000
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Behind a proxy every visitor has its address: sign-in limits and partners known by address need the real one.
TRUSTED_PROXIES = env.int("ILLDESK_TRUSTED_PROXIES", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# --- Language and time ----------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE = True, "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env("ILLDESK_TIME_ZONE", default="America/New_York")
USE_TZ = True

# --- Money ----------------------------------------------------------------------------------------
# The month in which a fiscal year begins: July to June is usual at universities.
FISCAL_YEAR_MONTH = env.int("ILLDESK_FISCAL_YEAR_MONTH", default=7)
if not 1 <= FISCAL_YEAR_MONTH <= 12:
    raise ImproperlyConfigured("ILLDESK_FISCAL_YEAR_MONTH is a month from 1 to 12.")

# --- API ------------------------------------------------------------------------------------------
# Questions of one person (or of one address where nobody signed in) to /api/v1, in each web process.
API_RATE = env("ILLDESK_API_RATE", default="240/min")

# --- Files ----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env("ILLDESK_STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
# The manifest costs 20 s at start; a demo and the tests read the folders themselves.
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR / "files")},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MAX_UPLOAD_BYTES = 50 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- Mail -----------------------------------------------------------------------------------------
_smtp = urlsplit(env("ILLDESK_SMTP_URL", default="smtp://127.0.0.1:25"))
EMAIL_HOST, EMAIL_PORT = _smtp.hostname or "127.0.0.1", _smtp.port or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _smtp.username or "", _smtp.password or ""
EMAIL_USE_SSL, EMAIL_USE_TLS = _smtp.scheme == "smtps", _smtp.scheme == "smtp+tls"
EMAIL_TIMEOUT = 20
# The suite too talks to a real SMTP sink; pytest-django's in-memory outbox stays unused.
MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
# Where the demo's post office keeps what it took; the Mailbox page shows it, in a demo only.
MAIL_FOLDER = env("ILLDESK_MAIL_FOLDER", default="")
DEMO_ACCOUNTS = BASE_DIR / "illdesk" / "demo_accounts.json"
DEFAULT_FROM_EMAIL = env("ILLDESK_MAIL_FROM", default="ill@library.example")

# --- Jobs -----------------------------------------------------------------------------------------
REDIS_URL = env("REDIS_URL", default="")
CELERY_TASK_DEFAULT_QUEUE = f"illdesk-{DESK}"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker however long that is away
# The sweeps send what no task was told about: nobody at a desk waits for a broker that is away.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "global_keyprefix": f"illdesk-{DESK}:",
        "visibility_timeout": 600,
        # Of a Redis that hangs: without them whoever takes a step waits for ever after its commit.
        "socket_timeout": 5,
        "socket_connect_timeout": 5,
        "max_retries": 1,
        "interval_start": 0,
    }
else:
    CELERY_BROKER_URL = "deskfolder://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR / "broker"),
        "data_folder_out": str(VAR / "broker"),
        "control_folder": str(VAR / "broker-control"),
        "polling_interval": 0.1,  # the default of 1 s is felt at the desk
    }
# Tests run tasks by hand (illdesk.outbox.send_due …); nobody listens to a broker there.
SEND_TASKS = not TESTING or env.bool("ILLDESK_SEND_TASKS", default=False)

# --- Partner libraries ----------------------------------------------------------------------------
# Loopback and private addresses of partners are refused unless this is on (demo and tests).
ALLOW_PRIVATE_ADDRESSES = env.bool("ILLDESK_ALLOW_PRIVATE_ADDRESSES", default=not PRODUCTION)
# The other desk of the demo (set by run.sh): load_demo makes each the other's partner.
PEER_URL = env("ILLDESK_PEER_URL", default="").rstrip("/")
OUTSIDE_TIMEOUT = 20
MAX_MESSAGE_BYTES = 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("ILLDESK_LOG_LEVEL", default="WARNING")},
}
