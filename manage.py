"""Django's own command line, for tools that look for it; people use `guanxi`."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.site.settings")
    execute_from_command_line(sys.argv)
