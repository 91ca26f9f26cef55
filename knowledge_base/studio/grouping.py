"""Questions grouped by meaning; how many groups there are is found in the questions themselves.

Few questions are joined while their average likeness holds (scikit-learn's agglomerative clustering). Many are joined
by Ward's method along the graph of nearest neighbours, in memory that grows with their number and not with its square,
and the tree is cut where groups are at once tight and apart. Constants were chosen on other questions than those that
the bench reports on; docs/measuring.md says which. scikit-learn is imported by the functions that need it: it takes a
second and 60 MB, and a knowledge base that groups nothing should start and stay without them.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from encoder.model import Vectors
from knowledge_base.studio.space import Asked, Integers, Report, Space, nearest, reduced, unit_rows

FEW = 500  # up to here every pair is looked at, and an absolute likeness tells groups better than their shape
APART = 0.70  # the cosine distance beyond which two groups of few questions are not one
JOINS = 0.55  # the cosine distance to a known group's middle within which a new question is one of it
DIMENSIONS = 128
NEIGHBOURS = 10  # each question leans half-way towards the mean of so many
LINKS = 15  # neighbours with which a question may be joined
CUTS = 60  # numbers of groups that are tried
AROUND = 3  # so many of them on either side are looked at with each
SMALLEST_MEAN = 4  # questions in a group, on average, at the least: many small groups would explain everything
MOST = 20_000


@dataclass(frozen=True)
class Item:
    """One question to be grouped."""

    id: str
    text: str
    locale: str


@dataclass(frozen=True)
class Group:
    """Ids of its questions, those nearest to its middle first; the first is the most typical (the medoid)."""

    members: list[str]

    @property
    def typical(self) -> str:
        """The id of the question that stands for the group."""
        return self.members[0]


@dataclass(frozen=True)
class Grouped:
    """New groups, the largest first; questions like no other; and those that are one of a known group.

    `wordless`: of all of them, those in which nobody could read a question.
    """

    groups: list[Group] = field(default_factory=list)
    alone: list[str] = field(default_factory=list)
    joined: dict[str, list[str]] = field(default_factory=dict)
    wordless: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """The result of the job."""
        groups = [{"members": group.members, "typical": group.typical} for group in self.groups]
        return {"groups": groups, "alone": self.alone, "joined": self.joined, "wordless": self.wordless}


def group(
    space: Space, items: Sequence[Item], known: Mapping[str, Sequence[Asked]], report: Report | None = None
) -> Grouped:
    """Questions that belong to a `known` group (id → examples of it) join it; the others make new groups."""
    if not items:
        return Grouped()
    examples = [(group_id, example) for group_id, each in known.items() for example in each]
    asked = [(item.text, item.locale) for item in items]
    points = space.place([*asked, *(example for _, example in examples)], report)
    own, theirs = points[: len(items)], points[len(items) :]
    homes = _homes(own, theirs, [group_id for group_id, _ in examples])
    joined: dict[str, list[str]] = defaultdict(list)
    for item, home in zip(items, homes, strict=True):
        if home is not None:
            joined[home].append(item.id)
    left = np.array([place for place, home in enumerate(homes) if home is None], dtype=np.intp)
    groups, alone = _named([items[place] for place in left], own[left], labels(own[left]))
    return Grouped(groups, alone, dict(joined))


def _homes(points: Vectors, examples: Vectors, group_ids: Sequence[str]) -> list[str | None]:
    """The known group whose middle is nearest to each row, where it is near enough."""
    if not group_ids:
        return [None] * len(points)
    names = list(dict.fromkeys(group_ids))
    places = {name: place for place, name in enumerate(names)}
    middles = np.zeros((len(names), examples.shape[1]), dtype=np.float32)
    np.add.at(middles, [places[name] for name in group_ids], examples)
    likeness = points @ unit_rows(middles).T
    best = likeness.argmax(1)
    near = likeness[np.arange(len(points)), best] >= 1 - JOINS
    return [names[place] if is_near else None for place, is_near in zip(best, near, strict=True)]


def _named(items: Sequence[Item], points: Vectors, found: Integers) -> tuple[list[Group], list[str]]:
    groups, alone = [], []
    for label in range(int(found.max(initial=-1)) + 1):
        places = np.flatnonzero(found == label)
        if len(places) == 1:
            alone.append(items[places[0]].id)
            continue
        middle = points[places].sum(0)
        order = np.argsort(-(points[places] @ middle), kind="stable")
        groups.append(Group([items[places[place]].id for place in order]))
    groups.sort(key=lambda each: -len(each.members))
    return groups, alone


def labels(points: Vectors) -> Integers:
    """The group of each row, 0 and up; questions in the same words are always together."""
    if len(points) == 0:
        return np.zeros(0, dtype=np.intp)
    different, which = np.unique(points, axis=0, return_inverse=True)
    if len(different) <= FEW:
        return _few(different)[which]
    return _many(different)[which]


def _few(points: Vectors) -> Integers:
    if len(points) < 2:
        return np.zeros(len(points), dtype=np.intp)
    from sklearn.cluster import AgglomerativeClustering  # noqa: PLC0415 - see above

    model = AgglomerativeClustering(n_clusters=None, metric="cosine", linkage="average", distance_threshold=APART)
    found: Integers = model.fit_predict(points)
    return found


def _many(points: Vectors) -> Integers:
    leaning = reduced(points, DIMENSIONS)
    leaning = unit_rows((leaning + leaning[nearest(leaning, NEIGHBOURS)].mean(1)) / 2)
    tree = _tree(leaning)
    most = len(points) // SMALLEST_MEAN
    counts = sorted({round(float(count)) for count in np.geomspace(3, most, CUTS)})
    scores = np.array([_apart(leaning, _cut(tree, len(points), count)) for count in counts])
    # A single number of groups may look good by chance: one whose neighbours do well too is meant.
    near = [scores[max(0, at - AROUND) : at + AROUND + 1].mean() for at in range(len(counts))]
    return _cut(tree, len(points), counts[int(np.argmax(near))])


def _tree(points: Vectors) -> Integers:
    """Which two are joined, step by step; a numbers the rows, then the groups in the order they are made."""
    from scipy import sparse  # noqa: PLC0415 - see above
    from sklearn.cluster import ward_tree  # noqa: PLC0415

    count = len(points)
    rows = np.repeat(np.arange(count), LINKS)
    # A path through all of them makes the graph one piece; Ward's method takes no step that is not the cheapest.
    order = np.argsort(points[:, 0], kind="stable")
    rows, columns = np.r_[rows, order[:-1]], np.r_[nearest(points, LINKS).ravel(), order[1:]]
    graph = sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(count, count)).tocsr()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        children: Integers = ward_tree(points, connectivity=sparse.csr_matrix(graph + graph.T))[0]
    return children


def _cut(tree: Integers, count: int, groups: int) -> Integers:
    """The group of each of `count` rows when the joining stops at so many groups."""
    steps = count - groups
    parent = np.arange(count + len(tree))
    for side in (0, 1):
        parent[tree[:steps, side]] = count + np.arange(steps)
    while True:
        further = parent[parent]
        if (further == parent).all():
            break
        parent = further
    found: Integers = np.unique(parent[:count], return_inverse=True)[1]
    return found


def _apart(points: Vectors, found: Integers) -> float:
    """How tight and apart the groups are, -1 to 1: the mean silhouette of groups, each of which counts alike.

    For unit vectors the mean cosine distance to a group follows from its sum: no pair is looked at.
    """
    sizes = np.bincount(found)
    sums = np.zeros((len(sizes), points.shape[1]), dtype=np.float32)
    np.add.at(sums, found, points)
    scores = np.zeros(len(points))
    for start in range(0, len(points), 2048):
        part, own = points[start : start + 2048], found[start : start + 2048]
        here = np.arange(len(part))
        likeness = part @ sums.T
        inside = 1 - (likeness[here, own] - 1) / np.maximum(sizes[own] - 1, 1)
        likeness /= sizes
        likeness[here, own] = -2.0
        outside = 1 - likeness.max(1)
        score = (outside - inside) / np.maximum(np.maximum(inside, outside), 1e-9)
        scores[start : start + 2048] = np.where(sizes[own] > 1, score, 0.0)
    return float(np.mean(np.bincount(found, weights=scores) / sizes))
