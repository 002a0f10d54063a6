"""`python -m tests.benchmarks.worker_process`: the worker as it is, with partners and mail in its own process."""

from collections import deque
from dataclasses import replace

from deployments.schedules import quiet_prefect
from deployments.standins.in_process import InProcessMail, InProcessPartners
from deployments.worker import Worker
from storage.settings import Settings, load_settings
from tasks import platform as composition


def main() -> None:
    """Work until SIGTERM."""
    quiet_prefect()
    # It takes every letter and keeps none: thousands of them would be counted as the worker's memory.
    partners = InProcessPartners(mail=InProcessMail(letters=deque(maxlen=0)))  # type: ignore[arg-type]  # appended to only
    as_set = composition.platform_of

    def with_partners_here(chosen: Settings) -> composition.Platform:
        return replace(as_set(chosen), mailer=partners.mail, connect=partners.connect)

    composition.platform_of = with_partners_here
    Worker(composition.current(), load_settings()).run()


if __name__ == "__main__":
    main()
