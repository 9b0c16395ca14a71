"""Says what a mask file is named after."""

import re

LONGEST_NAME = 64
PLACE = re.compile(r"^\d{6}-")
"""What a file's place among the others is told by, before its name (``EncodingFolder``)."""
ENDINGS = (".nii.gz", ".nii", ".nrrd", ".npy", ".npz", ".zip", ".png")


def kept(name: str) -> str:
    """What is kept of a client's file name: ASCII letters, digits, ``.``, ``_`` and ``-`` of its last part, 64 of them."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isascii() and (letter.isalnum() or letter in "._-"))[
        -LONGEST_NAME:
    ]


def stem(name: str) -> str:
    """What is kept of the name of a file, or of what it shall be called, without its place and the ending of its format."""
    found = PLACE.sub("", kept(name))
    ending = next((ending for ending in ENDINGS if found.lower().endswith(ending)), "")
    return found[: len(found) - len(ending)]
