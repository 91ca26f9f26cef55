"""A day at the desk: three customers, two advisors and a supervisor, over the whole product, nothing faked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from launch.config import ROOT
from service.hours import public_holidays
from tests.browser import day_afternoon as afternoon
from tests.browser import day_morning as morning
from tests.browser.conftest import NewPage
from tests.browser.day_pages import Day, Desk, api_customer
from tests.browser.pages import Chat
from tests.harness import Stack

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A product that is open day and night, and whose advisors have time to answer."""
    rules = yaml.safe_load((ROOT / "service.yml").read_text("utf-8"))
    rules["opening_hours"] = {day: ["00:00-24:00"] for day in rules["opening_hours"]}
    today = datetime.now(UTC).date()
    rules["holidays"] = {"country": next(each for each in ("FR", "JP") if today not in public_holidays(each))}
    rules["handoff"]["offer_deadline_seconds"] = 600
    file = Path(tmp_path_factory.mktemp("day")) / "service.yml"
    file.write_text(yaml.safe_dump(rules, allow_unicode=True), "utf-8")
    with Stack({"SERVICE_FILE": str(file)}) as started:
        yield started


async def test_a_day_at_the_desk(shop: Stack, new_page: NewPage) -> None:
    async def desk(login: str) -> Desk:
        return await Desk(await new_page(1440, 900), shop, login).arrive()

    julien, emma = Chat(await new_page(), shop), Chat(await new_page(locale="en-GB"), shop, "en")
    async with api_customer(shop) as sam:
        claire, hugo, marc = [await desk(login) for login in ("claire", "hugo", "marc")]
        day = Day(shop, new_page, claire, hugo, marc, julien, emma, sam)
        his = await morning.an_offer_is_declined_and_goes_on(day)
        faster = await morning.two_accept_at_once(day)
        await morning.words_in_the_customers_language(day)
        await morning.a_note_and_a_transfer(day)
        await morning.prepared_and_confirmed_once(day, his)
        await afternoon.promised(day, his)
        await afternoon.a_line_lost_in_mid_sentence(day, his)
        await afternoon.nearly_missed_and_kept(day, his)
        await afternoon.ended_undone_ended_and_back_to_the_same_advisor(day, his)
        await afternoon.the_supervisor_listens_and_gives_it_to_another(day, faster)
        await afternoon.a_laptop_that_stays_away(day)
