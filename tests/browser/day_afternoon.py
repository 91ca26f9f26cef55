"""The second half of the day: a promise, endings, lines that are lost, and the supervisor."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import expect

from tests.browser.conftest import shot
from tests.browser.day_morning import WHO, asked, asks_for_somebody
from tests.browser.day_pages import Day, Desk, choose, eventually


async def promised(day: Day, desk: Desk) -> None:
    await desk.more("promise")
    dialog = desk.page.get_by_role("dialog")
    await dialog.get_by_label("À quel sujet").fill("La date de la lampe")
    soon = datetime.now(ZoneInfo("Europe/Paris")) + timedelta(minutes=4)
    await dialog.locator("[name=date]").fill(soon.strftime("%Y-%m-%dT%H:%M"))
    await desk.looks_right()
    await dialog.get_by_role("button", name="Promettre").click()
    await expect(day.julien.log).to_contain_text(f"{desk.name} vous promet une réponse (« La date de la lampe »)")


async def nearly_missed_and_kept(day: Day, desk: Desk) -> None:
    """It is spoken of once half of its time is over."""
    badge = day.marc.page.locator('.rail-link[data-page="callbacks"] .rail-badge')
    await expect(badge).to_have_text("1", timeout=180_000)
    await expect(day.julien.log).to_contain_text("Nous n’avons pas oublié")
    await day.marc.visit("floor")
    alerts = day.marc.page.locator(".floor-alerts")
    await expect(alerts).to_contain_text(WHO)
    await expect(alerts).to_contain_text("Bientôt dépassé")
    await day.marc.looks_right()
    await shot(day.marc.page, "day-alert")
    await desk.page.get_by_role("button", name="Promesse tenue").first.click()
    await expect(alerts).to_have_count(0)


async def ended_undone_ended_and_back_to_the_same_advisor(day: Day, desk: Desk) -> None:
    await desk.page.get_by_role("button", name="Terminer").click()
    await desk.page.locator("[data-outcome=more]").click()
    dialog = desk.page.get_by_role("dialog")
    await dialog.get_by_label("Étiquettes", exact=True).fill("Annulation,")
    await dialog.get_by_label(re.compile("Note de clôture")).fill("client content")
    await desk.looks_right()
    await dialog.get_by_role("button", name="Terminer").click()
    await desk.toasts.get_by_role("button", name="Annuler").click()
    await expect(desk.composer).to_be_visible()
    await expect(desk.card.locator(".tag")).to_have_text("annulation")
    await desk.reply("Une dernière chose : bonne journée !")
    await expect(day.julien.message("bonne journée")).to_have_count(1)
    await desk.page.get_by_role("button", name="Terminer").click()
    await desk.page.locator("[data-outcome=resolved]").click()
    await expect(desk.page.locator(".foot-note")).to_contain_text("résolue")
    await expect(day.julien.log).to_contain_text("Alba, l’assistante, est de nouveau à votre écoute")
    await expect(day.julien.log).not_to_contain_text("client content")
    await asks_for_somebody(day.julien, 2)
    await expect(day.julien.message("vous n’aurez rien à répéter")).to_have_count(2)
    handoff = await desk.handoff_of(customer_name=WHO)
    assert await asked(day, handoff) is desk
    await desk.accept(handoff)


async def a_line_lost_in_mid_sentence(day: Day, desk: Desk) -> None:
    await desk.page.context.set_offline(True)
    await desk.box.fill("Je vérifie avec l’entrepôt.")
    await desk.box.press("Enter")
    await expect(desk.page.locator(".delivery")).to_contain_text("Sera envoyé dès que la connexion revient")
    await desk.box.fill("Et je vous rap")
    await day.julien.say("Première question")
    await day.julien.say("Seconde question")
    await expect(desk.page.locator(".banner")).to_contain_text("Connexion perdue")
    await desk.looks_right()
    await shot(desk.page, "day-offline")
    await expect(desk.said("Seconde question")).to_have_count(0)
    await desk.page.context.set_offline(False)
    await expect(desk.said("Première question")).to_have_count(1)
    await expect(desk.said("Seconde question")).to_have_count(1)
    await expect(day.julien.message("Je vérifie avec l’entrepôt")).to_have_count(1)
    await expect(desk.page.locator(".message--advisor[data-seq]").filter(has_text="l’entrepôt")).to_have_count(1)
    seqs = await desk.page.locator(".message[data-seq]").evaluate_all(
        "(all) => all.map((one) => Number(one.dataset.seq))"
    )
    assert seqs == sorted(set(seqs))
    await expect(desk.box).to_have_value("Et je vous rap")
    await expect(desk.page.locator(".banner")).to_be_hidden()
    await desk.box.fill("")


async def the_supervisor_listens_and_gives_it_to_another(day: Day, holder: Desk) -> None:
    marc, other = day.marc, day.other(holder)
    handoff = await holder.handoff_of(conversation_id=day.sam.id)
    await holder.show(handoff)
    await marc.visit("floor")
    panel = marc.page.get_by_role("article", name=holder.name)
    await expect(panel).to_contain_text("Disponible")
    await expect(panel).to_contain_text(re.compile(r"[1-4] sur 4"))
    line = panel.locator(".floor-row").filter(has=marc.page.locator(f'a[href$="{handoff}"]'))
    await marc.looks_right()
    await shot(marc.page, "day-floor")
    await line.get_by_role("button", name="Écouter").click()
    await marc.page.wait_for_url("**/desk#/handoffs/*")
    await expect(holder.strip).to_contain_text("Marc, responsable, écoute")
    await shot(holder.page, "day-listened-to")
    await marc.more("assign")
    dialog = marc.page.get_by_role("dialog")
    await choose(dialog, other.name)
    await dialog.get_by_role("button", name="Attribuer").click()
    await eventually(day.sam, marc, f"{other.name} prend la suite de {holder.name} et a tout le dossier.")
    await expect(holder.toasts).to_contain_text("à quelqu’un d’autre")
    await expect(other.row(handoff)).to_be_visible()
    await other.show(handoff)
    await expect(other.composer).to_be_visible()


async def a_laptop_that_stays_away(day: Day) -> None:
    """The thresholds are short for this act alone: elsewhere nobody is in a hurry."""
    marc = day.marc
    await marc.visit("settings")
    form = marc.page.locator("#handoff")
    await form.get_by_label("Délai d’une proposition (secondes)").fill("10")
    await form.get_by_label("Parti après (secondes sans ligne)").fill("10")
    await marc.looks_right()
    await form.get_by_role("button", name="Enregistrer").click()
    await expect(form).to_contain_text("Modifié par Marc")
    rows = await marc.rows()
    row = next(row for row in rows if row["conversation_id"] == day.sam.id)
    gone = next(desk for desk in (day.claire, day.hugo) if desk.name == row["advisor"]["name"])
    stays = day.other(gone)
    await gone.page.context.close()
    await eventually(day.sam, marc, f"La connexion avec {gone.name} s’est interrompue")
    await expect(stays.offered(row["handoff_id"])).to_be_visible()
    await shot(stays.page, "day-taken-back")
    # Nobody answers; the offer ends, and anybody may still take it.
    await expect(stays.offered(row["handoff_id"])).to_have_count(0, timeout=40_000)
    back = await Desk(await day.new_page(1440, 900), day.stack, gone.login).arrive()
    await back.accept(row["handoff_id"])
    await eventually(day.sam, back, f"{gone.name} a rejoint la conversation.")
