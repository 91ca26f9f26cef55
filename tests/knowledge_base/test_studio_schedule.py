"""Publishing at an hour that was set: over a restart, and with what goes wrong kept for the writer."""

from __future__ import annotations

import errno
from pathlib import Path

from knowledge_base.studio import review
from tests.knowledge_base.studio import FORM, INES, PAUL, Client, Clock, call, opened, published, saved

PUBLISH = "drafts/shop-hours/fr/publish"


def at(clock: Clock, revision: int, hour: str = "2026-11-23T12:00:00+02:00") -> dict[str, object]:
    """10 h in the clock's time, which begins at 9 h."""
    return {"actor": INES, "revision": revision, "at": hour}


async def test_an_hour_that_was_set_outlives_the_process(client: Client, tmp_path: Path, clock: Clock) -> None:
    revision = await saved(client, "shop-hours")
    status, told = await call(client, "POST", PUBLISH, at(clock, revision))
    assert (status, told["draft"]["publish_at"]) == (200, "2026-11-23T10:00:00+00:00")
    _, listed = await call(client, "GET", "articles?scheduled=1")
    assert [row["publish_at"] for row in listed["articles"]] == ["2026-11-23T10:00:00+00:00"]
    again = opened(tmp_path, clock)
    assert review.publish_due(again) == 0
    clock.pass_by(hours=3)  # nobody was there at that hour
    assert review.publish_due(again) == 1
    assert again.versions.of("shop-hours", "fr")[0].by == INES
    assert again.drafts.all() == []
    # Whoever keeps the audit learns who had set it; the history says it as it says everything.
    (told,) = again.versions.scheduled("")
    article = again.article("shop-hours", "fr")
    assert article is not None
    assert (told["by"], told["title"], told["meant_for"]) == (INES, article.title, "2026-11-23T10:00:00+00:00")
    assert again.versions.of("shop-hours", "fr")[0].as_json()["message"] == f"Publish “{article.title}”"
    assert again.versions.scheduled("9999") == []
    again.close()


async def test_saving_and_withdrawing_take_the_hour_back(client: Client, clock: Clock) -> None:
    revision = await saved(client, "shop-hours")
    await call(client, "POST", PUBLISH, at(clock, revision))
    body = {"form": FORM | {"answer": "À 9 h."}, "revision": revision, "actor": PAUL}
    _, told = await call(client, "PUT", "drafts/shop-hours/fr", body)
    assert (told["unscheduled"], told["draft"]["publish_at"]) == (True, None)
    revision = told["draft"]["revision"]
    await call(client, "POST", PUBLISH, at(clock, revision))
    body = {"actor": INES, "revision": revision}
    _, told = await call(client, "POST", "drafts/shop-hours/fr/unschedule", body)
    assert told["draft"]["publish_at"] is None


async def test_an_hour_that_is_over_or_a_text_that_cannot_be_published_is_refused(client: Client, clock: Clock) -> None:
    revision = await saved(client, "shop-hours", topic="weather")
    for hour, status, code in (
        ("2026-11-23T09:00:00Z", 400, "bad_date"),
        ("2036-11-23T09:00:00Z", 400, "bad_date"),
        ("tomorrow", 400, "bad_request"),
        ("2026-11-24T09:00:00Z", 422, "problems"),
    ):
        told = await call(client, "POST", PUBLISH, at(clock, revision, hour))
        assert (told[0], told[1]["error"]["code"]) == (status, code)
    rule = at(clock, await saved(client, "other", slug="other")) | {"second_person": True}
    status, told = await call(client, "POST", "drafts/other/fr/publish", rule)
    assert (status, told["error"]["code"]) == (409, "second_person")


async def test_what_went_wrong_is_kept_and_shown(client: Client, tmp_path: Path, clock: Clock) -> None:
    await published(client, "parking", slug="parking", title="Où se garer ?", questions=["où se garer"])
    revision = await saved(client, "shop-hours", related=["parking"])
    await call(client, "POST", PUBLISH, at(clock, revision))
    await call(client, "POST", "articles/parking/fr/archive", {"actor": PAUL})
    clock.pass_by(hours=2)
    studio = opened(tmp_path, clock)
    assert review.publish_due(studio) == 0
    problem = studio.draft("shop-hours", "fr").as_json()["publish_problem"]
    assert (problem["code"], problem["meant_for"]) == ("problems", "2026-11-23T10:00:00+00:00")
    assert problem["problems"][0]["code"] == "related_unknown"
    assert studio.draft("shop-hours", "fr").publish_at is None
    studio.close()
    studio = opened(tmp_path, clock)
    assert studio.draft("shop-hours", "fr").publish_problem == problem
    studio.close()


async def test_a_disk_that_is_full_is_tried_again(client: Client, tmp_path: Path, clock: Clock) -> None:
    await call(client, "POST", PUBLISH, at(clock, await saved(client, "shop-hours")))
    room = False

    def step(name: str) -> None:
        if not room and name == "staged":
            raise OSError(errno.ENOSPC, "No space left on device")

    studio = opened(tmp_path, clock, step)
    clock.pass_by(hours=2)
    assert review.publish_due(studio) == 0
    assert studio.draft("shop-hours", "fr").as_json()["publish_problem"]["code"] == "disk_full"
    room = True
    assert review.publish_due(studio) == 0
    clock.pass_by(minutes=1)
    assert review.publish_due(studio) == 1
    studio.close()


async def test_nothing_goes_out_before_it_is_known_what_is_published(
    client: Client, tmp_path: Path, clock: Clock
) -> None:
    revision = await saved(client, "shop-hours")
    await call(client, "POST", PUBLISH, at(clock, revision))
    clock.pass_by(hours=3)
    again = opened(tmp_path, clock)
    known, again.ready = again.ready, lambda: False
    assert review.publish_due(again) == 0
    assert [draft.publish_problem for draft in again.drafts.all()] == [None]
    again.ready = known
    assert review.publish_due(again) == 1
    again.close()
