"""How it is run: command line, worker, schedules, demo world, stand-ins."""

import gc

# Python looks for garbage after each 700 new objects, and what a process imports is a million of them, none of which is
# garbage: a sixth of a worker's start, and a fifth of a Prefect server's.
gc.set_threshold(20_000, 20, 20)
