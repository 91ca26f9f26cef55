"""Whatever stops publishing half-way, each article is wholly the old one or wholly the new one, in file and history."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from dulwich.repo import Repo

from knowledge_base.content import history
from knowledge_base.content.store import ArticleStore
from knowledge_base.studio.errors import StudioError
from knowledge_base.studio.form import Form
from knowledge_base.studio.studio import Studio
from tests.knowledge_base.conftest import ROOT
from tests.knowledge_base.studio import FORM, INES, Clock, opened

OLD, NEW = "De 10 h à 19 h, du lundi au samedi.", "De 9 h à 20 h."
PLACE = ("shop-hours", "fr")
PATH = "fr/horaires-des-boutiques.md"
STEPS = ("staged", "noted", "committed", "placed", "forgotten")


def form(answer: str) -> Form:
    return Form.model_validate(FORM | {"answer": answer}).at(*PLACE)


def publish(studio: Studio, answer: str) -> None:
    known = studio.drafts.get(*PLACE)
    made = studio.save(form(answer), known.revision if known else None, INES)
    studio.publish(*PLACE, made["draft"]["revision"], INES, second_person=False)


def draft_of_new_over_old(tmp_path: Path) -> int:
    """The old text is published, the new one a draft; its revision."""
    studio = opened(tmp_path, Clock())
    publish(studio, OLD)
    made = studio.save(form(NEW), None, INES)
    studio.close()
    return int(made["draft"]["revision"])


def in_a_child(work: Callable[[], None]) -> int:
    """Do it in a process of its own; how that ended: 0 done, 7 refused, -9 killed."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except (StudioError, OSError):
            os._exit(7)
        finally:
            os._exit(3 if sys.exc_info()[0] else 0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def after_a_restart(tmp_path: Path) -> str:
    """What is published now; file, history, index and drafts agree on it."""
    studio = opened(tmp_path, Clock())
    file = tmp_path / "articles" / PATH
    contents = ArticleStore(tmp_path / "articles").scan()
    assert contents is not None
    assert not contents.broken
    [article] = contents.articles
    assert history.Published(tmp_path / "articles").read(PATH) == file.read_bytes()
    assert [left.name for left in (tmp_path / "articles").rglob(".*.partial")] == []
    assert list((tmp_path / "articles" / ".git").rglob("*.lock")) == []
    draft = studio.drafts.get(*PLACE)
    assert (draft.form.answer if draft else None) == (NEW if article.answer == OLD else None)
    assert studio.versions.latest[PLACE].message.startswith("Publish")
    publish(studio, "Et tout va de nouveau.")  # nothing stands in the way of the next one
    studio.close()
    return article.answer


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step(tmp_path: Path, step: str) -> None:
    revision = draft_of_new_over_old(tmp_path)

    def work() -> None:
        def kill(name: str) -> None:
            if name == step:
                os.kill(os.getpid(), signal.SIGKILL)

        opened(tmp_path, Clock(), kill).publish(*PLACE, revision, INES, second_person=False)

    assert in_a_child(work) == -signal.SIGKILL
    assert after_a_restart(tmp_path) == (OLD if step in ("staged", "noted") else NEW)


@pytest.mark.parametrize("step", ["staged", "noted", "placed", "forgotten"])
def test_a_disk_that_is_full_at_a_step(tmp_path: Path, step: str) -> None:
    revision = draft_of_new_over_old(tmp_path)
    full = True

    def fail(name: str) -> None:
        if full and name == step:
            raise OSError(errno.ENOSPC, "No space left on device")

    studio = opened(tmp_path, Clock(), fail)
    if step in ("staged", "noted"):
        with pytest.raises(OSError, match="No space"):
            studio.publish(*PLACE, revision, INES, second_person=False)
        assert studio.drafts.get(*PLACE)
        assert NEW not in (tmp_path / "articles" / PATH).read_text("utf-8")
        full = False
    else:
        done = studio.publish(*PLACE, revision, INES, second_person=False)
        assert done["commit"]
        full = False
        studio.settle()  # what could not be finished is, as soon as there is room
        assert studio.database.rows("SELECT * FROM intents") == []
        assert studio.drafts.get(*PLACE) is None
    studio.close()
    assert after_a_restart(tmp_path) == (OLD if step in ("staged", "noted") else NEW)


@pytest.mark.parametrize("room", [0, 60, 150, 300, 500, 4_000, 33_000, 40_000, 60_000, 1_000_000])
def test_no_file_can_grow_beyond(tmp_path: Path, room: int) -> None:
    """The system refuses each write beyond `room` bytes, wherever in publishing that comes."""
    revision = draft_of_new_over_old(tmp_path)

    def work() -> None:
        studio = opened(tmp_path, Clock())
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        try:
            studio.publish(*PLACE, revision, INES, second_person=False)
        except Exception as error:
            raise OSError("refused") from error

    ended = in_a_child(work)
    assert ended in (0, 7)
    now = after_a_restart(tmp_path)
    assert now == (NEW if ended == 0 else OLD)


WORKER = """
import sys
from pathlib import Path
from tests.knowledge_base.studio import FORM, INES, Clock, opened
from knowledge_base.studio.form import Form
studio = opened(Path(sys.argv[1]), Clock())
for number in range(int(sys.argv[2]), 100_000):
    place = (f"article-{number % 3}", "fr")
    form = Form.model_validate(FORM | {"slug": place[0], "answer": f"Réponse {number}.", "title": f"Titre {number}"})
    known = studio.drafts.get(*place)
    made = studio.save(form.at(*place), known.revision if known else None, INES)["draft"]
    print("saved", place[0], made["revision"], number, flush=True)
    studio.publish(*place, made["revision"], INES, second_person=False)
    print("published", place[0], made["revision"], number, flush=True)
"""


def number_in(answer: str) -> int:
    return int(answer.split()[1].strip("."))


def test_a_process_that_is_killed_at_any_moment_keeps_what_it_said_it_had(tmp_path: Path) -> None:
    said: dict[str, tuple[str, int]] = {}
    for stop_after in (1, 4, 9):
        start = max((number for _, number in said.values()), default=-1) + 1
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(tmp_path), str(start)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        for _ in range(stop_after):
            what, name, _, number = process.stdout.readline().split()
            said[name] = (what, int(number))
        process.kill()
        for line in process.stdout:  # what it still said before it ended
            parts = line.split()
            if len(parts) == 4 and line.endswith("\n"):
                said[parts[1]] = (parts[0], int(parts[3]))
        process.wait()
        process.stdout.close()
        studio = opened(tmp_path, Clock())
        articles = {article.id: article for article in studio.articles()}
        committed = history.Published(tmp_path / "articles")
        for name, (what, least) in said.items():
            article, draft = articles.get(name), studio.drafts.get(name, "fr")
            published = number_in(article.answer) if article else -1
            assert max(published, number_in(draft.form.answer) if draft else -1) >= least, name
            assert what == "saved" or published >= least, name
        for article in articles.values():
            path = f"fr/{article.slug}.md"
            assert committed.read(path) == (tmp_path / "articles" / path).read_bytes()
        studio.close()
        if not history.has_repository(tmp_path / "articles"):
            continue
        with Repo(str(tmp_path / "articles")) as repository:
            for entry in repository.get_walker():
                for item in repository.object_store.iter_tree_contents(entry.commit.tree):
                    assert repository.object_store.get_raw(item.sha)[1]
    assert len(said) >= 2


def test_a_damaged_file_of_drafts_keeps_nobody_from_answering(tmp_path: Path) -> None:
    draft_of_new_over_old(tmp_path)
    for left in tmp_path.glob("studio.db-*"):
        left.unlink()
    (tmp_path / "studio.db").write_bytes(b"not a database at all " * 500)
    studio = opened(tmp_path, Clock())
    [article] = studio.articles()
    assert (article.answer, studio.drafts.all()) == (OLD, [])
    assert [one.message for one in studio.versions.of(*PLACE)] == [f"Publish “{FORM['title']}”"]
    assert len(list(tmp_path.glob("studio.db.damaged-*"))) == 1
    publish(studio, NEW)
    studio.close()


def test_what_was_changed_by_hand_is_in_the_history_and_is_not_written_over(tmp_path: Path) -> None:
    revision = draft_of_new_over_old(tmp_path)
    file = tmp_path / "articles" / PATH
    file.write_text(file.read_text("utf-8").replace("10 h", "11 h"), "utf-8")
    broken = tmp_path / "articles" / "fr" / "broken.md"
    broken.write_text("---\nid: [", "utf-8")
    studio = opened(tmp_path, Clock())
    assert [one.by for one in studio.versions.of(*PLACE)] == [None, INES]
    assert history.Published(tmp_path / "articles").read("fr/broken.md") is None
    with pytest.raises(StudioError, match="has changed") as refused:
        studio.publish(*PLACE, revision, INES, second_person=False)
    assert "11 h" in refused.value.more["theirs"]["form"]["answer"]
    studio.close()
