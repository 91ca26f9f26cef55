"""Which articles of an order, how many, and pictures of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import service
from actions.back_office import Item, Line
from actions.tasks.context import Context, choice
from actions.tasks.steps import Asked, wrong_if_meant
from actions.tasks.task import Outcome, Reading, Taken, Task, Wrong

ALL = "all"
ALL_WORDS = (" tout ", " tous ", " toute ", " toutes ", " tt ", " all ", " everything ", " both ", " les deux ")
SKIP_WORDS = (
    " passer ", " passe ", " non ", " sans ", " pas de photo ", " j en ai pas ", " skip ", " no ", " without ",
    " later ",    " plus tard ", " aucune ", " none ", " impossible ", " peux pas ", " can t ",
)  # fmt: skip
LONG_WORD = 4
NUMBERS = {"un": 1, "une": 1, "one": 1, "deux": 2, "two": 2, "trois": 3, "three": 3, "quatre": 4, "four": 4}


class ItemsStep(Asked):
    """Articles of the order in `values["order"]`; `single` when the task is about one alone."""

    def __init__(
        self,
        *,
        single: bool = False,
        allowed: Callable[[Line], bool] = lambda line: bool(line.sku),
        none: Callable[[Context], Outcome] | None = None,
    ) -> None:
        super().__init__("items")
        self._single, self._allowed, self._none = single, allowed, none

    async def arrive(self, ctx: Context) -> Outcome | None:
        """The only article there is needs no question."""
        lines = await self._lines(ctx)
        if not lines and self._none:
            return self._none(ctx)
        if len(lines) == 1:
            ctx.values |= taken(lines, ctx.values)
        return None

    async def ask(self, ctx: Context, task: Task, *, again: bool) -> None:
        """Each article is a button."""
        if again:
            ctx.say("utter_back_to_task")
        buttons = [choice(line.title, str(line.sku)) for line in await self._lines(ctx)]
        ctx.say(f"utter_ask_{task.name}_items", buttons=buttons)

    async def read(self, ctx: Context) -> Reading:
        """A button, "tout", or words of the titles."""
        lines = await self._lines(ctx)
        found = [line for line in lines if line.sku == ctx.chosen] or [
            line for line in lines if _named(line, ctx.words)
        ]
        if not self._single and (ctx.chosen == ALL or any(words in ctx.words for words in ALL_WORDS)):
            found = lines
        if found and (len(found) == 1 or not self._single):
            return Taken(taken(found, ctx.values))
        return wrong_if_meant(ctx, Wrong("utter_choose_one"))

    async def _lines(self, ctx: Context) -> list[Line]:
        return [line for line in (await ctx.order(ctx.values["order"])).lines if self._allowed(line) and line.sku]


class QuantityStep(Asked):
    """How many of one article, asked when several were ordered."""

    def __init__(self) -> None:
        super().__init__("quantity", when=lambda values: int(values.get("items_most") or 1) > 1)

    async def ask(self, ctx: Context, task: Task, *, again: bool) -> None:
        """One button a number."""
        if again:
            ctx.say("utter_back_to_task")
        most = int(ctx.values["items_most"])
        buttons = [choice(str(number), str(number)) for number in range(1, min(most, 6) + 1)]
        ctx.say("utter_ask_quantity", buttons=buttons, title=ctx.values["items_title"], most=most)
        _ = task

    async def read(self, ctx: Context) -> Reading:
        """A number up to what was ordered."""
        most = int(ctx.values["items_most"])
        said = (ctx.chosen or ctx.words).split()
        numbers = [int(word) if word.isdigit() else NUMBERS.get(word, 0) for word in said]
        numbers = [most] if any(words in ctx.words for words in ALL_WORDS) else [n for n in numbers if n]
        if len(numbers) == 1 and numbers[0] <= most:
            return Taken({"quantity": numbers[0]})
        return (
            Wrong("utter_quantity_wrong", {"most": most})
            if numbers
            else wrong_if_meant(ctx, Wrong("utter_quantity_wrong", {"most": most}))
        )


class PhotoStep(Asked):
    """Pictures, on a channel that has them; `/send_file` brings one, any "passer" goes on without."""

    yes_no: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__("photos")

    def is_open(self, ctx: Context) -> bool:
        """Not where nothing can be sent."""
        return ctx.has_files and super().is_open(ctx)

    async def read(self, ctx: Context) -> Reading:
        """One picture is enough; a no goes on without."""
        if ctx.files:
            return Taken({self.name: ctx.files})
        if ctx.intent == "request_human":
            return None
        if ctx.intent == "deny" or ctx.chosen == "skip" or any(words in ctx.words for words in SKIP_WORDS):
            return Taken({self.name: []})
        return wrong_if_meant(ctx, Wrong("utter_photo_or_skip"))


def taken(lines: list[Line], values: dict[str, Any]) -> dict[str, Any]:
    """What is known once articles were chosen."""
    items = [{"sku": line.sku, "quantity": line.quantity} for line in lines]
    _ = values
    title = ", ".join(line.title for line in lines)
    return {"items": items, "items_title": title, "items_most": lines[0].quantity if len(lines) == 1 else 1}


def chosen_items(values: dict[str, Any]) -> list[Item]:
    """The articles as the back office wants them."""
    items = [Item(**item) for item in values["items"]]
    if "quantity" in values and len(items) == 1:
        return [Item(sku=items[0].sku, quantity=int(values["quantity"]))]
    return items


def told_items(values: dict[str, Any]) -> str:
    """The articles as the customer reads them."""
    title = str(values.get("items_title") or "")
    return f"{values['quantity']} × {title}" if "quantity" in values else title


def _named(line: Line, said: str) -> bool:
    return any(f" {word} " in said for word in service.fold(line.title).split() if len(word) >= LONG_WORD)
