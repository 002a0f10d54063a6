"""How the platform is run: command line, worker, schedules, demo world, stand-ins."""

import gc

# Python's garbage collector runs after each 700 new objects, and imports make a million objects, none of which is
# garbage: that takes a sixth of a worker's start, and a fifth of a Prefect server's.
gc.set_threshold(20_000, 20, 20)
