"""Builds valid objects for tests, alike at every call; every function returns a fresh data set that the caller may change.

==================  ==================================================================================================
``uid(*words)``     a UID made of the words alone
``ct_series``       a CT series of 64 by 64 pixels, spacing, orientation and frame of reference set
``segmentation``    a Segmentation or Label Map Segmentation of such a series
``report``          a TID 1500 report about such a series and a segmentation
``to_bytes``        a data set as a Part 10 file
``write``           the same into a folder
``write_series``    several of them
``deflated``        a Part 10 file in Deflated Explicit VR Little Endian
``sources_of``      what a registry that holds these images knows of them (``KnownSource``)
==================  ==================================================================================================

``tests.builders.mutations`` breaks them one rule at a time; ``tests.builders.large`` writes a segmentation of thousands of frames.
"""

from tests.builders.files import deflated, to_bytes, write, write_series
from tests.builders.images import ct_series, sources_of
from tests.builders.reports import report
from tests.builders.segmentations import segmentation
from tests.builders.uids import uid

__all__ = ["ct_series", "deflated", "report", "segmentation", "sources_of", "to_bytes", "uid", "write", "write_series"]
