"""Which articles of an order, how many, and pictures of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar

import service
from actions.back_office import Item, Line
from actions.tasks.context import Context, choice
from actions.tasks.steps import Asked, wrong_if_meant
from actions.tasks.task import Outcome, Reading, Taken, Task, Wrong
from actions.tasks.words import yes_or_no

ALL = "all"
# Not "pas du tout", "c'est tout", "tout de suite", "not at all".
ALL_SAID = re.compile(
    r"(?<! du)(?<! pas)(?<! est)(?<! at)(?<! not)(?<! that s)(?<! after) "
    r"(?:tout|tous|toute|toutes|tt|all|everything|both|les deux)(?= )(?! (?:de suite|a fait|d abord|de meme|right))"
)
EXCEPT_WORDS = (" sauf ", " a part ", " excepte ", " hormis ", " except ", " but ", " apart from ")
SKIP_WORDS = (
    " passer ", " passe ", " non ", " sans ", " pas de photo ", " j en ai pas ", " skip ", " no ", " without ",
    " later ",    " plus tard ", " aucune ", " none ", " impossible ", " peux pas ", " can t ",
)  # fmt: skip
LONG_WORD = 4
NUMBERS = {"un": 1, "une": 1, "one": 1, "deux": 2, "two": 2, "trois": 3, "three": 3, "quatre": 4, "four": 4,
           "both": 2}  # fmt: skip

ARTICLES = ("un", "une", "one")
SOLE_WORDS = (" un seul ", " une seule ", " only one ", " just one ", " only 1 ", " just 1 ")
MOST_WORDS_OF_A_NUMBER = 5


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
        self.kind = "item" if single else "items"
        self._single, self._allowed, self._none = single, allowed, none

    async def arrive(self, ctx: Context) -> Outcome | None:
        """The only article there is needs no question."""
        lines = await self.lines(ctx)
        if not lines and self._none:
            return self._none(ctx)
        if len(lines) == 1:
            ctx.values |= taken(lines)
        return None

    async def ask(self, ctx: Context, task: Task, *, again: bool) -> None:
        """Each article is a button."""
        if again:
            ctx.say("utter_back_to_task")
        buttons = [choice(line.title, str(line.sku)) for line in await self.lines(ctx)]
        ctx.say(f"utter_ask_{task.name}_items", buttons=buttons)

    async def read(self, ctx: Context) -> Reading:
        """A button, "tout", or words of the titles; what may be one article or another is asked again."""
        lines = await self.lines(ctx)
        everything = says_all(ctx)
        found, unclear = _named(lines, ctx.words)
        if everything and any(words in ctx.words for words in EXCEPT_WORDS):
            return Wrong("utter_choose_one")
        if everything:
            found, unclear = [line for line in lines if line in (*found, *unclear)] or lines, []
        if ctx.chosen:
            found, unclear = [line for line in lines if ctx.chosen in (ALL, line.sku)], []
        if found and not unclear and (len(found) == 1 or not self._single):
            return Taken(taken(found))
        wrong = Wrong("utter_choose_one")
        meant = bool(found or unclear) and "?" not in ctx.text and ctx.intent != "ask_question"
        return wrong if meant else wrong_if_meant(ctx, wrong)

    async def lines(self, ctx: Context) -> list[Line]:
        """The lines of the order that it can be done with."""
        return [line for line in (await ctx.order(ctx.values["order"])).lines if self._allowed(line) and line.sku]


class QuantityStep(Asked):
    """How many of one article, asked when several were ordered."""

    kind = "quantity"

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
        numbers = [int(word) if word.isdecimal() else NUMBERS.get(word, 0) for word in said]
        numbers = [number for number in numbers if number]
        if says_all(ctx) and not numbers:
            numbers = [most]
        excepted = says_all(ctx) and any(words in ctx.words for words in EXCEPT_WORDS)
        if not excepted and len(numbers) == 1 and numbers[0] <= most:
            return Taken({"quantity": numbers[0]})
        return (
            Wrong("utter_quantity_wrong", {"most": most})
            if numbers
            else wrong_if_meant(ctx, Wrong("utter_quantity_wrong", {"most": most}))
        )

    async def correct(self, ctx: Context) -> Reading:
        """ "non, 2", "une seule"; "un remboursement" is no number."""
        said = ctx.words.split()
        if self.name not in ctx.values or len(said) > MOST_WORDS_OF_A_NUMBER:
            return None
        sole = any(words in ctx.words for words in SOLE_WORDS)
        numbers = [1] if sole else [int(w) if w.isdecimal() else NUMBERS.get(w, 0) for w in said if w not in ARTICLES]
        numbers = [number for number in numbers if number]
        fits = len(numbers) == 1 and numbers[0] <= int(ctx.values["items_most"])
        return Taken({self.name: numbers[0]}) if fits else None


class PhotoStep(Asked):
    """Pictures, on a channel that has them; `/send_file` brings one, any "passer" goes on without."""

    kind = "photos"

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


def taken(lines: list[Line]) -> dict[str, Any]:
    """What is known once articles were chosen; of several, each is taken whole and the title says how many."""
    items = [{"sku": line.sku, "quantity": line.quantity} for line in lines]
    if len(lines) == 1:
        return {"items": items, "items_title": lines[0].title, "items_most": lines[0].quantity}
    title = ", ".join(line.title if line.quantity == 1 else f"{line.quantity} × {line.title}" for line in lines)
    return {"items": items, "items_title": title, "items_most": 1}


def says_all(ctx: Context) -> bool:
    """ "tout", "les deux", but not in a no."""
    no = ctx.intent == "deny" or yes_or_no(ctx) is False
    return not no and ALL_SAID.search(ctx.words) is not None


def chosen_items(values: dict[str, Any]) -> list[Item]:
    """The articles as the back office wants them."""
    items = [Item(**item) for item in values["items"]]
    if "quantity" in values and len(items) == 1:
        return [Item(sku=items[0].sku, quantity=int(values["quantity"]))]
    return items


def told_items(values: dict[str, Any]) -> str:
    """The articles as the customer reads them: what they say yes to is what is sent."""
    title = str(values.get("items_title") or "")
    return f"{values['quantity']} × {title}" if "quantity" in values else title


def _named(lines: list[Line], said: str) -> tuple[list[Line], list[Line]]:
    """The lines that words of `said` name, and those of which a word may name one as well as another.

    Of the lines with a word, it names those that have most of the other words: "la lampe Nova" is not "Lampe Alba".
    """
    titles = {place: set(service.fold(line.title).split()) & _long(said) for place, line in enumerate(lines)}
    named: set[int] = set()
    tied: list[set[int]] = []
    for word in _long(said):
        having = {place: len(title) for place, title in titles.items() if word in title}
        best = {place for place, count in having.items() if count == max(having.values())}
        if len(best) == 1:
            named |= best
        elif best:
            tied.append(best)
    unclear = {place for best in tied if not best & named for place in best}
    return [lines[place] for place in sorted(named)], [lines[place] for place in sorted(unclear)]


def _long(said: str) -> set[str]:
    return {word for word in said.split() if len(word) >= LONG_WORD}
