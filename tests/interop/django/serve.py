# SPDX-License-Identifier: ISC
"""django-scim2 on django's own users and groups, in SQLite, behind HTTP Basic: its base URL and what signs in as a line of JSON."""

import base64
import json
import os
import sys
import tempfile
import wsgiref.simple_server

import django
from django.conf import settings

USER, PASSWORD = "reader", "django-scim2-password"


class BasicAuth:
    """django has no HTTP Basic of its own; who shows the password is signed in."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        from django.contrib.auth import get_user_model

        expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if request.headers.get("Authorization") == f"Basic {expected}":
            request.user = get_user_model()(username=USER, is_active=True)
        else:
            from django.contrib.auth.models import AnonymousUser

            request.user = AnonymousUser()
        return self.get_response(request)


settings.configure(
    SECRET_KEY="x",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django_scim", "accounts"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(tempfile.mkdtemp(), "db")}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    AUTH_USER_MODEL="accounts.Account",
    MIDDLEWARE=[f"{__name__}.BasicAuth", "django_scim.middleware.SCIMAuthCheckMiddleware"],
    SCIM_SERVICE_PROVIDER={
        "NETLOC": "127.0.0.1",
        "SCHEME": "http",
        "AUTHENTICATION_SCHEMES": [{"type": "httpbasic", "name": "HTTP Basic", "description": "HTTP Basic"}],
        "GROUP_MODEL": "accounts.models.Team",
    },
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import include, path  # noqa: E402

urlpatterns = [path("scim/v2/", include("django_scim.urls"))]


class Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *words):
        pass


call_command("migrate", verbosity=0, run_syncdb=True)
server = wsgiref.simple_server.make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
print(json.dumps({"base": f"http://127.0.0.1:{server.server_port}/scim/v2", "token": f"{USER}:{PASSWORD}", "auth": "Basic"}), flush=True)
server.serve_forever()
