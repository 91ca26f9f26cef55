"""Rasa's slow places replaced: by what gives the same, on the one version that it was written for."""

from __future__ import annotations

import pytest

from tests.rasa.in_rasa import checks_of, outcomes_of

pytestmark = pytest.mark.timeout(240)  # Rasa takes its time to import


@pytest.fixture(scope="module")
def outcomes() -> dict[str, str]:
    return outcomes_of("patches")


@pytest.mark.parametrize("check", checks_of("patches"))
def test_patched_rasa_does_what_stock_rasa_does(outcomes: dict[str, str], check: str) -> None:
    assert outcomes[check] == "ok", outcomes[check]
