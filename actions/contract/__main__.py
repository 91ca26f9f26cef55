"""`python -m actions.contract`: check a company's back office; read-only unless told otherwise."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys

import structlog

from actions.contract.reads import check_reads
from actions.contract.session import Result, Session
from actions.contract.writes import check_writes


def main(arguments: list[str] | None = None) -> int:
    """0 when every call answers as the contract says, 1 when one does not, 2 for wrong arguments."""
    options = _parser().parse_args(arguments)
    if not options.url or not options.token:
        print("contract: --url and --token are needed (or BACK_OFFICE_URL and BACK_OFFICE_TOKEN)", file=sys.stderr)
        return 2
    if options.write != bool(options.order):
        print("contract: --write goes with --order, the scratch orders that may be changed", file=sys.stderr)
        return 2
    # The client logs what it meets; here each check says so itself.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    return asyncio.run(_run(options))


async def _run(options: argparse.Namespace) -> int:
    report = _silent if options.json else _line
    async with Session(options.url.rstrip("/"), options.token, options.customer, report) as session:
        await check_reads(session, options.near)
        if options.write:
            await check_writes(session, options.order)
    summary = session.summary()
    if options.json:
        print(json.dumps(summary, ensure_ascii=False, indent=2))
    else:
        print(f"{summary['checks'] - summary['failed']} of {summary['checks']} checks passed")
    return 1 if summary["failed"] else 0


def _line(result: Result) -> None:
    outcome = "ok  " if result.problem is None else "FAIL"
    problem = "" if result.problem is None else f": {result.problem}"
    print(f"{outcome} {result.call} → {result.expects}{problem} ({result.seconds:.2f} s)", flush=True)


def _silent(_result: Result) -> None:
    """The summary says it all."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m actions.contract", description=__doc__)
    parser.add_argument("--url", default=os.environ.get("BACK_OFFICE_URL"), help="https://…/back-office/v1")
    parser.add_argument("--token", default=os.environ.get("BACK_OFFICE_TOKEN"), help="the bearer token")
    parser.add_argument("--customer", required=True, help="a test customer with a few orders")
    parser.add_argument("--near", default="75001", help="a place with a shop (%(default)s)")
    parser.add_argument("--write", action="store_true", help="also change the orders named by --order")
    parser.add_argument("--order", action="append", default=[], help="a scratch order of the customer; may be repeated")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
