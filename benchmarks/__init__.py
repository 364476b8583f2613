"""How fast alignlib is: beside TRL and ``generate`` in the same run, and beside the machine."""
