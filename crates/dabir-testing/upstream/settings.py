"""Settings of the test's Django: everything switchable comes from the environment."""

import os
from pathlib import Path

HOME = Path(os.environ["UPSTREAM_DIR"])
PAGE_SIZE = int(os.environ.get("UPSTREAM_PAGE_SIZE", "0"))
NEEDS_TOKEN = os.environ.get("UPSTREAM_AUTH") == "1"
SENDS_ETAGS = os.environ.get("UPSTREAM_ETAG") == "1"

SECRET_KEY = "only for tests"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "rest_framework",
    "rest_framework.authtoken",
    "meetings",
]
# Tables are made straight from the models; a test has no past to migrate from.
MIGRATION_MODULES = {app: None for app in ("contenttypes", "auth", "authtoken", "meetings")}

MIDDLEWARE = ["meetings.counting.Counting", "django.middleware.common.CommonMiddleware"]
if SENDS_ETAGS:
    MIDDLEWARE.append("django.middleware.http.ConditionalGetMiddleware")

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": HOME / "upstream.db"}}

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions." + ("IsAuthenticated" if NEEDS_TOKEN else "AllowAny")
    ],
}
