"""Whether the demo world's packages are installed, which a production installation does without."""

import re
from importlib.metadata import PackageNotFoundError, distribution, requires

from domain.errors import TilflytError

OURS = "tilflytterstyring"
OF_THE_DEMO = re.compile(r"([\w.-]+)[^;]*;\s*extra == ['\"]demo['\"]")


class DemoToolsMissing(TilflytError):
    """The demo was started where its tools are not installed."""

    code = "demo_tools_missing"


def demo_tools_are_here() -> None:
    """Check that the demo's tools are installed; `DemoToolsMissing` names those that are not."""
    wanted = [found[1] for one in requires(OURS) or () if (found := OF_THE_DEMO.match(one))]
    missing = [name for name in wanted if not _is_installed(name)]
    if missing:
        raise DemoToolsMissing(
            f"the demo's tools are not installed here ({', '.join(missing)}), as is right in production; "
            "play the demo in a checkout elsewhere, with `make demo`"
        )


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True
