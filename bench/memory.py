"""Memory of a process with its children, and the processor time that a process took."""

from __future__ import annotations

import os
from pathlib import Path


def megabytes(pid: int) -> float:
    """Proportional set size (shared pages counted by share) of a process and its descendants, in MB."""
    return round(sum(_pss_kilobytes(each) for each in _family(pid)) / 1024, 1)


def resident(status: Path) -> float:
    """Resident set size in MB, from a process's `/proc/PID/status`."""
    return round(_kilobytes(status, "VmRSS:") / 1024, 1)


def _family(pid: int) -> list[int]:
    family = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        family += [each for child in children.read_text().split() for each in _family(int(child))]
    return family


def _pss_kilobytes(pid: int) -> int:
    return _kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")


def _kilobytes(file: Path, name: str) -> int:
    for line in file.read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return 0


def processor_seconds(pid: int) -> float:
    """Processor time of all threads of a process so far: what another process does meanwhile does not count."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
