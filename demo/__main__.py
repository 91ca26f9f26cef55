"""`python -m demo`: run the demo shop."""

from __future__ import annotations

import logging
import sys

import structlog
from aiohttp import web
from pydantic import ValidationError

from demo.app import create_app
from demo.settings import Settings


def main() -> int:
    """Read the settings and serve until stopped; 2 when a setting is wrong, with a sentence for each."""
    try:
        settings = Settings.model_validate({})
    except ValidationError as error:
        for problem in error.errors():
            name = ".".join(map(str, problem["loc"])).upper()
            print(f"demo: {name}: {problem['msg']}", file=sys.stderr)
        return 2
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(level))
    structlog.get_logger("demo").info("demo.start", port=settings.shop_port, host=settings.relais_host)
    web.run_app(create_app(settings), host=settings.relais_host, port=settings.shop_port, print=None, access_log=None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
