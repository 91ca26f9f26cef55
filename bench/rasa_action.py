"""``python -m bench.rasa_action PORT``: an action server whose one action does nothing, as quickly as it can."""

from __future__ import annotations

import sys

from aiohttp import web


async def _nothing(request: web.Request) -> web.Response:
    await request.read()
    return web.json_response({"events": [], "responses": []})


async def _health(request: web.Request) -> web.Response:  # noqa: ARG001 - aiohttp calls it with the request
    return web.json_response({"status": "ok"})


def main() -> None:
    """Serves until stopped."""
    app = web.Application(client_max_size=1 << 26)
    app.add_routes([web.post("/webhook", _nothing), web.get("/health", _health)])
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
