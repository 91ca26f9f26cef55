"""What trials and groupings hold in memory is let go of when nobody uses it; what they say stays the same."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from encoder.joint import JointEncoder
from encoder.model import Encoder, Vectors
from knowledge_base.knowledge import KnowledgeBase
from knowledge_base.studio.form import Form
from knowledge_base.studio.replaying import Replayed, replay
from knowledge_base.studio.space import Space
from knowledge_base.studio.trying import Trials
from knowledge_base.studio.wiring import let_go
from tests.knowledge_base.test_trying import ENGRAVING

QUESTIONS = [("où est mon colis", "fr"), ("graver une théière", "fr")]


class Counted:
    """Any direction for each text; how many were asked for."""

    dimension, fingerprint = 16, "counted"

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        rows = np.array([np.random.default_rng(zlib.crc32(text.encode())).normal(size=16) for text in texts])
        unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return unit


def test_idle_trials_and_groupings_give_their_memory_back(folder: Path) -> None:
    engine = Counted()
    knowledge = KnowledgeBase(folder, JointEncoder([Encoder(engine, {})]), None, 0.05)
    knowledge.refresh()
    trials, space = Trials(knowledge), Space(knowledge.encoder)
    form, asked = Form.model_validate(ENGRAVING), [Replayed(str(n), *one) for n, one in enumerate(QUESTIONS)]

    def used() -> tuple[int, dict[str, object]]:
        before = len(engine.texts)
        space.place(QUESTIONS)
        found = replay(trials, [form], asked, lambda _: None)
        return len(engine.texts) - before, found

    first, found = used()
    assert first > 0
    assert used() == (0, found), "what was asked once is not encoded again"
    assert not let_go(trials, space, 600.0), "it was used just now"
    assert used() == (0, found)
    assert let_go(trials, space, 0.0)
    assert not let_go(trials, space, 0.0), "there is nothing left"
    again, same = used()
    assert again > 0
    assert same == found
    knowledge.close()
