"""``python -m alignlib``: the command line."""

import sys

from alignlib.cli import main

sys.exit(main())
