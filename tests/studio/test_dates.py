"""Days and moments as the pages say them, by the shop's clock, wherever the shop stands."""

from __future__ import annotations

from tests.bot.conftest import Bot
from tests.desk.conftest import OpenDesk

SAID = """async (zone) => {
  document.documentElement.dataset.zone = zone;
  const { date } = await import("/static/desk/format.js");
  return [date("2026-11-24"), date("2026-11-24T02:00:00+00:00")];
}"""


async def test_a_day_alone_is_the_same_day_west_of_greenwich(bot: Bot, new_page: OpenDesk) -> None:
    page = await new_page()
    await page.goto(str(bot.client.make_url("/desk/login")))
    day, moment = await page.evaluate(SAID, "America/Montreal")
    assert day.startswith("24 "), day
    assert moment.startswith("23 "), moment
    assert (await page.evaluate(SAID, "Europe/Paris"))[1].startswith("24 ")
