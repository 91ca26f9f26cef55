"""What the C library does with memory: searches reuse theirs, and what building an index took goes back.

By default glibc returns each large array to the system when it is freed, and every search pays for fresh pages anew (a
fifth of its time). Keeping them, in turn, leaves the process as large as it ever was; so they are given back
once, when an index has been swapped. Elsewhere than on glibc nothing happens.
"""

from __future__ import annotations

import ctypes

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENAS = -1, -2, -3, -8  # as malloc.h numbers them
KEPT_BYTES = 256 << 20
PAD_BYTES = 16 << 20
ARENAS = 2


def keep() -> None:
    """Reuse freed memory from now on; call it before any thread is started."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        for option, value in (
            (_TRIM_THRESHOLD, KEPT_BYTES),
            (_TOP_PAD, PAD_BYTES),
            (_MMAP_THRESHOLD, KEPT_BYTES),
            (_ARENAS, ARENAS),
        ):
            library.mallopt(option, value)


def give_back() -> None:
    """Return to the system what is free."""
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)
