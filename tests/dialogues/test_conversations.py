"""Every conversation goes as it is written; see README.md."""

from __future__ import annotations

import pytest

from tests.dialogues.form import Conversation, load
from tests.dialogues.player import Played


@pytest.mark.parametrize("conversation", load(), ids=lambda each: each.id)
async def test_conversation(conversation: Conversation, played: dict[str, Played]) -> None:
    went = played[conversation.id]
    assert not went.problems, "\n".join([*went.problems, *went.transcript])
