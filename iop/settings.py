"""
Settings of Tideway, for development and production alike.

Every value that differs between machines comes from the environment through
`iop.config`, is checked here once, and fails with a sentence that says what to do.
"""

import os
from importlib.util import find_spec
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.templatetags.static import static
from django.urls import reverse_lazy

from iop.config import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
ENV = Environment(os.environ)

DEBUG = ENV.flag("DEBUG")
SECRET_KEY = ENV.secret(debug=DEBUG)
ALLOWED_HOSTS = ENV.hosts(debug=DEBUG)
CLINIC = ENV.clinic(debug=DEBUG)
PRODUCT_NAME = "Tideway"
# Where "Hide this page" leads: somewhere that anybody may be looking at (EXPERIENCE 4).
NEUTRAL_SITE = ENV.text("NEUTRAL_SITE", "https://www.weather.gov/")
# A file like intake/costs/sliding_scale.yaml with the clinic's own discounts by income; empty for the one that comes along.
SLIDING_SCALE = ENV.text("SLIDING_SCALE", "")

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "iop",
    "accounts",
    "messaging",
    "intake",
    "programs",
    "scheduling",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "iop.middleware.SecurityHeaders",
    "iop.middleware.BodyLimit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.ActorMiddleware",
    "accounts.middleware.PolicyMiddleware",
]

ROOT_URLCONF = "iop.urls"
WSGI_APPLICATION = "iop.wsgi.application"

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
                "iop.context.clinic",
                "iop.context.navigation",
            ],
            "builtins": ["iop.templatetags.ui", "iop.templatetags.when"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["bootstrap5"]
CRISPY_TEMPLATE_PACK = "bootstrap5"

# The database: the only truth. Timeouts keep one stuck statement from holding the clinic (REL-16).
DATABASES = {
    "default": dj_database_url.parse(
        ENV.text("DATABASE_URL", advice="Use make run, or set it to postgres://user:password@host:port/name."),
        conn_max_age=60,
        conn_health_checks=True,
    )
}
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": 3,
    "options": "-c statement_timeout=15s -c lock_timeout=3s -c idle_in_transaction_session_timeout=30s",
}
if suffix := ENV.text("TEST_DB_SUFFIX", ""):
    DATABASES["default"]["TEST"] = {"NAME": f"test_iop_{suffix}"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Redis or Valkey: hints for the worker, never the truth.
REDIS_URL = ENV.text("REDIS_URL", advice="Use make run, or set it to redis://:password@host:port/0.")

# The tested values of REL-11. The visibility timeout stays above six hard limits, or a long task would run twice.
SWEEP_SECONDS = 5 if DEBUG else 30
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_timeout": 2,
    "socket_connect_timeout": 2,
    "max_retries": 2,
    # A producer waits between its tries for as long as these say: left out, six seconds of a person's time (REL-02).
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
    "connect_retries_timeout": 2,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0, "interval_max": 0.5}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 60
CELERY_TASK_TIME_LIMIT = 90
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "messaging.sweep", "schedule": float(SWEEP_SECONDS), "options": {"expires": SWEEP_SECONDS}},
    # Only what the bell missed, or a worker that died left behind.
    "rehearse": {"task": "programs.rehearse", "schedule": 60.0, "options": {"expires": 60}},
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home_of_role"
ACCOUNT_ADAPTER = "accounts.adapter.InvitedOnly"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_FORMS = {"login": "accounts.forms.SignInForm"}
# ROBUSTNESS 5.2: tries in all, and wrong ones, from one address and for one account.
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = ENV.number("TRUSTED_PROXY_COUNT", 0)

# Limits and one-time state live in the database: they outlast Redis and hold across processes (SEC-15).
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_FAILURE_VIEW = "iop.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if not DEBUG:
    SECURE_SSL_REDIRECT = ENV.flag("SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# EXPERIENCE 13.1. The admin's looser policy is set by iop.middleware.SecurityHeaders, for /admin/ alone.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
CONTENT_SECURITY_POLICY_ADMIN = {
    "DIRECTIVES": {
        **CONTENT_SECURITY_POLICY["DIRECTIVES"],
        "script-src": [SELF, "'unsafe-eval'"],
        "style-src": [SELF, "'unsafe-inline'"],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # ROBUSTNESS 5.1
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
TABLE_UPLOAD_MAX_SIZE = 2 * 1024 * 1024 + 64 * 1024  # 2 MiB of CSV (ROBUSTNESS 5.3) and what a form adds

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
LANGUAGES = [("en", "English"), ("es", "Español")]

# bootstrap-wrapper has no __init__, so its folder is asked from the import system.
BOOTSTRAP = Path(next(iter(find_spec("bootstrap").submodule_search_locations)))  # type: ignore[union-attr,arg-type]
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/bootstrap/css", BOOTSTRAP / "css"),
    ("vendor/bootstrap/js", BOOTSTRAP / "js"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or ENV.flag("PLAIN_STATIC")
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or ENV.flag("PLAIN_STATIC")
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["map", "woff2", "png", "gz", "br"]

# Mail leaves through SMTP only; in development and tests the host is the local sink.
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = ENV.text("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = ENV.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = ENV.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = ENV.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_SSL = ENV.flag("EMAIL_USE_SSL")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = ENV.text("DEFAULT_FROM_EMAIL", f"{CLINIC.name} <no-reply@oakstreet.example>")
MAIL_SINK_LOG = ENV.text("MAIL_SINK_LOG", "")
MESSAGING_LEASE_SECONDS = ENV.number("MESSAGING_LEASE_SECONDS", 60)
PORTAL_ADDRESS = ENV.text("PORTAL_ADDRESS", "oakstreet.example/my")

UNFOLD = {
    "SITE_TITLE": PRODUCT_NAME,
    "SITE_HEADER": PRODUCT_NAME,
    "SITE_SYMBOL": "waves",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("img/mark.svg")}],
    "SHOW_HISTORY": True,
    "ENVIRONMENT": "iop.admin.environment",
    "DASHBOARD_CALLBACK": "programs.admin.attention.cards",
    "STYLES": [lambda _request: static("css/admin.css")],
    "SCRIPTS": [lambda _request: static("js/admin.js")],
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "title": "Programs",
                "separator": True,
                "items": [
                    {
                        "title": "Programs",
                        "icon": "event_note",
                        "link": reverse_lazy("admin:programs_program_changelist"),
                    },
                    {"title": "Tracks", "icon": "alt_route", "link": reverse_lazy("admin:programs_track_changelist")},
                ],
            },
            {
                "title": "Calendar",
                "separator": True,
                "items": [
                    {"title": "Cohorts", "icon": "groups", "link": reverse_lazy("admin:programs_cohort_changelist")},
                    {"title": "Rooms", "icon": "meeting_room", "link": reverse_lazy("admin:programs_room_changelist")},
                    {
                        "title": "Closures",
                        "icon": "event_busy",
                        "link": reverse_lazy("admin:programs_closure_changelist"),
                    },
                ],
            },
            {
                "title": "People and roles",
                "separator": True,
                "items": [
                    {"title": "Users", "icon": "person", "link": reverse_lazy("admin:accounts_user_changelist")},
                    {
                        "title": "Credentials",
                        "icon": "badge",
                        "link": reverse_lazy("admin:programs_credential_changelist"),
                    },
                    {
                        "title": "Locations",
                        "icon": "pin_drop",
                        "link": reverse_lazy("admin:accounts_location_changelist"),
                    },
                ],
            },
            {
                "title": "Coverage",
                "separator": True,
                "items": [
                    {
                        "title": "Payers",
                        "icon": "account_balance",
                        "link": reverse_lazy("admin:programs_payer_changelist"),
                    }
                ],
            },
            {
                "title": "System",
                "separator": True,
                "items": [
                    {
                        "title": "Hours of levels",
                        "icon": "schedule",
                        "link": reverse_lazy("admin:programs_levelhours_changelist"),
                    }
                ],
            },
        ],
    },
    "COLORS": {
        "primary": {
            "50": "#EEF5F2",
            "100": "#DCEBE6",
            "200": "#B9D7CE",
            "300": "#8FBFB2",
            "400": "#5C9D8E",
            "500": "#3A7F72",
            "600": "#1E5B54",
            "700": "#184D47",
            "800": "#154741",
            "900": "#103733",
            "950": "#0A2421",
        }
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
