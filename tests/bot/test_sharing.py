"""One look for many who ask at once."""

from __future__ import annotations

import asyncio

import pytest

from bot.sharing import Shared, SharedBy


async def test_who_asks_during_a_look_gets_the_next_one() -> None:
    looks = 0
    written = "old"
    gate = asyncio.Event()

    async def look() -> str:
        nonlocal looks
        looks += 1
        found = written
        await gate.wait()
        return found

    shared = Shared(look)
    first = asyncio.create_task(shared())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    written = "new"
    others = [asyncio.create_task(shared()) for _ in range(5)]
    await asyncio.sleep(0)
    others[0].cancel()
    gate.set()
    assert await first == "old"
    assert await asyncio.gather(*others[1:]) == ["new"] * 4
    assert looks == 2
    assert await shared() == "new"
    assert looks == 3


async def test_a_look_that_fails_fails_for_all_and_the_next_one_is_made() -> None:
    failing = True

    async def look() -> str:
        await asyncio.sleep(0)
        if failing:
            raise OSError("gone")
        return "there"

    shared = Shared(look)
    results = await asyncio.gather(*(shared() for _ in range(3)), return_exceptions=True)
    assert all(isinstance(result, OSError) for result in results)
    failing = False
    assert await shared() == "there"
    with pytest.raises(AssertionError):
        assert await shared() == "gone"


async def test_each_key_has_its_own_looks_and_none_is_kept() -> None:
    looks: list[str] = []

    async def look(key: str) -> str:
        looks.append(key)
        await asyncio.sleep(0)
        return key.upper()

    shared = SharedBy(look)
    assert await asyncio.gather(*(shared(key) for key in "aabba")) == ["A", "A", "B", "B", "A"]
    assert sorted(looks) == ["a", "a", "b", "b"]
    assert await shared("a") == "A"
    assert looks[-1] == "a"
    assert shared._asked == {}
