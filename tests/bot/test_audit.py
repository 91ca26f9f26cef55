"""The audit: a sentence for each action that the code knows, a search, and a table to take along."""

from __future__ import annotations

import ast
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from bot.db.people import AuditEntry
from bot.texts import LOCALES, sentences
from tests.bot.conftest import Bot
from tests.bot.test_files import PNG, send
from tests.bot.test_handoff import taken

ROOT = Path(__file__).parents[2] / "bot"
ACTION = re.compile(r"[a-z]+(_[a-z]+)+")
# Where an action is not written out at the call: what it may be.
COMPUTED = {
    "accounts/links.py": {"user_joined", "password_reset"},
    "clocks/watching.py": {"clock_missed", "clock_warned"},
    "company_settings.py": {"settings_changed", "settings_reset", "settings_undone"},
    "handoff/offering.py": {"handoff_declined", "offer_expired", "offer_withdrawn"},
    "handoff/taking_part.py": {"conversation_listening", "conversation_joined"},
    "incidents/managing.py": {
        *("incident_prepared", "incident_changed", "incident_removed", "incident_switched_on", "incident_switched_off"),
        *("incident_end_changed", "incident_switch_undone", "incident_update_sent", "incident_update_taken_back"),
        "incident_ended",
    },
    "identity/links.py": {"identity_linked", "identity_link_declined", "identity_unlinked"},
    "prepared/outcome.py": {"task_done", "task_refused", "task_failed"},
    "studio/gap_detail.py": {"gap_open", "gap_in_progress", "gap_closed", "gap_dismissed", "gap_sent"},
    "studio/health_duplicates.py": {"articles_told_apart", "articles_alike_again"},
    "studio/scheduled.py": {"article_published_on_time"},
    "studio/sent_settled.py": {
        *("sent_on_resolved", "sent_on_reopened", "sent_on_mistaken", "sent_on_taken_back"),
    },
    "web/studio_door.py": {
        *("article_submitted", "article_withdrawn", "article_approved", "article_rejected", "article_published"),
        *("article_scheduled", "article_unscheduled", "article_archived", "article_unarchived", "article_restored"),
        *("article_draft_discarded", "tree_submitted", "tree_withdrawn", "tree_approved", "tree_rejected"),
        *("tree_published", "tree_archived", "tree_unarchived", "tree_restored", "tree_draft_discarded"),
    },
    "words/transcript.py": {"transcript_sent", "transcript_asked"},
}
# What only hands an action on: it is written out where it is called.
PASSED_ON = re.compile(r"_?audit")


def called(tree: ast.AST) -> Iterator[ast.Call]:
    """The calls that write an entry, those inside of a helper left out."""
    for node in ast.walk(tree):
        inner = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and PASSED_ON.fullmatch(node.name)
        for child in ast.iter_child_nodes(node) if not inner else ():
            if isinstance(child, ast.Call) and isinstance(child.func, ast.Name | ast.Attribute):
                name = child.func.id if isinstance(child.func, ast.Name) else child.func.attr
                if name == "AuditEntry" or PASSED_ON.fullmatch(name):
                    yield child


def written_out(call: ast.Call) -> str | None:
    given = [keyword.value for keyword in call.keywords if keyword.arg == "action"] or call.args
    words = [one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return next((word for word in words if ACTION.fullmatch(word)), None)


def actions() -> dict[str, set[str]]:
    """By file, every action that the code may write."""
    found: dict[str, set[str]] = {}
    for file in sorted(ROOT.rglob("*.py")):
        name, tree = file.relative_to(ROOT).as_posix(), ast.parse(file.read_text("utf-8"))
        helpers = {
            id(call)
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and PASSED_ON.fullmatch(node.name)
            for call in ast.walk(node)
        }
        for call in called(tree):
            if id(call) in helpers:
                continue
            action = written_out(call)
            assert action or name in COMPUTED, f"{name}:{call.lineno}: add what it may be to COMPUTED of this test"
            found.setdefault(name, set()).update({action} if action else COMPUTED[name])
    return found


def test_every_action_has_a_sentence_in_both_languages() -> None:
    known = actions()
    assert {"handoff_read", "conversation_read"} <= set().union(*known.values())
    assert COMPUTED.keys() <= known.keys(), "files that write no computed action any more"
    for locale in LOCALES:
        missing = sorted(
            f'audit_{action}: "…"  # {file}'
            for file, found in known.items()
            for action in found
            if f"audit_{action}" not in sentences(locale)
        )
        assert missing == [], f"add to bot/locales/{locale}.yml:\n" + "\n".join(missing)


async def test_who_saw_and_did_what_is_found(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    sent = await send(customer, PNG, key="f1")
    claire, handoff = await taken(bot, customer)
    await claire.call("GET", f"handoffs/{handoff}")
    marc, ada = await bot.desk("marc", "supervisor"), await bot.desk("ada", "admin")
    status, page = await marc.call("GET", f"audit?target={customer.id}")
    assert status == 200, page
    assert {"handoff_read", "handoff_accepted"} <= {entry["action"] for entry in page["entries"]}
    read = next(entry for entry in page["entries"] if entry["action"] == "handoff_read")
    assert (read["actor"]["name"], read["sentence"]) == ("Claire", "a consulté une fiche client")
    assert read["conversation_id"] == customer.id
    assert (await marc.call("GET", "audit?action=handoff_read&locale=en"))[1]["entries"][0]["sentence"].startswith(
        "looked"
    )
    assert sent
    # Accounts are an admin's to read.
    _, his = await marc.call("GET", "audit")
    _, hers = await ada.call("GET", "audit")
    assert "signed_in" in {entry["action"] for entry in hers["entries"]}
    assert "signed_in" not in {entry["action"] for entry in his["entries"]} | {one["action"] for one in his["actions"]}
    assert (await marc.call("GET", "audit?action=signed_in"))[1]["entries"] == []
    _, by = await ada.call(
        "GET", f"audit?actor={read['actor']['id']}&from=2026-11-24T00:00:00Z&to=2030-01-01T00:00:00Z"
    )
    assert {entry["actor"]["name"] for entry in by["entries"]} == {"Claire"}
    assert (await ada.call("GET", "audit?to=2026-11-01T00:00:00Z"))[1]["entries"] == []
    for bad in ("before=x", "from=yesterday", "from=2026-11-24", f"actor={'x' * 65}"):
        assert (await marc.call("GET", f"audit?{bad}"))[0] == 422, bad


async def test_pages_and_the_table(bot: Bot) -> None:
    marc = await bot.desk("marc", "supervisor")
    async with bot.services.db.write() as session:
        for count in range(120):
            entry = AuditEntry(at=bot.clock(), action="note_written", target=f"t{count}", detail="=1+1")
            session.add(entry)
    seen: list[int] = []
    before: str | int | None = ""
    while before is not None:
        _, page = await marc.call("GET", f"audit?action=note_written&before={before or ''}")
        seen += [entry["id"] for entry in page["entries"]]
        before = page["before"]
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, reverse=True)
    headers = {"Authorization": f"Bearer {marc.token}"}
    async with bot.client.get("/api/v1/desk/audit.csv?action=note_written", headers=headers) as response:
        assert response.headers["Content-Disposition"].startswith("attachment")
        rows = list(csv.DictReader(io.StringIO((await response.text()).lstrip("\ufeff"))))
    assert len(rows) == 120
    assert rows[0]["detail"] == "'=1+1", "no spreadsheet takes it for a formula"
    assert (await marc.call("GET", "audit?action=audit_exported"))[1]["entries"][0]["actor"]["name"] == "Marc"
