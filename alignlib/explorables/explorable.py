"""One explorable: its JavaScript, its data and what it shows in words."""

from __future__ import annotations

import html
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True)
class Explorable:
    """A figure that a reader operates. The last line of a cell shows it.

    In a notebook it is a widget whose logic is JavaScript, so it needs no kernel once it is shown.
    In a stored notebook it is HTML, which the site brings to life and other viewers show as text.

    Attributes:
        name: of its script in ``static/``.
        alternative: what it shows and lets one do, for readers who can't see or run it.
        data: what the script starts from; JSON.
        assets: by name, the bytes of files that it needs, such as weights. The site has its own.
    """

    name: str
    alternative: str
    data: Mapping[str, Any] = field(default_factory=dict)
    assets: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @cached_property
    def widget(self) -> Any:
        """The live widget, an ``anywidget.AnyWidget``; the same one each time."""
        import anywidget
        import traitlets

        class ExplorableWidget(anywidget.AnyWidget):
            _esm = (STATIC / f"{self.name}.js").read_text() + "export default explorable.default;"
            _css = (STATIC / "explorables.css").read_text()
            data = traitlets.Dict().tag(sync=True)
            assets = traitlets.Dict().tag(sync=True)

        return ExplorableWidget(data=dict(self.data), assets=dict(self.assets))

    @property
    def html(self) -> str:
        """What stands for it where no kernel is: the alternative, and the data for the site."""
        data = json.dumps(self.data, separators=(",", ":")).replace("<", "\\u003c")
        return (
            f'<div class="explorable" data-explorable="{self.name}">'
            f'<script type="application/json">{data}</script>'
            f"<p>{html.escape(self.alternative)}</p></div>"
        )

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle, metadata = self.widget._repr_mimebundle_()
        bundle = {**bundle, "text/plain": self.alternative}
        if "google.colab" not in sys.modules:  # which would show the HTML instead of the widget
            bundle["text/html"] = self.html
        return bundle, metadata
