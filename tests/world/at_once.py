"""Runs deeds at the same instant."""

import threading
from concurrent.futures import ThreadPoolExecutor


def all_at_once(deeds):
    """Do all deeds at the same instant, each in a thread of its own; returns their results."""
    gate = threading.Barrier(len(deeds))

    def after_the_others(deed):
        gate.wait()
        return deed()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(after_the_others, deeds))
