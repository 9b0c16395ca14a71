"""Rules about windows and lookup tables of presentation states (PS3.3 C.11.1, C.11.2, C.11.8, C.7.9)."""

from collections.abc import Iterator
from itertools import chain

from overlays.dicom.dataset import DataSet
from overlays.dicom.read_presentation import transformed
from overlays.dicom.rules.rule import PRESENTATION_STATES, Breach, Rule, error, rules
from overlays.dicom.sop_classes import BLENDING_PRESENTATION_STATE, PSEUDO_COLOR_PRESENTATION_STATE
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

COLORS = ("Red", "Green", "Blue")
PALETTE = "{}PaletteColorLookupTable{}"
WITH_PALETTE = (PSEUDO_COLOR_PRESENTATION_STATE, BLENDING_PRESENTATION_STATE)
DESCRIPTOR_BYTES = 6
ALL_ENTRIES = 65536
"""What 0 stands for in the first value of a descriptor (C.11.1.1.1)."""
PALETTE_BITS = (8, 16)
TABLE_BITS = range(8, 17)


def _windows(subject: Subject) -> Iterator[Breach]:
    """Of a linear function a width below 1 has no meaning; of an exact or a sigmoid one, a width of 0 or less (C.11.2.1.2, C.11.2.1.3)."""
    for item in _voi_items(subject):
        centers, widths = item.numbers("WindowCenter"), item.numbers("WindowWidth")
        if centers is None or widths is None:
            continue
        if len(centers) != len(widths):
            yield item.place("WindowWidth"), f"{len(centers)} window centers have as many widths; found {len(widths)}."
        linear = item.text("VOILUTFunction") in ("", "LINEAR")
        wrong = [width for width in widths if width < 1 and (linear or width <= 0)]
        if wrong:
            yield (
                item.place("WindowWidth"),
                f"A window is {'at least 1' if linear else 'more than 0'} wide; found {wrong[0]:g}.",
            )


def _voi_items(subject: Subject) -> Iterator[DataSet]:
    for part in transformed(subject.data_set):
        yield from part.each("SoftcopyVOILUTSequence")


def _window_or_table(subject: Subject) -> Iterator[Breach]:
    for item in _voi_items(subject):
        if item.is_empty("WindowCenter") and not item.count("VOILUTSequence"):
            yield item.place("WindowCenter"), "A Softcopy VOI LUT has a window or a lookup table; found neither."


def _tables(subject: Subject) -> Iterator[Breach]:
    root = subject.data_set
    for item in root.each("PresentationLUTSequence"):
        yield from _table(item, "LUTDescriptor", "LUTData", TABLE_BITS)
    for part in transformed(root):
        for item in part.each("ModalityLUTSequence"):
            yield from _table(item, "LUTDescriptor", "LUTData", TABLE_BITS)
    for voi in _voi_items(subject):
        for item in voi.each("VOILUTSequence"):
            yield from _table(item, "LUTDescriptor", "LUTData", TABLE_BITS)
    for holder in _palettes(root):
        yield from _palette(holder)


def _palettes(root: DataSet) -> Iterator[DataSet]:
    inputs = (part.each("PaletteColorLookupTableSequence") for part in root.each("AdvancedBlendingSequence"))
    for holder in chain((root,), chain.from_iterable(inputs)):
        if any(PALETTE.format(color, "Descriptor") in holder for color in COLORS):
            yield holder


def _palette(holder: DataSet) -> Iterator[Breach]:
    for color in COLORS:
        descriptor, data = PALETTE.format(color, "Descriptor"), PALETTE.format(color, "Data")
        if f"Segmented{data}" in holder:
            data = ""  # How long a segmented table is, only its segments say (C.7.9.2).
        yield from _table(holder, descriptor, data, PALETTE_BITS)


def _table(holder: DataSet, descriptor: str, data: str, bits_allowed: range | tuple[int, ...]) -> Iterator[Breach]:
    row = holder.row_of(descriptor)
    if row is None or holder.scan.lengths[row] != DESCRIPTOR_BYTES:
        yield holder.place(descriptor), "A lookup table has a descriptor of three values."
        return
    value = holder.scan.value(row)
    entries = int.from_bytes(value[:2], "little") or ALL_ENTRIES
    bits = int.from_bytes(value[4:], "little")
    if bits not in bits_allowed:
        yield (
            holder.place(descriptor),
            f"Entries of this table have {bits_allowed[0]} to {bits_allowed[-1]} bits; found {bits}.",
        )
        return
    if not data:
        return
    row = holder.row_of(data)
    found = holder.scan.lengths[row] if row is not None else 0
    packed = entries + entries % 2
    if found != 2 * entries and (bits != PALETTE_BITS[0] or found != packed):
        yield holder.place(data), f"{entries} entries of {bits} bits do not have {found} bytes."


def _palette_present(subject: Subject) -> Iterator[Breach]:
    root = subject.data_set
    if root.text("SOPClassUID") not in WITH_PALETTE:
        return
    if not any(PALETTE.format(color, "Descriptor") in root for color in COLORS):
        yield (
            path(PALETTE.format("Red", "Descriptor")),
            "The state has no palette, so that it is not known which colours are shown.",
        )


RULES: tuple[Rule, ...] = rules(
    (error, "PR-013", "Windows have a center and a width, which is at least 1.", "PS3.3 C.11.2.1.2", _windows),
    (error, "PR-014", "A Softcopy VOI LUT has a window or a table.", "PS3.3 C.11.8", _window_or_table),
    (
        error,
        "PR-015",
        "Lookup tables are as long as their descriptor says.",
        "PS3.3 C.11.1.1, C.11.2.1.1, C.7.9.1",
        _tables,
    ),
    (error, "PR-016", "Pseudo-colour and blending have a palette.", "PS3.3 A.33.3, A.33.4, C.7.9", _palette_present),
    applies=PRESENTATION_STATES,
)
