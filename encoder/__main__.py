"""`python -m encoder build`: make the default model; `check`: compare its int8 file with the reference."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from encoder import build
from encoder.errors import EncoderError
from encoder.model import ONNX_FILE


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it succeeded, 1 with a sentence on stderr otherwise."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "build":
            build.build(options.into, threads=options.threads, say=_say)
        else:
            _check(options.into, options.threads)
    except EncoderError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _check(folder: Path, threads: int) -> None:
    if not (folder / ONNX_FILE).is_file():
        raise EncoderError(f"No model in {folder}: build it with 'python -m encoder build'.")
    cosine = build.check(folder, threads=threads)
    _say(f"cosine with the reference: lowest {cosine:.4f}")
    if cosine < build.MIN_COSINE:
        raise EncoderError(f"The 8-bit file strays from the reference (cosine {cosine:.3f} < {build.MIN_COSINE}).")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m encoder", description="The text encoder of Relais.")
    commands = parser.add_subparsers(dest="command", required=True)
    default = Path(os.environ.get("RELAIS_MODELS", "var/models")) / build.DEFAULT_NAME
    for name, text in (("build", "build the default model"), ("check", "compare the 8-bit file with the reference")):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--into", type=Path, default=default, help="model folder (default: %(default)s)")
        command.add_argument("--threads", type=int, default=2, help="cores to use (default: %(default)s)")
    return parser


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
