"""`python -m deployments.worker.scheduled_run`: one run of a schedule, in a process that ends with its worker.

The worker holds our standard input open. When that ends, however the worker ended, so do we, in the middle of whatever
it was: what is decided is in the database, and the run is planned again.
"""

import os
import runpy
import sys
import threading

LEFT_ALONE = 75


def end_with_the_worker() -> None:
    """Read until there is nobody to be read from."""
    while os.read(sys.stdin.fileno(), 64):
        pass
    os._exit(LEFT_ALONE)


def main() -> None:
    """Run the flow run that the environment names."""
    threading.Thread(target=end_with_the_worker, name="worker-ends", daemon=True).start()
    runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
