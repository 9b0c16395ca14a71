"""Changes the tree of a valid object in one way at a time, each told by four numbers so that it can be told again."""

from collections.abc import Callable
from dataclasses import dataclass

from overlays.dicom import value_representations as vr
from overlays.dicom.sop_classes import SOP_CLASSES
from tests.fuzz.seeds import seed
from tests.fuzz.tree import UNDEFINED, Element, Item
from tests.fuzz.values import extreme

VRS = (*vr.SHORT_NAMES, *vr.LONG_NAMES)
TAGS = (
    *(
        0x00080005,
        0x00080016,
        0x00080018,
        0x00080060,
        0x00081115,
        0x00100010,
        0x0020000D,
        0x00200052,
        0x00209222,
        0x00280008,
    ),
    *(
        0x00280010,
        0x00280100,
        0x0040A043,
        0x0040A730,
        0x00620002,
        0x52009229,
        0x52009230,
        0x60003000,
        0x7FE00008,
        0x7FE00010,
    ),
    *(0x00090010, 0x00091001, 0x00000000, 0x00020010, 0xFFFEE000, 0xFFFEE00D, 0xFFFFFFFF, 0x7FE10010),
)
LENGTHS = (0, 1, 2, 7, 0xFFFE, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, UNDEFINED)
MOST_ELEMENTS = 20_000
"""Of a tree: what grows beyond is no input any more but a wait."""


@dataclass(frozen=True)
class Change:
    """One change: its name in ``CHANGES`` and the choices that it makes, each taken modulo what there is to choose from."""

    name: str
    tag: int
    place: int
    choice: int


@dataclass
class Site:
    """Where a change happens: the data set or item, the position in it, and how many elements the whole tree has."""

    holder: Item
    index: int
    everywhere: "list[tuple[Item, int]]"
    root: Item

    @property
    def element(self) -> Element:
        """The element there."""
        return self.holder.elements[self.index]


def apply(change: Change, root: Item) -> None:
    """Change the tree in place; nothing happens where the change does not fit."""
    everywhere = [*_sites(root)]
    if not everywhere:
        return
    tags = sorted({holder.elements[index].tag for holder, index in everywhere})
    wanted = tags[change.tag % len(tags)]
    alike = [(holder, index) for holder, index in everywhere if holder.elements[index].tag == wanted]
    holder, index = alike[change.place % len(alike)]
    CHANGES[change.name](Site(holder, index, everywhere, root), change.choice)


def _sites(item: Item) -> list[tuple[Item, int]]:
    found, waiting = [], [item]
    while waiting:
        holder = waiting.pop()
        for index, element in enumerate(holder.elements):
            found.append((holder, index))
            waiting.extend(element.items or ())
    return found


def _other(site: Site, choice: int) -> tuple[Item, int]:
    return site.everywhere[choice % len(site.everywhere)]


def _value(site: Site, choice: int) -> None:
    element = site.element
    element.value, element.items, element.fragments = extreme(element.vr, choice), None, None
    if choice % 7 and len(element.value) % 2:
        element.value += b"\x00" if element.vr in ("UI", "OB", "UN") else b" "


def _borrowed(site: Site, choice: int) -> None:
    """The value of another element of the same representation, but of nothing that identifies the patient."""
    element = site.element
    alike = [
        other
        for holder, index in site.everywhere
        if (other := holder.elements[index]).vr == element.vr and other.items is None and other.tag >> 16 != 0x0010
    ]
    if element.items is None and alike:
        element.value = alike[choice % len(alike)].value


def _repeated(site: Site, choice: int) -> None:
    """Many values where one is expected."""
    element = site.element
    if element.items is None:
        joint = b"" if element.vr in vr.BINARY_FORMATS or element.vr.startswith("O") else b"\\"
        element.value = joint.join([element.value] * (2 + choice % 3000))[: 1 << 20]


def _emptied(site: Site, _: int) -> None:
    element = site.element
    element.value = b""
    element.items = None if element.items is None else []
    element.fragments = None if element.fragments is None else []


def _cut(site: Site, choice: int) -> None:
    element = site.element
    if element.items:
        del element.items[choice % len(element.items)]
    elif element.fragments:
        del element.fragments[choice % len(element.fragments)]
    else:
        element.value = element.value[: choice % (len(element.value) + 1)]


def _deleted(site: Site, _: int) -> None:
    del site.holder.elements[site.index]


def _twice(site: Site, _: int) -> None:
    site.holder.elements.insert(site.index, site.element.copy())


def _copied(site: Site, choice: int) -> None:
    holder, index = _other(site, choice)
    if len(site.everywhere) < MOST_ELEMENTS:
        copy = site.element.copy()
        holder.elements.insert(index, copy)
        if choice % 4:
            holder.elements.sort(key=lambda element: element.tag)


def _moved(site: Site, choice: int) -> None:
    _copied(site, choice)
    site.holder.elements.remove(site.element)


def _swapped(site: Site, choice: int) -> None:
    elements = site.holder.elements
    other = choice % len(elements)
    elements[site.index], elements[other] = elements[other], elements[site.index]


def _retagged(site: Site, choice: int) -> None:
    site.element.tag = TAGS[choice % len(TAGS)]


def _represented(site: Site, choice: int) -> None:
    site.element.vr = VRS[choice % len(VRS)]


def _delimited(site: Site, choice: int) -> None:
    element = site.element
    if element.items and choice % 2:
        item = element.items[choice % len(element.items)]
        item.undefined = not item.undefined
    else:
        element.undefined = not element.undefined


def _lied(site: Site, choice: int) -> None:
    element = site.element
    target = element.items[choice % len(element.items)] if element.items and choice % 2 else element
    true = 0 if isinstance(target, Item) else len(target.value)
    lengths = (*LENGTHS, true + 1, true + 2, max(0, true - 1), max(0, true - 2))
    target.claimed = lengths[choice % len(lengths)]


def _multiplied(site: Site, choice: int) -> None:
    """Many items alike."""
    element = site.element
    if element.items and len(site.everywhere) < MOST_ELEMENTS:
        item = element.items[choice % len(element.items)]
        size = 1 + len(_sites(item))
        element.items.extend(item.copy() for _ in range(min(choice % 400, MOST_ELEMENTS // size)))


def _reversed(site: Site, _: int) -> None:
    element = site.element
    if element.items:
        element.items.reverse()
    elif element.fragments:
        element.fragments.reverse()
    else:
        element.value = element.value[::-1]


def _hollow(site: Site, choice: int) -> None:
    """An item, or many, with nothing in it."""
    element = site.element
    element.items = [*(element.items or []), *(Item() for _ in range(1 + (choice % 5) ** 4))]
    element.vr = "SQ" if choice % 3 else element.vr


def _nested(site: Site, choice: int) -> None:
    """The element inside itself, some levels deep."""
    element = site.element
    for _ in range(1 + choice % 40):
        inner = Element(element.tag, element.vr, element.value, element.items, element.fragments, element.undefined)
        element.items, element.vr, element.value = [Item([inner], undefined=bool(choice % 2))], "SQ", b""
        element.fragments = None


def _flattened(site: Site, choice: int) -> None:
    """The elements of an item in place of their sequence."""
    element = site.element
    if element.items:
        inner = element.items[choice % len(element.items)].elements
        site.holder.elements[site.index : site.index + 1] = [each.copy() for each in inner]


def _fragmented(site: Site, choice: int) -> None:
    """A value cut into fragments, or fragments joined."""
    element = site.element
    if element.fragments:
        element.value, element.fragments, element.undefined = b"".join(element.fragments), None, bool(choice % 2)
    elif element.items is None:
        size = 2 + choice % 97
        pieces = [element.value[at : at + size] for at in range(0, min(len(element.value), 500 * size), size)]
        element.fragments, element.undefined, element.vr = [b"", *pieces], True, "OB"


def _classed(site: Site, choice: int) -> None:
    """Another SOP class: the object is judged, and read, as one of another family."""
    classes = tuple(SOP_CLASSES)
    for element in site.root.elements:
        if element.tag == 0x00080016:
            element.value = classes[choice % len(classes)].encode()


def grafted(change: Change, root: Item, donor: str) -> None:
    """An element of the top level of another object is put into this one."""
    other = seed(donor).tree
    if other is None or not other.elements:
        return
    element = other.elements[change.tag % len(other.elements)].copy()
    root.elements = [each for each in root.elements if each.tag != element.tag or change.choice % 3 == 0]
    root.elements.append(element)
    root.elements.sort(key=lambda each: each.tag)


CHANGES: dict[str, Callable[[Site, int], None]] = {
    "value": _value,
    "borrowed": _borrowed,
    "repeated": _repeated,
    "emptied": _emptied,
    "cut": _cut,
    "deleted": _deleted,
    "twice": _twice,
    "copied": _copied,
    "moved": _moved,
    "swapped": _swapped,
    "retagged": _retagged,
    "represented": _represented,
    "delimited": _delimited,
    "lied": _lied,
    "multiplied": _multiplied,
    "reversed": _reversed,
    "hollow": _hollow,
    "nested": _nested,
    "flattened": _flattened,
    "fragmented": _fragmented,
    "classed": _classed,
}
"""Every way in which a tree is changed."""
