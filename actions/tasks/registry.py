"""All tasks by name; a new one is a class and a line here."""

from __future__ import annotations

import re
from dataclasses import dataclass

import service
from actions.tasks import account, contact, diagnosis, order_changes, repairs, returns, tracking
from actions.tasks.task import Task

TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        tracking.TrackOrder(),
        order_changes.CancelOrder(),
        order_changes.ChangeAddress(),
        returns.ReturnItem(),
        returns.RefundStatus(),
        returns.ReportProblem(),
        diagnosis.Diagnose(),
        repairs.Repair(),
        account.GetInvoice(),
        account.LoyaltyPoints(),
        account.ChangeEmail(),
        account.ChangePhone(),
        account.SeeMyData(),
        account.ExportMyData(),
        account.EraseMyData(),
        account.CloseAccount(),
        contact.FindShop(),
        contact.CallMeBack(),
    )
}
_STARTERS = {intent: task.name for task in TASKS.values() for intent in task.starters}
_BY_ARTICLE = {article: task.name for task in TASKS.values() for article in reversed(task.articles)}
_BETWEEN = re.compile(r"\b(?:et|puis|ensuite|ainsi que|and|then|also|aussi|plus)\b|[.;!?,]", re.IGNORECASE)
# Said in the same breath, the second is what the first is for: "je veux la retourner et être remboursé".
_PART_OF = {
    "cancel_order": ("refund_status",),
    "return_item": ("refund_status", "find_shop"),
    "report_problem": ("refund_status", "return_item", "diagnose"),
    "diagnose": ("repair", "report_problem"),
    "repair": ("diagnose", "report_problem"),
    "call_me_back": ("change_phone",),
    "close_account": ("erase_my_data",),
    "change_email": ("change_address",),
}


@dataclass(frozen=True)
class Two:
    """Two requests in one message; the second begins at `cut`."""

    first: str
    second: str
    cut: int


def started_by(intent: str) -> str | None:
    """The task that an intent asks for."""
    return _STARTERS.get(intent)


def beneath(article_id: str) -> str | None:
    """The task to offer beneath an article."""
    return _BY_ARTICLE.get(article_id)


def names(text: str, task: str) -> bool:
    """Whether words for the task stand in a text."""
    folded = service.fold(text)
    return any(words in folded for words in TASKS[task].called)


def two_requests(text: str, understood: str) -> Two | None:
    """ "où est ma commande et envoyez-moi la facture": both, if the message was taken for one of them."""
    for between in _BETWEEN.finditer(text):
        first, second = _named(text[: between.start()]), _named(text[between.end() :])
        if not first or not second or first == second or understood not in (first, second):
            continue
        if second not in _PART_OF.get(first, ()):
            return Two(first, second, between.start())
    return None


def _named(part: str) -> str | None:
    """The task whose words come first in a part of a message."""
    folded = service.fold(part)
    found = [(folded.find(words), task.name) for task in TASKS.values() for words in task.called if words in folded]
    return min(found)[1] if found else None
