"""Builds valid objects for tests, alike at every call; every function returns a fresh data set that the caller may change.

==================  ==================================================================================================
``uid(*words)``     a UID made of the words alone
``ct_series``       a CT series of 64 by 64 pixels, spacing, orientation and frame of reference set
``segmentation``    a Segmentation or Label Map Segmentation of such a series
``report``          a TID 1500 report about such a series and a segmentation
``presentation``    a presentation state of one of five classes for such a series
``key_objects``     a key object selection, or a rejection note, of images and a segmentation
``capture``         a secondary capture of such a series, one picture or several frames
``parametric_map``  a map of probabilities over such a series, of 32 or 64 bit floating point or of 16 bit whole pixels
``structure_set``   regions of interest drawn on such a series
``basic_text``      a Basic Text report about such a series
``slide_image``     a whole slide image of black tiles
``annotations``     two groups of bulk annotations on such a slide
``to_bytes``        a data set as a Part 10 file
``write``           the same into a folder
``write_series``    several of them
``deflated``        a Part 10 file in Deflated Explicit VR Little Endian
``sources_of``      what a registry that holds these images knows of them (``KnownSource``)
==================  ==================================================================================================

``saved_segmentation`` and ``saved_report`` are such objects as a reader saves them in OHIF. ``tests.builders.mutations`` breaks them
one rule at a time; ``tests.builders.large`` writes a segmentation of thousands of frames.
"""

from tests.builders.annotations import annotations
from tests.builders.basic_texts import basic_text
from tests.builders.captures import capture
from tests.builders.files import deflated, to_bytes, write, write_series
from tests.builders.images import ct_series, slide_image, sources_of
from tests.builders.key_objects import key_objects
from tests.builders.parametric_maps import parametric_map
from tests.builders.presentations import presentation
from tests.builders.reports import report
from tests.builders.saved import saved_report, saved_segmentation
from tests.builders.segmentations import segmentation
from tests.builders.structure_sets import structure_set
from tests.builders.uids import uid

__all__ = [
    "annotations",
    "basic_text",
    "capture",
    "ct_series",
    "deflated",
    "key_objects",
    "parametric_map",
    "presentation",
    "report",
    "saved_report",
    "saved_segmentation",
    "segmentation",
    "slide_image",
    "sources_of",
    "structure_set",
    "to_bytes",
    "uid",
    "write",
    "write_series",
]
