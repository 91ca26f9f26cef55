"""Which order: from the message, the one last spoken of, the only one there is, or asked with buttons."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import service
from actions import conversation, order_number
from actions.back_office import BackOfficeError, NoSuchOrderError, Order
from actions.tasks.context import RUN, Button, Context
from actions.tasks.task import Outcome, Reading, Step, Taken, Task, Wrong

MAX_OFFERED = 3
LONG_WORD = 4
LAST = (" derniere ", " dernier ", " last ", " latest ", " most recent ", " plus recente ", " newest ")
# "la dernière": not "la semaine dernière", where the message says it among other things.
LAST_ORDER = re.compile(
    r" (?:derniere (?:commande|livraison)|dernier (?:achat|colis)|commande la plus recente"
    r"|(?:last|latest|newest|most recent) (?:order|purchase|parcel|delivery)) "
)
# "annulez-la", "je voudrais la retourner": the order last spoken of; not "la facture".
PRONOUN = re.compile(
    r" (?:annul|retourn|renvo|rend|livr|envoy|suiv|stopp|arret|rembours|repar)\w* la (?!commande)"
    r"| la (?:annul|retourn|renvoy|rend|suivre|recev|repar|faire|modif|stopp)\w* | la $"
)
OTHER = (" autre ", " autres ", " other ", " another ")
THAT_ONE = (
    " elle ", " celle la ", " celle ci ", " cette commande ", " meme commande ", " le meme ", " la meme ",
    " it ", " that one ", " that order ", " this one ", " this order ", " same order ", " same one ",
)  # fmt: skip

# Beside a number they correct it; where a question is asked, or one more is meant, they do not.
CORRECTING = re.compile(
    r" (?:non|nan|nope|no|not|pas|pardon|sorry|oups|oops|plutot|instead|rather|mais|but|meant|mean|finalement|actually"
    r"|en fait|voulais dire|trompe\w*|erreur|mistake|wrong) "
)
ASKING = re.compile(
    r"^ (?:(?:non|no|et|and|mais|but|oui|yes) )*(?:ou|quand|comment|combien|pourquoi|quel\w*|est ce|where|when|how"
    r"|why|what|which|who|is|are|can|could|does|do|will)"
    r" | (?:ou est|ou en est|est ou|elle est|where is|where s|est ce que) "
)
ONE_MORE = re.compile(r" (?:aussi|egalement|also|too|as well|les deux|toutes les deux|both) ")
ONLY_A_NUMBER = re.compile(
    r" (?:(?:(?:ma)?\d+|ma|la|le|l|de|du|mon|my|the|its?|s|is|c|est|ca|order|commande|cmd|numero|n|non?|number|euh|um"
    r"|alors|bon|ok|oui|yes|pour|for|of|a|svp|stp|please|merci|thanks|celle|one) )+"
)

# Among the values: that the order was taken without a word of the customer's, and the one that it shall not be.
UNASKED = "order_unasked"
REFUSED = "order_refused"

Check = Callable[[Context, Order], Outcome | None]


class OrderStep(Step):
    """`eligible` orders are offered; `check` ends the task for an order it cannot be done with."""

    kind = "order"

    def __init__(
        self,
        *,
        eligible: Callable[[Order], bool],
        check: Check | None = None,
        none: Callable[[Context], Outcome | None] | None = None,
    ) -> None:
        super().__init__("order")
        self._eligible = eligible
        self._check = check
        self._none = none

    def is_open(self, ctx: Context) -> bool:
        """Until the order is known and was looked at."""
        return ctx.values.get("order") is None or ctx.values.get("order_seen") != ctx.values["order"]

    async def arrive(self, ctx: Context) -> Outcome | None:
        """Look at the order; the only one there is needs no question."""
        number = ctx.values.get("order")
        if number is None:
            orders = await self.offered(ctx)
            if orders is not None and not orders and self._none:
                return self._none(ctx)
            begins = ctx.values.get(RUN) == ctx.message_id
            if (
                not orders
                or REFUSED in ctx.values
                or (len(orders) > 1 and not (begins and LAST_ORDER.search(ctx.words)))
            ):
                return None
            number = orders[0].number
            ctx.values[UNASKED] = number
        try:
            order = await ctx.order(number)
        except NoSuchOrderError:
            ctx.values.pop("order", None)
            ctx.values["order_unknown"] = True
            ctx.say("utter_order_not_found", number=number)
            ctx.question_put = True
            return None
        ctx.values |= {"order": number, "order_seen": number}
        return self._check(ctx, order) if self._check else None

    async def ask(self, ctx: Context, task: Task, *, again: bool) -> None:
        """Once in full, later in short."""
        if again:
            ctx.say("utter_ask_order_number_again")
            return
        orders = await self._to_choose_from(ctx)
        if orders:
            ctx.say(f"utter_ask_which_order_{task.name}", buttons=[button(o) for o in orders[:MAX_OFFERED]])
        else:
            ctx.say("utter_ask_order_number")

    async def read(self, ctx: Context) -> Reading:
        """A number, "la dernière", or what was in it."""
        if ctx.number:
            return await self._known(ctx, ctx.number)
        typed = order_number.attempt(ctx.text) or conversation.entity(ctx.tracker, "order_number")
        if typed:
            return Wrong("utter_order_number_invalid")
        found = await self._in_words(ctx)
        return await self._known(ctx, found.number) if found else None

    async def correct(self, ctx: Context) -> Reading:
        """A number alone, or with words that correct."""
        return await self._known(ctx, ctx.number) if ctx.number and corrects(ctx) else None

    async def _known(self, ctx: Context, number: str) -> Reading:
        try:
            await ctx.order(number)
        except NoSuchOrderError:
            return Wrong("utter_order_not_found", {"number": number})
        return Taken({"order": number})

    async def _in_words(self, ctx: Context) -> Order | None:
        orders = await self.offered(ctx) or []
        if orders and any(phrase in ctx.words for phrase in LAST):
            return orders[0]
        named = [order for order in orders if any(_named(line.title, ctx.words) for line in order.lines)]
        return named[0] if len(named) == 1 and len(ctx.words.split()) <= MAX_OFFERED * 2 else None

    async def _to_choose_from(self, ctx: Context) -> list[Order]:
        """Those it can be done with; where the only one was refused, the others, of which it is told why not."""
        refused, fit = ctx.values.get(REFUSED), await self.offered(ctx) or []
        others = [order for order in fit if order.number != refused]
        if others or refused is None:
            return others
        return [order for order in await ctx.orders() if order.number != refused] or fit

    async def offered(self, ctx: Context) -> list[Order] | None:
        """Their orders that it can be done with, newest first; None when nobody can tell."""
        try:
            return [order for order in await ctx.orders() if self._eligible(order)]
        except (NoSuchOrderError, BackOfficeError):
            return None


def corrects(ctx: Context) -> bool:
    """Whether the number in the message takes the place of the order's: not so in a question or another request."""
    if not ctx.text:  # a button
        return True
    if "?" in ctx.text or ASKING.search(ctx.words) or ONE_MORE.search(ctx.words):
        return False
    if ONLY_A_NUMBER.fullmatch(ctx.words):
        return True
    return bool(CORRECTING.search(ctx.words)) or ctx.intent in ("give_order_number", *ctx.task.starters)


def spoken_of(ctx: Context) -> dict[str, Any]:
    """The order that "la", "elle" or "it" means."""
    means_it = PRONOUN.search(ctx.words) or any(phrase in ctx.words for phrase in THAT_ONE)
    # "je veux annuler la commande" names none: its article is not a pronoun.
    names = (" la commande ", " ma commande ", " my order ", *OTHER)
    if not ctx.order_spoken_of or not means_it or any(phrase in ctx.words for phrase in names):
        return {}
    return {"order": ctx.order_spoken_of}


async def tell_unasked(ctx: Context) -> None:
    """Which order was taken unasked, once, with a way to another."""
    number = ctx.values.get(UNASKED)
    if isinstance(number, str):
        ctx.values[UNASKED] = True
        lines = (await ctx.order(number)).lines
        ctx.say("utter_order_taken", order=f"{number} ({lines[0].title})" if lines else number)


def button(order: Order) -> Button:
    """An order to choose, told by what is in it."""
    title = f"{order.number} · {order.lines[0].title}" if order.lines else order.number
    return {"title": title, "payload": f'/give_order_number{{"order_number": "{order.number}"}}'}


def _named(title: str, said: str) -> bool:
    return any(f" {word} " in said for word in service.fold(title).split() if len(word) >= LONG_WORD)
