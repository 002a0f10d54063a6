"""`python -m tests.benchmarks.worker_process`: the worker, with partners and mail in its own processes."""

from collections import deque
from dataclasses import replace

from deployments.worker.worker import Worker
from storage.settings import Settings, load_settings
from tasks import platform as composition
from tests.world.in_process import InProcessMail, InProcessPartners


def with_partners_here() -> None:
    """Have this process's platform use partners and a mail server in this process."""
    # The mail server keeps no letters, as thousands of them would be counted as the worker's memory.
    partners = InProcessPartners(mail=InProcessMail(taken=deque(maxlen=0)))
    as_set = composition.platform_of

    def platform_of(chosen: Settings) -> composition.Platform:
        return replace(as_set(chosen), mailer=partners.mail, connect=partners.connect)

    composition.platform_of = platform_of


def main() -> None:
    """Work until SIGTERM."""
    with_partners_here()
    Worker(composition.current(), load_settings(), deliverer="tests.benchmarks.deliverer_process").run()


if __name__ == "__main__":
    main()
