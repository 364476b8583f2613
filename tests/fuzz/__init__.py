"""Parsers and judges, fuzzed: whatever they are given, they answer or say in a typed error why not.

Each target takes bytes. ``pytest tests/fuzz`` gives each some hundred that hypothesis makes up, the
same each time, and all that were ever found to break one. ``python -m tests.fuzz`` looks for more,
guided by which lines they reach.
"""
