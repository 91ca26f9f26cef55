"""Wiring of the action server."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from typing import Any

from rasa_sdk.endpoint import create_app as create_sdk_app
from rasa_sdk.executor import ActionExecutor
from sanic import Sanic

import service
from actions.answers import AnswerQuestion, ChooseArticle, DidNotHelp, GoBack, NoneOfThese
from actions.back_office import BackOffice
from actions.card import CustomerCard
from actions.handoff import DeclineOffer, RequestHandoff
from actions.knowledge_client import KnowledgeBase
from actions.lookup import LookupCustomer
from actions.prepared.asked import CheckTask, DescribeTask, PerformPrepared
from actions.prepared.wording import Wording
from actions.say_again import SayAgain
from actions.segments import Segments
from actions.settings import ActionSettings
from actions.tasks.context import Tools
from actions.tasks.engine import Greet, TaskForm
from service.trees import Folder


class _DomainlessExecutor(ActionExecutor):  # type: ignore[misc]
    """Our actions utter responses by name and never read the domain.

    The SDK otherwise refuses a call that brings neither the domain (90 kB each time) nor the digest that newer
    versions of Rasa send instead.
    """

    def update_and_return_domain(self, payload: dict[str, Any], action_name: str) -> dict[str, Any]:  # noqa: ARG002
        """Nothing, whatever was sent."""
        return {}


def create_app(settings: ActionSettings) -> Sanic:
    """The Sanic app that Rasa calls: `POST /webhook`, `GET /health`. Raises service.ServiceError."""
    # The SDK is newer than Rasa on purpose; the two are tested together, and it would say so at each call.
    warnings.filterwarnings("ignore", message=".*versions of rasa and rasa_sdk.*")
    company = service.load(settings.service_file)
    knowledge = KnowledgeBase(settings.knowledge_base_url)
    office = BackOffice(settings.back_office_url, settings.back_office_token, settings.identity_secret)
    segments = Segments(office)
    trees = Folder(settings.published_trees)
    trees.look()
    answering = (knowledge, segments, company)
    tools = Tools(office, company, lambda: datetime.now(UTC), trees, segments)
    wording = Wording(settings.domain_folder)
    executor = _DomainlessExecutor()
    for action in (
        AnswerQuestion(*answering),
        ChooseArticle(*answering),
        NoneOfThese(*answering),
        DidNotHelp(*answering),
        GoBack(*answering),
        RequestHandoff(),
        DeclineOffer(),
        SayAgain(),
        Greet(tools),
        TaskForm(tools),
        CustomerCard(office),
        LookupCustomer(office),
        DescribeTask(tools, wording),
        CheckTask(tools, wording),
        PerformPrepared(tools, wording),
    ):
        executor.register_action(action)
    app: Sanic = create_sdk_app(executor, cors_origins=[])

    async def open_clients(_app: Sanic) -> None:
        await knowledge.open()
        await office.open()

    async def close_clients(_app: Sanic) -> None:
        await knowledge.close()
        await office.close()

    app.register_listener(open_clients, "before_server_start")
    app.register_listener(close_clients, "after_server_stop")
    return app
