"""``python3 -m launch``: see ``python3 -m launch --help``."""

import sys

# Before any import of our own: an older Python would stop at their syntax with a traceback.
if sys.version_info < (3, 9):  # noqa: UP036
    sys.exit("Relais is started by Python 3.9 or later: name one, for example make PYTHON=python3.11 run.")

from launch.cli import main

sys.exit(main(sys.argv[1:]))
