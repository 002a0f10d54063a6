"""Deeds that are done at the same instant."""

import threading
from concurrent.futures import ThreadPoolExecutor


def all_at_once(deeds):
    """Do everything at the same instant, each in a thread of its own; what each came to."""
    gate = threading.Barrier(len(deeds))

    def after_the_others(deed):
        gate.wait()
        return deed()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(after_the_others, deeds))
