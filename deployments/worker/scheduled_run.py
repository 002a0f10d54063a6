"""`python -m deployments.worker.scheduled_run`: one run of a schedule, in a process that ends with its worker.

The worker holds this process's standard input open. When that input ends, because the worker has ended in whatever
way, this process ends at once: what is decided is in the database, and the run is planned again.
"""

import os
import runpy
import sys
import threading

LEFT_ALONE = 75


def end_with_the_worker() -> None:
    """Wait until standard input ends, and end the process."""
    while os.read(sys.stdin.fileno(), 64):
        pass
    os._exit(LEFT_ALONE)


def main() -> None:
    """Run the flow run that the environment names."""
    threading.Thread(target=end_with_the_worker, name="worker-ends", daemon=True).start()
    runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
