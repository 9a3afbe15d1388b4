"""Serves the application on 127.0.0.1: `python serve.py PORT`, where 0 lets the system choose.

Prints `ready PORT` once it takes connections, with the API token behind it.
"""

import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"

import django
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from waitress import create_server

django.setup()

from django.contrib.auth.models import User
from rest_framework.authtoken.models import Token

call_command("migrate", run_syncdb=True, verbosity=0)
user, _ = User.objects.get_or_create(username="dabir")
token, _ = Token.objects.get_or_create(user=user)
server = create_server(get_wsgi_application(), listen=f"127.0.0.1:{sys.argv[1]}", threads=2)
print(f"ready {server.effective_port} {token.key}", flush=True)
server.run()
