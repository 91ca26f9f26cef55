"""`python -m actions`: the action server, on PORT + 2."""

from __future__ import annotations

import logging
import sys

import structlog
from pydantic import ValidationError

import service
from actions.app import create_app
from actions.settings import ActionSettings


def main() -> int:
    """Serve until stopped; a bad setting is one line and exit code 2."""
    try:
        settings = ActionSettings()
        app = create_app(settings)
    except ValidationError as error:
        for problem in error.errors():
            print(f"actions: {'.'.join(map(str, problem['loc'])).upper()}: {problem['msg']}", file=sys.stderr)
        return 2
    except service.ServiceError as error:
        print(f"actions: {error}", file=sys.stderr)
        return 2
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Local variables hold what people wrote: a traceback goes without them.
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    app.run(settings.relais_host, settings.listen_port, single_process=True, access_log=False, motd=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
