"""The network between a browser and the product: a port of its own that can be cut, and can fall silent."""

from __future__ import annotations

import asyncio
import contextlib


class Line:
    """Carries bytes both ways between ``port`` and another one on this machine.

    ``cut``: what is open ends at once, and nothing new opens. ``silent``: nothing passes, and nobody is told, as where
    a phone has lost its way.
    """

    def __init__(self, port: int, to: int) -> None:
        self._port = port
        self._to = to
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._flows = asyncio.Event()
        self._flows.set()

    async def join(self) -> None:
        """Carries again."""
        self._flows.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._port)

    async def cut(self) -> None:
        """Ends everything."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._open):
            writer.transport.abort()

    def silent(self) -> None:
        """Holds everything back; what is open stays so."""
        self._flows.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.transport.abort()
            return
        self._open.add(far_writer)
        await asyncio.gather(self._pour(reader, far_writer), self._pour(far_reader, writer))
        self._open -= {writer, far_writer}

    async def _pour(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while content := await reader.read(65536):
                await self._flows.wait()
                writer.write(content)
                await writer.drain()
        writer.close()
