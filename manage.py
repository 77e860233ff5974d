#!/usr/bin/env python
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "illdesk.settings")
    if sys.argv[1:2] == ["bench"]:
        os.environ["ILLDESK_MODE"] = "test"  # measures on scratch databases, never on the desk's own
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
