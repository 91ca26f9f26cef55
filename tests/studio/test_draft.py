"""A draft in the browser, by its own code over a door that is played: what is typed while two versions wait."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.bot.conftest import Bot
from tests.desk.conftest import OpenDesk
from tests.studio.conftest import form

# Ines has written an answer; Zoe's, and a title of hers, came first.
CLASH = """async (form) => {
  const { Draft } = await import("/static/studio/articles/draft.js");
  const changed = { ...form, answer: "À l’eau.", title: "Laver un tamis" };
  const theirs = { form: changed, revision: 8, updated_by: { name: "Zoe", email: "zoe@x" } };
  const told = { status: 409, code: "conflict", body: { theirs, base: form } };
  window.sent = [];
  window.answers = [() => { throw Object.assign(new Error("conflict"), told); }];
  window.api = { put: async (path, body) => {
    sent.push(body);
    const answer = answers.shift() ?? (() => ({ draft: { form: body.form, revision: body.revision + 1 } }));
    return answer();
  } };
  window.draft = new Draft(api, "tamis", "fr", { draft: { form, revision: 7 } }, 1);
  draft.set("answer", "À sec.");
  await draft.flush();
}"""


@pytest.fixture
async def page(bot: Bot, new_page: OpenDesk) -> Page:
    made = await new_page()
    await made.goto(str(bot.client.make_url("/desk/login")))
    await made.evaluate(CLASH, form("tamis"))
    return made


async def test_what_is_typed_while_two_versions_wait_stays(page: Page) -> None:
    assert await page.evaluate("[draft.status, draft.revision, draft.clash.fields]") == ["conflict", 7, ["answer"]]
    # Nothing is sent before somebody has said what stands, and nothing of it is lost with the page.
    again = """async () => {
      draft.set("body", "Sans savon.");
      await draft.flush();
      const { Draft } = await import("/static/studio/articles/draft.js");
      const of = (owner) => new Draft(api, "tamis", "fr", null, owner);
      const [hers, another] = [of(1), of(2)];
      hers.forget();  // its own sending is not what is looked at here
      return { sent: sent.length, revision: hers.revision, form: hers.form, another: another.form.body };
    }"""
    kept = await page.evaluate(again)
    assert (kept["sent"], kept["revision"]) == (1, 7)
    assert (kept["form"]["answer"], kept["form"]["body"]) == ("À sec.", "Sans savon.")
    assert kept["another"] == ""  # the browser is shared, what was typed is not
    settled = """async () => {
      draft.settle({ ...draft.clash.form, answer: "À l’eau, ou à sec." }, draft.clash.theirs);
      await draft.flush();
      return sent.at(-1);
    }"""
    sent = await page.evaluate(settled)
    assert sent["revision"] == 8
    told = {name: sent["form"][name] for name in ("title", "answer", "body")}
    assert told == {"title": "Laver un tamis", "answer": "À l’eau, ou à sec.", "body": "Sans savon."}


async def test_who_types_the_same_as_the_other_has_settled_it(page: Page) -> None:
    await page.evaluate("() => { draft.set('answer', 'À l’eau.'); return draft.flush(); }")
    assert await page.evaluate("[draft.clash, draft.form.title, sent.at(-1).revision]") == [None, "Laver un tamis", 8]


async def test_what_went_out_while_one_wrote_is_known_to_be_online(page: Page) -> None:
    met = """async () => {
      const { Draft } = await import("/static/studio/articles/draft.js");
      const { stateOf } = await import("/static/studio/articles/steps.js");
      const form = draft.clash.started;
      const told = { status: 409, code: "conflict", body: { theirs: null, base: form, published: { form } } };
      answers.push(() => { throw Object.assign(new Error("conflict"), told); });
      const late = new Draft(api, "tamis", "fr", { draft: { form, revision: 7 } }, 3);
      late.set("answer", "Au soleil.");
      await late.flush();
      await late.flush();
      return [late.form.answer, stateOf(late)[1]];
    }"""
    assert await page.evaluate(met) == ["Au soleil.", "articles.published_draft.draft"]


async def test_who_wrote_in_a_text_and_approved_it_is_offered_what_two_people_leave_to_them(page: Page) -> None:
    offered = """async (drafts) => {
      const { stepsOf } = await import("/static/studio/articles/steps.js");
      const person = (name) => name && { name, email: `${name}@x` };
      const read = ({ by, before }) => ({ approved_by: person(by), approved_before: person(before) });
      const people = ({ author, last, ...by }) => ({ author: person(author), updated_by: person(last), ...read(by) });
      const named = (draft) => ({ state: "approved", ...people(draft), writers: (draft.writers ?? []).map(person) });
      const ines = { me: person("ines"), may: () => true };
      const steps = (draft) => stepsOf({ draft: named(draft), second: "danger", side: {} }, ines);
      return drafts.map((draft) => ["publish", "approve"].filter((step) => steps(draft).includes(step)));
    }"""
    told = {
        "Zoe's text, read by me": ({"author": "zoe", "last": "zoe", "by": "ines"}, ["publish"]),
        "a comma of mine in it": ({"author": "zoe", "last": "ines", "by": "ines"}, []),
        "my text, a space of Zoe's": ({"author": "ines", "last": "zoe", "by": "ines"}, []),
        "I wrote in between": ({"author": "zoe", "last": "zoe", "writers": ["zoe", "ines"], "by": "ines"}, []),
        "then Zoe approved it too": ({"author": "ines", "last": "zoe", "by": "zoe", "before": "ines"}, ["publish"]),
        "Zoe approved what she mended": ({"author": "max", "last": "zoe", "by": "zoe"}, ["publish", "approve"]),
        "mine, mended by Zoe": ({"author": "ines", "last": "zoe", "by": "zoe"}, ["publish", "approve"]),
        "mine alone": ({"author": "ines", "last": "ines", "by": "zoe"}, ["publish"]),
    }
    found = await page.evaluate(offered, [draft for draft, _ in told.values()])
    assert dict(zip(told, found, strict=True)) == {name: steps for name, (_, steps) in told.items()}


async def test_what_was_kept_here_says_what_it_began_from(page: Page) -> None:
    kept = """async () => {
      const { Draft } = await import("/static/studio/articles/draft.js");
      const { TreeDraft } = await import("/static/studio/trees/draft.js");
      const form = draft.clash.started;
      const article = (version) => new Draft(api, "tamis", "fr", { published: form, version }, 4);
      article("v1").set("answer", "Au soleil.");
      await article("v2").flush();
      const tree = (version) => new TreeDraft(api, "tamis", { published: form, version }, 4);
      tree("v1").edit((changed) => (changed.answer = "Au four."));
      await tree("v2").flush();
      return sent.slice(-2);
    }"""
    told = [(sent["form"]["answer"], sent["revision"], sent["base_version"]) for sent in await page.evaluate(kept)]
    assert told == [("Au soleil.", None, "v1"), ("Au four.", None, "v1")]
    # What began from nothing has everything to settle with what went out meanwhile.
    fields = """() => {
      draft.settle(draft.form, draft.clash.theirs);
      draft.meet({ theirs: { form: { ...draft.form, answer: "Au vent." }, version: "v3" }, base: null });
      return [draft.form.answer, draft.clash.fields];
    }"""
    assert await page.evaluate(fields) == ["À sec.", ["answer"]]


async def test_a_conflict_says_what_became_of_the_hour_that_was_set(bot: Bot, new_page: OpenDesk) -> None:
    page = await new_page()
    await page.goto(str(bot.client.make_url("/desk/login")))
    scheduled = CLASH.replace("draft: { form, revision: 7 }", "draft: { form, revision: 7, publish_at: '2030-01-01' }")
    assert scheduled != CLASH
    await page.evaluate(scheduled, form("tamis"))
    assert await page.evaluate("[draft.status, draft.clash.isOff, draft.draft.publish_at ?? null]") == [
        "conflict", True, None,
    ]  # fmt: skip
