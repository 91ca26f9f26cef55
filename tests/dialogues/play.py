"""`python -m tests.dialogues.play [words]`: play those whose file or name holds the words, and print what was said."""

from __future__ import annotations

import asyncio
import sys
import time

from tests.dialogues.form import FormError, load
from tests.dialogues.player import play_all
from tests.dialogues.speech import plain
from tests.dialogues.stage import stage


async def play(words: str) -> int:
    """Print all, the failed ones last; how many failed."""
    chosen = [each for each in load() if plain(words) in plain(each.id)]
    async with stage() as started:
        began = time.monotonic()
        played = await play_all(started, chosen)
        seconds = time.monotonic() - began
    failed = 0
    for name, each in sorted(played.items(), key=lambda pair: bool(pair[1].problems)):
        print(f"\n{name}: {'as written' if not each.problems else 'NOT as written'} ({each.seconds:.1f} s)")
        print("\n".join([*each.transcript, *(f"  → {problem}" for problem in each.problems)]))
        failed += bool(each.problems)
    print(f"\n{len(played)} conversations in {seconds:.0f} s, {failed} not as written")
    return failed


def main() -> int:
    """Exit code 1 when one did not go as written, 2 when a file cannot be read."""
    try:
        return 1 if asyncio.run(play(" ".join(sys.argv[1:]))) else 0
    except FormError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
