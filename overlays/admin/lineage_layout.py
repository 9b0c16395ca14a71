"""Places a lineage graph on a sheet: sources on the left, versions in the order of derivation, reviews on the right, models above."""

from collections import defaultdict
from dataclasses import dataclass

from overlays.queries.lineage import Edge, Graph, Node, NodeKind, Relation

WIDTH, HEIGHT = 200, 54
COLUMN_GAP, ROW_GAP, MARGIN = 72, 18, 16
LONGEST_LINE = 27
LANES, LANE = 8, 5
"""Parallel lanes, and the pixels between two, in which the lines of models run beside the boxes."""
MOST_DRAWN = 150
"""Nodes that a drawing holds; more than that nobody reads, and the table has them all."""

_BEFORE = frozenset({Relation.DERIVED_FROM, Relation.REVISION_OF})
_NOT_DRAWN = frozenset({NodeKind.CLIENT, NodeKind.PERSON})


@dataclass(frozen=True, kw_only=True)
class Box:
    """A node on the sheet; ``x`` and ``y`` are its upper left corner."""

    node: Node
    x: int
    y: int
    lines: tuple[str, ...]
    tone: str

    width: int = WIDTH
    height: int = HEIGHT

    @property
    def text_x(self) -> int:
        """Where its text begins."""
        return self.x + 12

    @property
    def text_y(self) -> int:
        """The baseline of its first line."""
        return self.y + 22

    @property
    def second_y(self) -> int:
        """The baseline of its second line."""
        return self.y + 41


@dataclass(frozen=True, kw_only=True)
class Line:
    """An edge on the sheet: an SVG path from the earlier node to the later one."""

    path: str
    title: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A drawing in pixels; without boxes when the graph is empty or too large to be drawn."""

    width: int
    height: int
    boxes: tuple[Box, ...] = ()
    lines: tuple[Line, ...] = ()


def lay_out(graph: Graph) -> Sheet:
    """The sheet of a graph. Clients and persons are left to the table; the box of a correction names its author."""
    nodes = [node for node in graph.nodes if node.kind not in _NOT_DRAWN]
    if not nodes or len(nodes) > MOST_DRAWN:
        return Sheet(width=0, height=0)
    columns = _columns(nodes, graph.edges)
    makers = [node for node in nodes if node.kind is NodeKind.MODEL_VERSION]
    top = MARGIN + (HEIGHT + (LANES + 3) * LANE if makers else 0)
    tallest = max((len(column) for column in columns), default=0)
    boxes = [_box(node, MARGIN + index * (WIDTH + ROW_GAP), MARGIN, "") for index, node in enumerate(makers)]
    named = {edge.subject: edge.object for edge in graph.edges if edge.relation is Relation.GENERATED_BY}
    by_key = {node.key: node.label for node in makers}
    lanes = {node.key: index % LANES for index, node in enumerate(makers)}
    for number, column in enumerate(columns):
        x = MARGIN + number * (WIDTH + COLUMN_GAP)
        first = top + (tallest - len(column)) * (HEIGHT + ROW_GAP) // 2
        boxes += [
            _box(node, x, first + index * (HEIGHT + ROW_GAP), by_key.get(named.get(node.key, ""), ""))
            for index, node in enumerate(column)
        ]
    placed = {box.node.key: box for box in boxes}
    drawn = (edge for edge in graph.edges if edge.subject in placed and edge.object in placed)
    lines = tuple(_line(edge, placed, lanes.get(edge.object, 0)) for edge in drawn)
    return Sheet(
        width=max(box.x for box in boxes) + WIDTH + MARGIN,
        height=max(box.y for box in boxes) + HEIGHT + MARGIN,
        boxes=tuple(boxes),
        lines=lines,
    )


def _columns(nodes: list[Node], edges: tuple[Edge, ...]) -> list[list[Node]]:
    versions = {node.key for node in nodes if node.kind is NodeKind.VERSION}
    depth = _depths(versions, edges)
    deepest = max(depth.values(), default=0)
    columns: list[list[Node]] = [[] for _ in range(deepest + 3)]
    for node in nodes:
        if node.kind is NodeKind.SOURCE_SERIES:
            columns[0].append(node)
        elif node.kind is NodeKind.VERSION:
            columns[1 + depth[node.key]].append(node)
        elif node.kind is NodeKind.REVIEW:
            columns[-1].append(node)
    return [column for column in columns if column]


def _depths(versions: set[str], edges: tuple[Edge, ...]) -> dict[str, int]:
    """How many steps of derivation lie behind each version; a cycle, which no honest graph has, ends the counting."""
    before = defaultdict(set)
    for edge in edges:
        if edge.relation in _BEFORE and edge.subject in versions and edge.object in versions:
            before[edge.subject].add(edge.object)
    depth = dict.fromkeys(versions, 0)
    for _ in range(len(versions)):
        moved = False
        for later, earlier in before.items():
            wanted = min(1 + max(depth[key] for key in earlier), len(versions))
            if wanted > depth[later]:
                depth[later], moved = wanted, True
        if not moved:
            return depth
    return dict.fromkeys(versions, 0)


def _by(node: Node) -> str:
    return f"by {node.facts['author']}" if "author" in node.facts else ""


def _box(node: Node, x: int, y: int, maker: str) -> Box:
    second = node.hole or {
        NodeKind.SOURCE_SERIES: f"{node.facts.get('instances', '?')} instances",
        NodeKind.VERSION: ", ".join(filter(None, (maker or _by(node), node.facts.get("review state", "")))),
        NodeKind.REVIEW: node.facts.get("reason") or node.facts.get("reviewed at", "")[:10],
        NodeKind.MODEL_VERSION: node.facts.get("status", ""),
        NodeKind.CLIENT: "",
        NodeKind.PERSON: "",
    }[node.kind].replace("_", " ")
    what, dot, number = node.label.rpartition(" · ")
    first = _short(what, LONGEST_LINE - len(dot + number)) + dot + number if dot else _short(node.label)
    return Box(
        node=node, x=x, y=y, lines=(first, _short(second, LONGEST_LINE + 4)), tone=node.kind.value.replace(" ", "-")
    )


def _short(text: str, longest: int = LONGEST_LINE) -> str:
    return text if len(text) <= longest else f"{text[: max(longest - 1, 1)]}…"


def _line(edge: Edge, placed: dict[str, Box], lane: int) -> Line:
    """From the earlier node to the later one: the edge's object came first. A model's line runs in its lane, beside the boxes."""
    first, later = placed[edge.object], placed[edge.subject]
    count = f" ({len(edge.instances)} instances)" if edge.instances else ""
    title = f"{later.node.label} {edge.relation} {first.node.label}{count}"
    if edge.relation is Relation.GENERATED_BY:
        x, y = first.x + WIDTH // 2, first.y + HEIGHT
        across, down = y + (lane + 1) * LANE, later.x - (lane + 2) * LANE
        path = f"M{x} {y} V{across} H{down} V{later.y + 12} H{later.x}"
        return Line(path=path, title=title, tone="maker")
    x, y = first.x + WIDTH, first.y + HEIGHT // 2
    to_x, to_y = later.x, later.y + HEIGHT // 2
    if to_x <= x:
        path = f"M{x} {y} C{x + 40} {y} {x + 40} {to_y} {later.x + WIDTH} {to_y}"
    else:
        half = (to_x - x) // 2
        path = f"M{x} {y} C{x + half} {y} {to_x - half} {to_y} {to_x} {to_y}"
    return Line(path=path, title=title, tone="review" if edge.relation is Relation.REVIEWED else "derived")
