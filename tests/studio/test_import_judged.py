"""Who must read what of an import is found out once, while the page looks whether it is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.studio import imports
from bot.web.studio_import_api import JUDGING
from service import Service
from service.studio import Studio as Rules
from tests.bot.conftest import Bot
from tests.knowledge_base.conftest import Served
from tests.studio.conftest import Json, Studio
from tests.studio.heard import HeardRules
from tests.studio.test_import import ended


@pytest.fixture
async def rules(company: Service) -> AsyncIterator[HeardRules]:
    """They read a text once the test lets them."""
    rules = HeardRules.of(company)
    rules.asked.go_on.clear()
    yield rules
    rules.asked.go_on.set()


async def begun(who: Studio, stem: str) -> str:
    """The job of a dry run of two rows that would land, the second of which names a danger."""
    titles = {f"{stem}-1": f"Le {stem} ?", f"{stem}-2": f"Mon {stem} a pris feu"}
    rows = [{"id": name, "title": title, "body": "Le texte."} for name, title in titles.items()]
    form = aiohttp.FormData({"locale": "fr", "topic": "products"})
    form.add_field("file", "\n".join(map(json.dumps, rows)).encode(), filename="faq.jsonl")
    headers = {"Authorization": f"Bearer {who.desk.token}"}
    async with who.desk.client.post("/api/v1/studio/imports", data=form, headers=headers) as response:
        return str((await response.json())["job"])


async def asked_for(rules: HeardRules, texts: int) -> None:
    async with asyncio.timeout(60):
        while len(rules.asked.texts) < texts:
            await asyncio.sleep(0.02)


def reasons(told: Json) -> list[Any]:
    return [row["second"] and row["second"]["reason"] for row in told["result"]["rows"]]


async def test_a_dry_run_is_judged_once_and_the_page_is_answered_meanwhile(
    make_bot: Any, library: Served, rules: HeardRules
) -> None:
    house: Bot = await make_bot(knowledge_base_url=library.base, rules=rules)
    ines, paul = Studio(await house.desk("ines", "writer")), Studio(await house.desk("paul", "publisher"))
    job = await begun(ines, "hublot")
    looks = asyncio.create_task(ended(ines, job))
    await asked_for(rules, 1)
    for _ in range(3):
        status, told = await ines.call("GET", f"imports/jobs/{job}")
        assert (status, told["job"], told["state"], told["result"]) == (200, job, "running", None)
    rules.asked.go_on.set()
    dry = await looks
    assert reasons(dry) == [None, "danger"]
    assert reasons((await paul.call("GET", f"imports/jobs/{job}"))[1]) == [None, "danger"]
    status, landing = await paul.call("POST", f"imports/{dry['result']['import']}/apply", {})
    assert status == 202, landing
    assert len(rules.asked.texts) == 2, "each text once, whoever asks and however often"
    assert not rules.asked.at_once
    done = (await ended(paul, landing["job"]))["result"]
    assert (done["new"], done["review"]) == (1, 1)


async def test_what_was_judged_by_other_rules_or_before_a_restart_is_judged_anew(
    make_bot: Any, library: Served, rules: HeardRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    house: Bot = await make_bot(knowledge_base_url=library.base, rules=rules)
    paul = Studio(await house.desk("paul", "publisher"))
    rules.asked.go_on.set()
    job = await begun(paul, "sabot")
    dry = await ended(paul, job)
    assert reasons(dry) == [None, "danger"]
    house.services.company.service = rules.model_copy(update={"studio": Rules(second_person_topics=("products",))})
    _, told = await paul.call("GET", f"imports/jobs/{job}")
    assert reasons(told) == ["topic", "danger"]
    restarted: Bot = await make_bot(knowledge_base_url=library.base, rules=rules)
    later = Studio(await restarted.desk("remi", "publisher"))
    rules.asked.texts.clear()
    rules.asked.go_on.clear()
    place = f"imports/{dry['result']['import']}/apply"
    with monkeypatch.context() as short:
        short.setattr(imports, "_APPLY", 0.05)
        status, refused = await later.call("POST", place, {})
    assert (status, refused["error"]["code"]) == (503, "import_judged_again"), "nothing goes on behind the page's back"
    rules.asked.go_on.set()
    status, landing = await later.call("POST", place, {})
    assert status == 202, landing
    assert len(rules.asked.texts) == 2
    done = (await ended(later, landing["job"]))["result"]
    assert (done["new"], done["review"]) == (1, 1)


async def test_who_stops_a_dry_run_stops_its_judging(make_bot: Any, library: Served, rules: HeardRules) -> None:
    house: Bot = await make_bot(knowledge_base_url=library.base, rules=rules)
    paul = Studio(await house.desk("paul", "publisher"))
    job = await begun(paul, "grelot")
    looks = asyncio.create_task(ended(paul, job))
    await asked_for(rules, 1)
    _, stopped = await paul.call("DELETE", f"imports/jobs/{job}")
    assert (stopped["state"], stopped["result"]) == ("cancelled", None)
    assert (await looks)["state"] == "cancelled"
    assert (await paul.call("GET", f"imports/jobs/{job}"))[1]["state"] == "cancelled"
    assert house.client.app is not None
    assert house.client.app[JUDGING].under_way(job) is None
