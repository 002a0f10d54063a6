"""Charts of a feed's last nights: SVG without scripts, each shown beside a table of the same figures."""

import sys
from collections.abc import Callable, Sequence
from typing import Any
from xml.etree.ElementTree import Element  # made here, never parsed

import pygal
from pygal.style import Style

from domain.referrals.household import Language
from domain.working_days import COPENHAGEN
from storage.feeds.feeds import FeedLoad
from templates import translated
from templates.words.feeds import SERIES

# pygal's import hook for plugins, of which we have none, uses a protocol that Python has dropped: every later import
# would warn.
sys.meta_path[:] = [hook for hook in sys.meta_path if not isinstance(hook, pygal.PluginImportFixer)]

BLUE, RED, GREY = "#0059b3", "#cc0000", "#8c8c8c"
LABEL_EVERY_NIGHTS = 7
WIDTH, HEIGHT = 480, 240
# The SVG's own policy: its styles stand in the file, and nothing else is allowed.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

Series = tuple[str, str, Callable[[FeedLoad], int]]
ROWS: tuple[Series, ...] = (
    ("good", BLUE, lambda load: load.rows - load.quarantined),
    ("quarantined", RED, lambda load: load.quarantined),
)
CHANGES: tuple[Series, ...] = (
    ("appeared", BLUE, lambda load: load.appeared),
    ("changed", GREY, lambda load: load.changed),
    ("vanished", RED, lambda load: load.vanished),
)
CHARTS: dict[str, tuple[Series, ...]] = {"rows": ROWS, "changes": CHANGES}


def chart(name: str, nights: Sequence[FeedLoad], language: Language) -> str:
    """The chart of `CHARTS` with this name, as SVG; a figure of 0 has no bar."""
    said = translated(language)
    drawn: Any = pygal.StackedBar(
        width=WIDTH,
        height=HEIGHT,
        js=[],
        disable_xml_declaration=True,
        no_data_text=said(SERIES["none"]),
        style=Style(
            background="transparent",
            plot_background="transparent",
            font_family="IBM Plex Sans, system-ui, sans-serif",
            label_font_size=13,
            major_label_font_size=13,
            legend_font_size=14,
            no_data_font_size=18,
            opacity="1",
            colors=tuple(colour for _, colour, _ in CHARTS[name]),
        ),
        legend_at_bottom=True,
        legend_at_bottom_columns=len(CHARTS[name]),
        truncate_legend=-1,
        truncate_label=-1,
        show_minor_x_labels=False,
        show_minor_y_labels=False,
        y_labels_major_count=3,
        min_scale=2,
        max_scale=4,
        value_formatter=lambda figure: f"{figure:.0f}",
        spacing=6,
        x_labels_major_every=LABEL_EVERY_NIGHTS,
        include_x_axis=True,
        print_values=False,
    )
    drawn.x_labels = [load.started_at.astimezone(COPENHAGEN).strftime("%-d.%-m.") for load in nights]
    for title, _, figure in CHARTS[name]:
        drawn.add(said(SERIES[title]), [figure(load) or None for load in nights])
    drawn.add_xml_filter(_without_scripts)
    return str(drawn.render(is_unicode=True))


def _without_scripts(svg: Element) -> Element:
    """The SVG without the script element in which pygal writes its settings."""
    for holder in list(svg.iter()):
        for script in [child for child in holder if str(child.tag).endswith("script")]:
            holder.remove(script)
    return svg
