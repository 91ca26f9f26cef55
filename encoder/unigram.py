"""Text to token numbers: the unigram tokenizer of the default model, from a compact file.

It gives the numbers that the folder's tokenizer.json gives (the tests compare them), in 35 MB where the tokenizers
library takes 280 MB for the 250,000 pieces. What a person types is text: `<s>` is four characters, not a mark.
"""

from __future__ import annotations

import unicodedata
from array import array
from pathlib import Path

import numpy as np

from encoder.errors import EncoderError

BEGIN, UNKNOWN, END = 0, 3, 2
MARKS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
SPACE = "▁"  # how the pieces write the beginning of a word
UNKNOWN_PENALTY = 10.0  # below the rarest piece, as sentencepiece has it
MOST_CHARACTERS = 20_000  # of a text: more than the longest input holds
LONGEST_KEPT, MOST_KEPT = 24, 20_000  # characters of a word, and words, that are remembered


def write(path: Path, pieces: list[tuple[str, float]], removed: str, spaced: str) -> None:
    """Store pieces with their scores, the characters that vanish and those that count as a space."""
    blob = "\n".join(piece for piece, _ in pieces).encode()
    np.savez(
        path,
        pieces=np.frombuffer(blob, dtype=np.uint8),
        scores=np.array([score for _, score in pieces], dtype=np.float32),
        removed=np.array([ord(c) for c in removed], dtype=np.uint32),
        spaced=np.array([ord(c) for c in spaced], dtype=np.uint32),
    )


class Unigram:
    """The most probable cut of each word into pieces. Safe to call from several threads."""

    def __init__(self, path: Path, *, max_tokens: int) -> None:
        """`max_tokens` counts the two marks around a text. Raises EncoderError."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                pieces = stored["pieces"].tobytes().decode("utf-8").split("\n")
                self._scores = array("f", stored["scores"].tobytes())
                changes = {int(c): None for c in stored["removed"]}
                self._changes: dict[int, str | None] = {**changes, **{int(c): " " for c in stored["spaced"]}}
        except Exception as error:  # zipfile, numpy, Unicode: each has its own error for a file that is no good
            raise EncoderError(
                f"{path} cannot be read ({error}): delete the folder and build the model again."
            ) from error
        self._changes[ord(SPACE)] = " "
        self._numbers = {piece: number for number, piece in enumerate(pieces) if piece not in MARKS}
        self._longest = max(map(len, pieces))
        self._unknown = min(self._scores) - UNKNOWN_PENALTY
        self._max_tokens = max_tokens
        self._kept: dict[str, list[int]] = {}

    def __len__(self) -> int:
        return len(self._scores)

    def numbers(self, text: str) -> list[int]:
        """Numbers of the tokens, between the marks for begin and end; a long text is cut."""
        known = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS].translate(self._changes))
        found = [BEGIN]
        for word in known.split():
            found += self._word(SPACE + word)
            if len(found) >= self._max_tokens:
                del found[self._max_tokens - 1 :]
                break
        found.append(END)
        return found

    def _word(self, word: str) -> list[int]:
        kept = self._kept.get(word)
        if kept is None:
            kept = self._cut(word)
            if len(word) <= LONGEST_KEPT:
                if len(self._kept) >= MOST_KEPT:
                    self._kept.clear()
                self._kept[word] = kept
        return kept

    def _cut(self, word: str) -> list[int]:
        """Viterbi's search; neighbouring characters that no piece holds become one unknown token."""
        length, numbers, scores = len(word), self._numbers, self._scores
        best: list[float] = [0.0] + [-np.inf] * length
        came: list[tuple[int, int]] = [(0, UNKNOWN)] * (length + 1)
        for start in range(length):
            if word[start] not in numbers and best[start] + self._unknown > best[start + 1]:
                best[start + 1], came[start + 1] = best[start] + self._unknown, (start, UNKNOWN)
            for end in range(start + 1, min(start + self._longest, length) + 1):
                number = numbers.get(word[start:end])
                if number is not None and best[start] + scores[number] > best[end]:
                    best[end], came[end] = best[start] + scores[number], (start, number)
        cut: list[int] = []
        while length:
            length, number = came[length]
            if not (number == UNKNOWN and cut and cut[-1] == UNKNOWN):
                cut.append(number)
        return cut[::-1]
