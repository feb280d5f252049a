"""Compile the translations that changed; no gettext tools are needed."""

import sys

from guanxi.site.prepare import compile_messages

done = compile_messages()
if done:
    sys.stdout.write("Compiled %d translations.\n" % done)
