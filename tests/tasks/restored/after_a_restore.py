"""The result of a restore."""

from tasks.restored.restored import Restored

REFERENCE = "TF-2026-00001"


def settled(found: Restored) -> set[tuple[str, str]]:
    return {(str(one.subject), one.code) for one in found.to_settle}
