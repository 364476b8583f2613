"""Explorables: figures that a reader operates, in a notebook and on the page, without a kernel."""

from alignlib.explorables.explorable import Explorable

__all__ = ["Explorable"]
