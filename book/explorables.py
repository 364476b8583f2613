"""The explorables on the site: their scripts, and the weights that they load when they are seen."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

PACKAGE = Path(__file__).parents[1] / "alignlib"
STATIC = PACKAGE / "explorables" / "static"
ASSETS = {
    "base": PACKAGE / "tiny" / "model.safetensors",
    "tokenizer": PACKAGE / "tiny" / "tokenizer.json",
    **{
        name: PACKAGE / "explorables" / "models" / f"{name}.safetensors"
        for name in ("shown", "rewarded", "polite")
    },
}
"""By the name that a script asks for, the file that it gets."""


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", add_script)
    app.connect("build-finished", copy_scripts)


def add_script(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Load the explorables on the pages that have one, and on no other."""
    if 'class="explorable"' in context.get("body", ""):
        app.add_js_file("explorables.js", loading_method="defer")
        app.add_css_file("explorables/explorables.css")


def copy_scripts(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.format == "html":
        copy_files(Path(app.outdir) / "_static")


def copy_files(static: Path) -> None:
    """Copy what the explorables load. A page on the disk can't fetch, so files come as scripts."""
    target = static / "explorables"
    shutil.copytree(STATIC, target, dirs_exist_ok=True)
    (target / "assets").mkdir(exist_ok=True)
    for name, path in ASSETS.items():
        text = base64.b64encode(path.read_bytes()).decode()
        script = f"(globalThis.explorableAssets ??= {{}})[{json.dumps(name)}] = '{text}';\n"
        (target / "assets" / f"{name}.js").write_text(script)
