"""Asking a process whether it is ready, and whether a port is free."""

from __future__ import annotations

import errno
import http.client
import json
import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

TIMEOUT = 2.0


def http_ready(url: str) -> bool:
    """Whether GET answers 200."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def http_json(url: str) -> dict[str, Any]:
    """The JSON object that GET answers; empty if there is none."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        connection.request("GET", parts.path or "/")
        body = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    return body if isinstance(body, dict) else {}


def valkey_ready(port: int) -> bool:
    """Whether a Redis-protocol server answers PING; not while it still loads its data."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def taken(ports: Iterable[int], host: str = "127.0.0.1") -> list[int]:
    """Those of the ports on which somebody else listens."""
    return [port for port in ports if not _free(host, port)]


def _free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as trial:
        # As our servers do it: a connection that is only closing does not count as taken.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            return error.errno not in (errno.EADDRINUSE, errno.EACCES)
    return True
