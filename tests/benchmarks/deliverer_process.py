"""`python -m tests.benchmarks.deliverer_process`: the worker's deliverer, with partners and mail in its own process."""

from deployments.worker import deliverer
from tests.benchmarks.worker_process import with_partners_here

if __name__ == "__main__":
    with_partners_here()
    deliverer.main()
