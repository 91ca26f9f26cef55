"""The launcher's command line; `make help` names the targets that call it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from launch.config import ROOT, Config, demo_config, given_environment, paths, serve_config
from launch.installer import install, lock
from launch.run import one_at_a_time, prepare, run, stopped_by_signals
from launch.say import Trouble, line
from launch.supervisor import Supervisor
from launch.training import train

COMMANDS = {
    "run": "set up what is missing and run the demo until Ctrl-C",
    "serve": "the same for real use: no demo, secrets required",
    "setup": "environments, encoder and trained Rasa; starts nothing",
    "environments": "install the locked packages into .venv and .venv-rasa",
    "train": "train Rasa if its data changed (--force: in any case)",
    "lock": "resolve requirements/*.in into the locks (needs the network)",
    "stop": "stop what `run` or `serve` started",
}


def main(arguments: Sequence[str]) -> int:
    """Run one command; 0 when it succeeded, 1 with a sentence on stderr otherwise."""
    options = _parser().parse_args(arguments)
    try:
        with stopped_by_signals():
            _command(options)
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        # Asked for: `make` need not call it an error once everything is stopped.
        return 0 if options.command in ("run", "serve") else 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m launch", description="Set up and start Relais.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        if name == "train":
            command.add_argument("--force", action="store_true", help="train even if nothing changed")
    return parser


def _command(options: argparse.Namespace) -> None:
    given = given_environment()
    if options.command == "stop":
        _stop(Supervisor(paths(given)["var"]))
    elif options.command == "environments":
        var = paths(given)["var"]
        with one_at_a_time(ROOT / "var" / "setup.lock"):
            install(ROOT, var, given)
    elif options.command == "lock":
        lock(ROOT, paths(given)["var"], given)
    elif options.command == "serve":
        run(serve_config(given))
    else:
        _with_demo(demo_config(given), options)


def _with_demo(config: Config, options: argparse.Namespace) -> None:
    if options.command == "run":
        run(config)
        return
    prepare(config)
    if options.command == "train":
        line(str(train(config, force=options.force)))


def _stop(supervisor: Supervisor) -> None:
    line("All stopped." if supervisor.shut_down() else "Relais does not run here.")
