from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.dialogues.form import Conversation
from tests.dialogues.player import Played, play_all
from tests.dialogues.stage import Stage, stage


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def dialogue_stage() -> AsyncIterator[Stage]:
    async with stage() as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def played(dialogue_stage: Stage, request: pytest.FixtureRequest) -> dict[str, Played]:
    """All conversations that were chosen, played at once: each test looks at its own."""
    chosen = [item.callspec.params.get("conversation") for item in request.session.items if hasattr(item, "callspec")]
    return await play_all(dialogue_stage, [each for each in chosen if isinstance(each, Conversation)])
