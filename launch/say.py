"""What the person at the terminal sees: lines, progress of long steps, and troubles told in a sentence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

TICK = 0.1
# Without a terminal (CI, a log file) a line now and then shows that a long step is alive.
QUIET_TICK = 15.0


class Trouble(Exception):  # noqa: N818 - it is what the person has, not a bug of ours
    """Relais cannot go on; the message is a sentence that says why and what to do."""


def line(text: str = "") -> None:
    """One line to the terminal, at once."""
    print(text, flush=True)


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log file, indented; a note if there are none."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    last = text.splitlines()[-lines:]
    return "\n".join("    " + each for each in last) if last else "    (nothing was written there)"


class Progress:
    """One step with its elapsed seconds: rewritten in place on a terminal, a line now and then elsewhere."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._terminal = sys.stdout.isatty()
        self._began = time.monotonic()
        self._said = self._began
        if not self._terminal:
            line(f"{title} …")

    @property
    def seconds(self) -> float:
        """Seconds since the step began."""
        return time.monotonic() - self._began

    def tick(self) -> None:
        """Show that the step is under way; call it often."""
        if self._terminal:
            mark = "|/-\\"[int(self.seconds * 5) % 4]
            print(f"\r{mark} {self.title} … {self.seconds:.0f} s ", end="", flush=True)
        elif time.monotonic() - self._said >= QUIET_TICK:
            self._said = time.monotonic()
            line(f"{self.title} … {self.seconds:.0f} s")

    def done(self, outcome: str = "done") -> None:
        """Close the step with its outcome and duration."""
        start = "\r" if self._terminal else ""
        line(f"{start}{self.title} … {outcome} in {self.seconds:.1f} s ")


def end_group(process: subprocess.Popen[bytes], patience: float = 5.0) -> None:
    """Stop a process that leads its own session, and what it started: first politely, then for good."""
    for sign, wait in ((signal.SIGTERM, patience), (signal.SIGKILL, patience)):
        try:
            os.killpg(process.pid, sign)
            process.wait(timeout=wait)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def run_logged(
    title: str,
    command: Sequence[str],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = 1800.0,
) -> None:
    """Run a long step with its output in `log`. Raises Trouble with the end of the log when it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    progress = Progress(title)
    with log.open("wb") as output:
        try:
            process = subprocess.Popen(
                list(command), stdout=output, stderr=subprocess.STDOUT, env=env, cwd=cwd, start_new_session=True
            )
        except OSError as error:
            raise Trouble(f"{title}: {command[0]} cannot be started ({error.strerror}).") from error
        try:
            while process.poll() is None and progress.seconds < timeout:
                progress.tick()
                time.sleep(TICK)
        finally:
            if process.poll() is None:
                end_group(process)
    if process.returncode == 0:
        progress.done()
        return
    why = f"took more than {timeout:.0f} s" if progress.seconds >= timeout else f"failed (exit {process.returncode})"
    progress.done("failed")
    raise Trouble(f"{title}: this {why}. The end of {log}:\n{tail(log)}")
