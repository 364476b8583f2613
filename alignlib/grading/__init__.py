"""Graded exercises: the check in the notebook, and the grader of a folder of notebooks.

The way of an answer: a student's function is called in the sandbox (``inside``) on encoded cases;
what it returns comes out as data; ``key`` holds it against the right answer and against what known
mistakes give; ``marking`` turns that into points and ``reports`` into feedback.
"""

from alignlib.grading.check import check

__all__ = ["check"]
