"""Names what the child process is asked, without importing what it answers with."""

from enum import StrEnum


class Question(StrEnum):
    """One for each function of ``child.TASKS``."""

    HIGHDICOM = "highdicom"
    """Does highdicom's own reader read the object whole?"""
