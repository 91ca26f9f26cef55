"""Decision trees of the guided diagnosis: their form, their checks, their files, and the walk through one.

What customers are led through and what writers try is the same code.
"""

from __future__ import annotations

from service.trees.checks import Problem, problems
from service.trees.files import LARGEST, Folder, TreeError, load, parse, read, written
from service.trees.model import LANGUAGES, Node, Said, Tree, TreeChoice, Words

__all__ = [
    "LANGUAGES",
    "LARGEST",
    "Folder",
    "Node",
    "Problem",
    "Said",
    "Tree",
    "TreeChoice",
    "TreeError",
    "Words",
    "load",
    "parse",
    "problems",
    "read",
    "written",
]
