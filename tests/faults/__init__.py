"""Faults, each injected for real, and what is there afterwards.

Each test says with the fixture ``fault`` what it did, what happened and what was kept. From what
passed ``python -m tests.faults`` writes the table in SECURITY.md.
"""
