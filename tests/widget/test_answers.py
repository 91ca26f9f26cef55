"""The answer's bubble: its passage, its language, and what follows when it does not help."""

from __future__ import annotations

from playwright.async_api import expect

from tests.widget import fake_words
from tests.widget.chat import Chat
from tests.widget.fake_api import FakeApi


async def test_the_passage_unfolds_by_keyboard_with_its_sentence_marked(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    await chat.say("un retour")
    quote = chat.log.locator("blockquote")
    await expect(chat.log.get_by_text("Voir le passage")).to_be_visible()
    await expect(quote).to_be_hidden()
    await chat.log.get_by_role("link", name="Lire l’article").focus()
    await chat.page.keyboard.press("Tab")
    await chat.page.keyboard.press("Enter")
    await expect(quote).to_be_in_viewport()
    assert await quote.inner_text() == fake_words.PASSAGE
    assert await quote.locator("mark").all_inner_texts() == [fake_words.SENTENCE]
    await chat.page.keyboard.press("Enter")
    await expect(quote).to_be_hidden()


async def test_a_passage_that_says_no_more_than_the_answer_is_left_out(chat: Chat, api: FakeApi) -> None:
    await chat.begin()
    shown = fake_words.answer()
    for passage in (f"  {fake_words.ANSWER}\n", fake_words.ANSWER[:60], "", None):
        await api.add("bot", fake_words.ANSWER, kind="answer", answer=shown["answer"] | {"passage": passage})
    await expect(chat.log.get_by_role("link", name="Lire l’article")).to_have_count(4)
    await expect(chat.log.locator("details")).to_have_count(0)


async def test_a_sentence_that_is_not_in_the_passage_marks_nothing_and_markup_stays_text(
    chat: Chat, api: FakeApi
) -> None:
    await chat.begin()
    shown = fake_words.answer()["answer"]
    hostile = "<img src=x onerror=alert(1)> <b>gras</b>"
    for sentence in ("ailleurs", hostile, None):
        answer = shown | {"passage": f"Avant {hostile} après", "sentence": sentence}
        await api.add("bot", "…", kind="answer", answer=answer)
    await expect(chat.log.locator("blockquote")).to_have_count(3)
    assert await chat.log.locator("mark").all_text_contents() == [hostile]
    assert await chat.log.locator("img, b").count() == 0


async def test_an_article_of_another_language_says_which_one_it_is_in(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    await chat.say("la garantie")
    await expect(chat.log.get_by_text("Two years")).to_be_visible()
    language = "node => node.closest('[lang]').lang"
    assert await chat.log.get_by_text("Two years").evaluate(language) == "en"
    assert await chat.log.get_by_text("The guarantee").evaluate(language) == "en"
    assert await chat.log.get_by_text("Cela vous aide-t-il").evaluate(language) == "fr"
    assert await chat.log.get_by_role("link", name="Lire l’article").evaluate(language) == "fr"


async def test_a_no_brings_something_else(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    await chat.say("un retour")
    await chat.log.get_by_role("button", name="Non").press("Enter")
    await expect(chat.own("Cela ne m’aide pas")).to_have_count(1)
    await expect(chat.log).to_contain_text("nous en tenons compte")
    await chat.log.get_by_role("button", name="Aucun de ces sujets").click()
    await expect(chat.own("Aucun de ces sujets")).to_contain_text("Reçu à")
    assert api.talk.feedback == [{"message_id": api.talk.messages[2]["id"], "helpful": False}]
    assert [post.get("choice") for post in api.posts] == [None, "opaque-2"]
    await chat.page.reload()
    await expect(chat.own("Cela ne m’aide pas")).to_have_count(1)
    await expect(chat.log.get_by_role("button", name="Non", exact=True)).to_have_count(0)


async def test_in_english_the_passage_is_offered_in_english(chat: Chat, api: FakeApi) -> None:
    await chat.visit("/?lang=en")
    await chat.page.get_by_role("button", name="Open the chat").click()
    await chat.dialog.get_by_role("textbox", name="Your message").fill("un retour")
    await chat.page.keyboard.press("Enter")
    await chat.log.get_by_text("See the passage").click()
    await expect(chat.log.locator("mark")).to_be_visible()
