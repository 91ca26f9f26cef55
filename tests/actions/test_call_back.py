"""A call back, and moments, numbers and addresses as people type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import service
from actions.dates import day_and_hour
from actions.tasks.contact_steps import place_in
from actions.tasks.moments import moment
from actions.tasks.registry import two_requests
from actions.tasks.typed import address, email, phone, postcode
from launch.config import ROOT
from tests.actions.task_chat import Shop

NOW = datetime(2026, 11, 22, 17, 0, tzinfo=ZoneInfo("Europe/Paris"))  # a Sunday


async def test_a_call_at_a_chosen_time(shop: Shop) -> None:
    company = service.load(ROOT / "service.yml")
    opening = company.next_opening(datetime.now(UTC) + timedelta(hours=20))
    assert opening is not None
    at = opening.astimezone(company.zone).replace(minute=30, second=0, microsecond=0)
    chat = shop.chat(None)
    asked = await chat.say("rappelez-moi", "call_me_back")
    assert asked.names == ["utter_ask_call_me_back_when"]
    await chat.press("later")
    assert (await chat.say("dimanche à 10h")).names == ["utter_call_outside_hours"]
    assert (await chat.say("demain")).names[0] == "utter_when_unclear"
    await chat.say(f"le {at.day}/{at.month} à {at.hour}h30")
    assert chat.step == "phone"
    await chat.say("06 39 98 01 55")
    done = await chat.yes()
    assert done.names == ["utter_call_me_back_done_later"]
    contact = done.custom("handoff")["contact"]
    assert contact == {"mode": "call_at", "phone": "+33639980155", "at": at.isoformat()}


async def test_no_call_at_an_hour_that_a_page_of_the_desk_closed(shop: Shop) -> None:
    company = service.load(ROOT / "service.yml")
    opening = company.next_opening(datetime.now(UTC) + timedelta(hours=20))
    assert opening is not None
    at = opening.astimezone(company.zone)
    when = f"le {at.day}/{at.month} à {at.hour}h30"
    changed = {"opening_hours": {"mon": ["not", "read"]}, "holidays": {"extra_closed": [f"{at:%Y-%m-%d}"]}}
    chat = shop.chat(None)
    await chat.say("rappelez-moi", "call_me_back")
    await chat.press("later")
    assert (await chat.say(when, company=changed)).names == ["utter_call_outside_hours"]
    await chat.say(when)
    assert chat.step == "phone", "open by the file"


async def test_all_in_one_message(shop: Shop) -> None:
    chat = shop.chat(None, "en")
    company = service.load(ROOT / "service.yml")
    opening = company.next_opening(datetime.now(UTC) + timedelta(hours=20))
    assert opening is not None
    at = opening.astimezone(company.zone)
    words = f"call me back on {at.day}/{at.month} at {at.hour}:30 on 06 39 98 01 55"
    asked = await chat.say(words, "call_me_back")
    assert asked.names == ["utter_confirm_call_me_back_later"]
    assert asked.value("phone") == "+33639980155"
    other = await chat.say("no, on 07 39 98 01 55", "deny")
    assert other.value("phone") == "+33739980155"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("demain 10h", "23 10:00"), ("demain à 14h30", "23 14:30"), ("lundi à 9 h", "23 09:00"),
        ("24/11 vers 9h", "24 09:00"), ("tomorrow at 3pm", "23 15:00"), ("in an hour", "22 18:00"),
        ("dans 30 minutes", "22 17:30"), ("mardi après-midi à 3h", "24 15:00"), ("10h", "23 10:00"),
        ("le 25 novembre à 11h15", "25 11:15"), ("november 25th at 11am", "25 11:00"), ("demain midi", "23 12:00"),
        ("après-demain 16h", "24 16:00"), ("tuesday at 10", "24 10:00"), ("demain", None), ("lundi", None),
        ("le 31/02 à 10h", None), ("à 25h", None), ("je ne sais pas", None),
    ],
)  # fmt: skip
def test_moments(typed: str, read: str | None) -> None:
    found = moment(typed, NOW)
    assert (found.strftime("%d %H:%M") if found else None) == read


def test_a_day_that_a_year_has_not() -> None:
    march = NOW.replace(year=2028, month=3, day=5)
    assert moment("le 29/02 à 10h", march) is None
    assert moment("le 24/11/2030 à 10h", NOW) == NOW.replace(year=2030, day=24, hour=10)
    assert moment("le 24/11/26 à 10h", NOW) == NOW.replace(day=24, hour=10)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("06 12 34 56 78", "+33612345678"), ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("0032 475 12 34 56", "+32475123456"),
        ("mon tel: 06.12.34.56.78 merci", "+33612345678"), ("+352 621 123 456", "+352621123456"), ("12345", None),
        ("+1 202 555 0100", None), ("MA-104233", None), ("06 12 34", None),
    ],
)  # fmt: skip
def test_phone_numbers(typed: str, read: str | None) -> None:
    assert phone(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("12 rue des Lilas, 69003 Lyon", "12 rue des Lilas|69003|Lyon|FR"),
        ("livrez plutôt au 12 bis avenue Foch 75016 Paris svp", "12 bis avenue Foch|75016|Paris|FR"),
        ("Rue Neuve 5, 1000 Bruxelles", "Rue Neuve 5|1000|Bruxelles|BE"),
        ("5 rue de la Gare, L-1611 Luxembourg", "5 rue de la Gare|1611|Luxembourg|LU"),
        ("Chez Paul Martin, 3 place du Marché, 59000 Lille, France", "3 place du Marché|59000|Lille|FR"),
        ("Paris", None), ("69003 Lyon", None), ("12 rue des Lilas", None), ("rue des Lilas, 69003 Lyon", None),
        ("5 rue de la Gare, 1611 Ailleurs", None),
    ],
)  # fmt: skip
def test_addresses(typed: str, read: str | None) -> None:
    found = address(typed)
    assert (f"{found.line1}|{found.postcode}|{found.city}|{found.country}" if found else None) == read


def test_smaller_things() -> None:
    assert email("mon mail c'est Jean.Dupont@Gmail.com.") == "jean.dupont@gmail.com"
    assert email("camille @ maison-alder.test") == "camille@maison-alder.test"
    assert email("pas de mail") is None
    assert (postcode("vers 69 003 svp"), postcode("L-1611"), postcode("rien")) == ("69003", "L1611", None)
    assert place_in("une boutique près de Lyon svp ?") == "Lyon"
    assert place_in("is there a shop in Brussels?") == "Brussels"
    assert place_in("un magasin près de chez moi") is None
    assert day_and_hour(NOW, "en") == "Sunday 22 November at 5 pm"
    assert day_and_hour(NOW, "fr") == "dimanche 22 novembre à 17\N{NO-BREAK SPACE}h"


@pytest.mark.parametrize(
    ("text", "understood", "both"),
    [
        ("où est ma commande et envoyez-moi la facture", "get_invoice", ("track_order", "get_invoice")),
        ("cancel my order. also, how many points do i have?", "cancel_order", ("cancel_order", "loyalty_points")),
        ("annulez ma commande et remboursez-moi", "cancel_order", None),
        ("je veux retourner la lampe et le vase", "return_item", None),
        ("où est ma commande et ma facture", "complaint", None),
    ],
)
def test_two_requests(text: str, understood: str, both: tuple[str, str] | None) -> None:
    found = two_requests(text, understood)
    assert ((found.first, found.second) if found else None) == both
