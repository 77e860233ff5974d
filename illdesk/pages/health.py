"""Is the process alive; is the desk able to work. For proxies and supervisors: no sign-in, few words."""

from django.db import DatabaseError, connection
from django.http import HttpResponse

from illdesk.http import open_page


@open_page
def live(request):
    return HttpResponse("alive\n", content_type="text/plain")


@open_page
def ready(request):
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("the database does not answer\n", status=503, content_type="text/plain")
    return HttpResponse("ready\n", content_type="text/plain")
