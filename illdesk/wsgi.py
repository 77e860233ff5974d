import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "illdesk.settings")
application = get_wsgi_application()

from illdesk.checks import refuse_demo_accounts  # noqa: E402  needs the applications loaded

refuse_demo_accounts()
