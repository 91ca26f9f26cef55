"""Guided diagnosis: a writer's decision tree, asked node by node, ending in a fix, a repair or a human."""

from __future__ import annotations

from typing import Any, ClassVar

from actions.tasks import words
from actions.tasks.context import Context, Values, choice
from actions.tasks.steps import wrong_if_meant
from actions.tasks.task import Outcome, Reading, Step, Taken, Task, Wrong
from service.trees import Node, Tree
from service.trees.walking import WORKS, Heard, end_at, understood

# Of a tree that is walked from its first question.
_BEGINNING: Values = {"nodes_at": None, "nodes_path": []}


class TreeStep(Step):
    """Which tree: by the words of the request, else asked."""

    kind = "tree"

    def __init__(self) -> None:
        super().__init__("tree")

    def is_open(self, ctx: Context) -> bool:
        """Asked again too when the tree was taken away meanwhile."""
        return ctx.values.get("tree") not in ctx.tools.trees and self.applies(ctx)

    async def arrive(self, ctx: Context) -> Outcome | None:
        """Nobody is led through a diagnosis that does not exist."""
        if not ctx.tools.trees:
            ctx.say("utter_diagnose_none")
            return Outcome("failed", "tree", "no tree", offer_human=True)
        return None

    async def ask(self, ctx: Context, task: Task, *, again: bool) -> None:
        """Each tree is a button."""
        if again:
            ctx.say("utter_back_to_task")
        buttons = [choice(tree.title.to(ctx.locale), tree.id) for tree in ctx.tools.trees.values()]
        ctx.say(f"utter_ask_{task.name}_tree", buttons=buttons)

    async def read(self, ctx: Context) -> Reading:
        """A button, or the name of the thing."""
        if ctx.chosen in ctx.tools.trees:
            return Taken({"tree": ctx.chosen} | _BEGINNING)
        found = tree_named(ctx)
        return Taken({"tree": found} | _BEGINNING) if found else wrong_if_meant(ctx, Wrong("utter_choose_one"))


class NodesStep(Step):
    """All questions of the tree; `values["nodes"]` is set once an end is reached."""

    kind = "diagnosis"

    yes_no: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__("nodes")

    def is_open(self, ctx: Context) -> bool:
        """Not where its tree was taken away meanwhile: which one is asked first."""
        return super().is_open(ctx) and ctx.values.get("tree") in ctx.tools.trees

    async def ask(self, ctx: Context, task: Task, *, again: bool) -> None:  # noqa: ARG002 - the signature of a step
        """The writer's words; after a fix, whether it helped."""
        if again:
            ctx.say("utter_back_to_task")
        node = self.node(ctx)
        if node.end == "fix":
            if not again and node.say:
                ctx.dispatcher.utter_message(text=node.say.to(ctx.locale))
            ctx.say("utter_ask_diagnose_fixed")
        elif node.question:
            buttons = [choice(each.label.to(ctx.locale), each.next) for each in node.choices]
            ctx.dispatcher.utter_message(text=node.question.to(ctx.locale), buttons=buttons)

    async def read(self, ctx: Context) -> Reading:
        """A choice leads on; the task ends where the tree does."""
        heard = Heard(ctx.chosen, ctx.words, words.yes_or_no(ctx), words.does_not_know(ctx))
        found = understood(self._tree(ctx), self._name(ctx), heard, ctx.locale)
        if found is None:
            return wrong_if_meant(ctx, Wrong(self._not_understood(ctx)))
        if found.doubted:
            ctx.say("utter_diagnose_in_doubt")
        return self._goes_on(ctx, found.target)

    def _not_understood(self, ctx: Context) -> str:
        return "utter_yes_or_no" if self.node(ctx).end == "fix" else "utter_choose_one"

    def _goes_on(self, ctx: Context, target: str) -> Reading:
        path = [*ctx.values.get("nodes_path", []), self._name(ctx)]
        known: Values = {"nodes_path": path, "nodes_at": None if target == WORKS else target}
        end = end_at(self._tree(ctx), target)
        return Taken({**known, "nodes": end}) if end else Taken(known)

    def back(self, ctx: Context) -> bool:
        """One question back within the tree; False at its first."""
        path = [name for name in ctx.values.get("nodes_path", []) if name in self._tree(ctx).nodes]
        if not path:
            return False
        ctx.values["nodes_at"] = path.pop()
        ctx.values["nodes_path"] = path
        return True

    def _tree(self, ctx: Context) -> Tree:
        return ctx.tools.trees[ctx.values["tree"]]

    def _name(self, ctx: Context) -> str:
        tree, at = self._tree(ctx), ctx.values.get("nodes_at")
        return str(at) if at in tree.nodes else tree.start  # published anew meanwhile: from the beginning

    def node(self, ctx: Context) -> Node:
        """Where the diagnosis stands."""
        return self._tree(ctx).nodes[self._name(ctx)]


class Diagnose(Task):
    """Leads through a tree; what was found travels to the repair, or to the advisor."""

    name: ClassVar[str] = "diagnose"
    topic: ClassVar[str] = "guarantee"
    articles = ("lamp-not-working",)
    steps = (TreeStep(), NodesStep())

    def prefill(self, ctx: Context) -> Values:
        """ "ma lampe ne s'allume plus" says which tree."""
        found = tree_named(ctx)
        return {"tree": found} if found else {}

    async def perform(self, ctx: Context) -> Outcome:
        """Fixed, to the workshop, or to a person."""
        tree, found = ctx.tools.trees[ctx.values["tree"]], ctx.values["nodes"]
        if found == WORKS:
            ctx.say("utter_diagnose_fixed")
            return Outcome("done", "diagnosis", f"{tree.id}: fixed by {ctx.values['nodes_path'][-1]}")
        node: Any = tree.nodes.get(str(ctx.values["nodes_at"]))
        if node is not None and node.say:
            ctx.dispatcher.utter_message(text=node.say.to(ctx.locale))
        told = (node.diagnosis if node else None) or " > ".join(ctx.values["nodes_path"])
        if found == "repair":
            known = {"symptom": tree.title.to(ctx.locale), "diagnosis": f"{tree.id}: {told}"}
            return Outcome("done", "diagnosis", f"{tree.id}: repair ({told})", then=("repair", known))
        return Outcome("failed", "diagnosis", f"{tree.id}: for a person ({told})", offer_human=True)


def tree_named(ctx: Context) -> str | None:
    """The one tree whose words are in the message."""
    found = [tree.id for tree in ctx.tools.trees.values() if tree.words.found_in(ctx.words)]
    return found[0] if len(found) == 1 else None
