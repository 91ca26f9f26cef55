"""A line that breaks, lost answers, an ended session: nothing is lost, nothing doubles, nothing needs a reload."""

from __future__ import annotations

from playwright.async_api import expect

from tests.desk import fake_data as data
from tests.desk.conftest import OpenDesk, Served
from tests.desk.test_conversation import take
from tests.waiting import held_on_its_way


async def test_a_lost_line_is_told_and_made_up_for(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    await take(page)
    await served.desk.drop(down=True)
    await expect(page.locator(".banner")).to_contain_text("Connexion perdue.")
    await page.fill("#reply", "Je suis toujours là.")
    await page.keyboard.press("Enter")
    await expect(page.locator(".delivery")).to_contain_text("Sera envoyé dès que la connexion revient")
    await served.desk.says("c-camille", "customer", "Allô ?")
    await served.desk.joins(data.handoff("nora", 0, customer_name="Nora Petit", summary="Carte refusée"))
    assert await page.locator("[data-handoff=h-nora]").count() == 0
    await served.desk.drop(down=False)
    # On a slow day the line has come back by itself before anybody can press.
    await page.locator(".banner").get_by_text("Réessayer maintenant").dispatch_event("click")
    await expect(page.locator(".banner")).to_be_hidden()
    await expect(page.locator(".message--customer").last).to_contain_text("Allô ?")
    await expect(page.locator("[data-handoff=h-nora]")).to_be_visible()
    await expect(page.locator(".message--advisor[data-seq]")).to_contain_text("Je suis toujours là.")
    await expect(page.locator(".delivery")).to_have_count(0)
    assert sum(each["text"] == "Je suis toujours là." for each in served.desk.messages["c-camille"]) == 1


async def test_the_line_comes_back_by_itself(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    await take(page)
    assert len(served.desk.sockets) == 1, "or nothing is cut"
    async with page.expect_websocket():
        await served.desk.drop(down=False)
    await served.desk.says("c-camille", "customer", "Toujours là ?")
    await expect(page.locator(".message--customer").last).to_contain_text("Toujours là ?")


async def test_a_reply_whose_answer_was_lost_is_sent_again_under_the_same_id(
    open_desk: OpenDesk, served: Served
) -> None:
    page = await open_desk()
    await take(page)
    served.desk.lose_answers = 1
    await page.fill("#reply", "Une seule fois.")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message--advisor[data-seq]")).to_have_count(1)
    await expect(page.locator(".delivery")).to_have_count(0)
    assert len(served.desk.posts) >= 2
    assert len({post["client_message_id"] for post in served.desk.posts}) == 1
    assert sum(each["text"] == "Une seule fois." for each in served.desk.messages["c-camille"]) == 1


async def test_an_unsent_reply_survives_a_reload(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    await take(page)
    await page.route("**/api/v1/desk/conversations/*/messages", lambda route: route.abort())
    await page.fill("#reply", "Après le rechargement.")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message--waiting")).to_have_count(1)
    assert served.desk.posts == []
    await page.unroute("**/api/v1/desk/conversations/*/messages")
    await page.reload()
    await expect(page.locator(".message--advisor[data-seq]")).to_contain_text("Après le rechargement.")
    assert sum(each["text"] == "Après le rechargement." for each in served.desk.messages["c-camille"]) == 1


async def test_whoever_goes_on_is_not_pulled_back_to_the_reply(open_desk: OpenDesk, served: Served) -> None:
    """Without a line the list is fetched once more after a conversation is taken, and that may take a while."""
    page = await open_desk()
    await page.click("[data-handoff=h-camille]")
    await page.route_web_socket("**/live", lambda _: None)
    await served.desk.drop(down=False)
    await expect(page.locator("desk-presence")).to_have_attribute("data-status", "offline")
    go = await held_on_its_way(page, "**/api/v1/desk/handoffs")
    await page.click(".accept-bar button")
    await page.wait_for_selector("desk-composer")
    await page.keyboard.press("Escape")
    await expect(page.locator("[aria-current=true]")).to_be_focused()
    await served.desk.joins(data.handoff("nora", 0, customer_name="Nora Petit", summary="Carte refusée"))
    go.set()
    await expect(page.locator("[data-handoff=h-nora]")).to_be_visible()
    await expect(page.locator("[aria-current=true]")).to_be_focused()


async def test_a_refused_reply_says_why_and_gives_its_words_back(open_desk: OpenDesk) -> None:
    page = await open_desk()
    await take(page)
    await page.fill("#reply", "refuse")
    await page.keyboard.press("Enter")
    await expect(page.locator(".delivery")).to_contain_text("Non envoyé. Cette conversation n’est plus la vôtre.")
    await page.get_by_role("button", name="Modifier").click()
    await expect(page.locator("#reply")).to_have_value("refuse")
    await expect(page.locator(".message--failed")).to_have_count(0)


async def test_a_new_csrf_token_is_taken_without_losing_the_click(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    served.desk.csrf = "another"
    await take(page)
    assert served.desk.handoffs["h-camille"]["status"] == "accepted"


async def test_an_ended_session_leads_to_sign_in_and_back_to_the_draft(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    await take(page)
    await page.fill("#reply", "À moitié écrit")
    served.desk.sessions.clear()
    await served.desk.drop(down=False)
    await page.wait_for_url("**/desk/login?next=/desk#/handoffs/h-camille")
    await page.wait_for_selector(".login-form[data-ready]")
    await page.fill("#email", "claire@maison-alder.test")
    await page.fill("#password", data.PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#reply")).to_have_value("À moitié écrit")


async def test_signing_out_leaves_nothing_behind(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    await take(page)
    await page.fill("#reply", "secret")
    await page.get_by_role("button", name="Se déconnecter").click()
    await page.wait_for_url("**/desk/login")
    assert served.desk.sessions == {}
    assert "secret" not in await page.evaluate("JSON.stringify(localStorage)")


async def test_a_card_that_cannot_load_says_so_and_the_rest_works(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    await page.route(
        "**/handoffs/h-emma", lambda route: route.fulfill(status=500, json={"error": {"code": "x", "message": "y"}})
    )
    await page.click("[data-handoff=h-emma]")
    await expect(page.locator("desk-card")).to_contain_text("La fiche n’a pas pu être chargée.")
    await expect(page.locator(".thread")).to_contain_text("Can I send back a lamp")
    await page.unroute("**/handoffs/h-emma")
    await page.locator("desk-card").get_by_role("button", name="Réessayer").click()
    await expect(page.locator("desk-card")).to_contain_text("Pas de réponse trouvée")
