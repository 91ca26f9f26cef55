"""Proving who they are: signed in on the site, or a code sent to the e-mail address of the account.

bot sends the code and reads it (the digits never come here), then says `/identity_proven`. Until then the words are
the same whether the address has an account or not.
"""

from __future__ import annotations

import re

from actions.tasks import typed
from actions.tasks.context import Context
from actions.tasks.task import Reading, Step, Taken, Task, Wrong

EMAIL = "identity_email"
# "renvoyez-moi le code", "send it again", in folded words; said while a code is awaited.
AGAIN = re.compile(
    r" (?:renvo\w+|resend) (?:\w+ ){0,3}code (?!promo)| (?:nouveau|autre|new|another) code (?!promo)"
    r"| (?:send|envo\w+) (?:\w+ ){0,4}(?:again|encore|a nouveau|une autre fois) "
    r"| (?:renvo\w+|resend) (?:le|it) (?:moi )?(?:(?:svp|stp|please|s il (?:vous|te) plait) )?$"
)


class IdentityStep(Step):
    """The first step of every task that needs a proven customer."""

    def __init__(self) -> None:
        super().__init__("identity")

    def is_open(self, ctx: Context) -> bool:
        """The proof travels with each message; nothing we keep stands for it."""
        return not ctx.verified

    async def ask(self, ctx: Context, task: Task, *, again: bool) -> None:  # noqa: ARG002 - the signature of a step
        """The address first, then that a code is awaited."""
        if EMAIL in ctx.values:
            ctx.say("utter_identity_waiting")
            return
        number = ctx.values.get("order")
        if number and ctx.intent == "give_order_number":
            ctx.say("utter_ask_identity_for_order", number=number)
        else:
            ctx.say("utter_ask_identity")
        ctx.ask_private("email")

    async def read(self, ctx: Context) -> Reading:
        """An address, or what bot says about the code."""
        if ctx.intent == "identity_failed":
            ctx.say("utter_identity_failed")
            return Taken({}, stays=True)
        again = ctx.intent == "resend_code" or (EMAIL in ctx.values and bool(AGAIN.search(ctx.words)))
        address = typed.email(ctx.text) or (ctx.values.get(EMAIL) if again else None)
        if address:
            ctx.identify(str(address))
            ctx.say("utter_identity_sent")
            return Taken({EMAIL: address}, stays=True, sure=again)
        if ctx.intent in ("resend_code", "identity_proven"):
            await self.ask(ctx, ctx.task, again=True)
            return Taken({}, stays=True)
        if "@" in ctx.text:
            return Wrong("utter_email_invalid")
        return Wrong("utter_identity_waiting") if EMAIL in ctx.values and ctx.text.strip().isdigit() else None
