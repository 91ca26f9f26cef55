"""The supervisor that keeps the processes running: its configuration, start, questions and stop."""

from __future__ import annotations

import contextlib
import ctypes
import getpass
import hashlib
import http.client
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from launch.config import Config
from launch.processes import Process
from launch.say import TICK, Trouble, end_group, tail

# A Unix socket's path may have 107 bytes; the supervisor adds a dot and its process id while it makes it.
LONGEST_SOCKET_PATH = 107 - 12
STOP_SECONDS = 10
SOCKET_SECONDS = 60

# Paths are relative to `var`, in which supervisord runs: it trips over a percent sign in the path of a log.
_HEAD = """\
[supervisord]
nodaemon=true
silent=true
umask=077
logfile=log/supervisord.log
logfile_maxbytes=5MB
logfile_backups=2
pidfile=run/supervisord.pid
childlogdir=log
{user}
[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""

# A process that dies is started again at once if it had run for a while, else after 1, 2, 3 … seconds.
_PROGRAM = """
[program:{name}]
command={command}
directory={root}
priority={priority}
autorestart=true
startsecs=3
startretries=20
stopwaitsecs={stop}
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile=log/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
environment={environment}
"""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(self._path)
        except OSError:
            self.sock.close()
            raise


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = _UnixConnection(self._path)
        self._connection = (host, connection)
        return connection


class Supervisor:
    """One supervisord with its socket, configuration and logs under `var`."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.log = var / "log"
        self._run = var / "run"
        self._process: subprocess.Popen[bytes] | None = None
        self._last_pids: list[int] = []

    @property
    def socket(self) -> Path:
        """Its control socket: in `var`, or under the system's temporary folder if that path is too long."""
        path = self._run / "supervisor.sock"
        if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
            return path
        name = hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"relais-{os.getuid()}-{name}" / "s.sock"

    def start(self, config: Config, wanted: Sequence[Process]) -> None:
        """Start supervisord, which starts everything else. Raises Trouble."""
        for folder in (self.log, self._run, self.socket.parent):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.socket.parent.stat().st_uid != os.getuid():
            # In a shared temporary folder somebody else may have been first; whoever owns it could command us.
            raise Trouble(f"{self.socket.parent} belongs to another user: set RELAIS_VAR to a shorter path.")
        for process in wanted:
            self._rotate(process.name)
        conf = self._run / "supervisord.conf"
        conf.write_text(self._configuration(config, wanted), encoding="utf-8")
        command = [str(config.root / ".venv" / "bin" / "python"), "-m", "supervisor.supervisord", "-n", "-c", str(conf)]
        with (self.log / "supervisord.out").open("wb") as output:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=dict(config.env),
                cwd=self.var, start_new_session=True, preexec_fn=_end_with_parent,  # noqa: PLW1509
            )  # fmt: skip
        self._await_socket()

    def _await_socket(self) -> None:
        deadline = time.monotonic() + SOCKET_SECONDS
        while time.monotonic() < deadline and self.alive():
            if self.answers():
                return
            time.sleep(TICK)
        self.stop()
        raise Trouble(f"The supervisor does not start:\n{tail(self.log / 'supervisord.out')}")

    def _rotate(self, name: str) -> None:
        """Keep the log of the last run aside: what stands in the log is of this run."""
        log = self.log / f"{name}.log"
        if log.exists():
            log.replace(self.log / f"{name}.log.1")

    def _configuration(self, config: Config, wanted: Sequence[Process]) -> str:
        user = f"user={getpass.getuser()}\n" if os.getuid() == 0 else ""
        text = _HEAD.format(socket=_quoted(self.socket), user=user)
        for each in wanted:
            command = _quoted(" ".join(shlex.quote(part) for part in each.start))
            text += _PROGRAM.format(
                environment=",".join(f'{name}="{_quoted(value)}"' for name, value in each.env),
                name=each.name, command=command, root=_quoted(config.root), priority=each.priority,
                stop=STOP_SECONDS,
            )  # fmt: skip
        return text

    def alive(self) -> bool:
        """Whether the supervisord that this object started still runs."""
        return self._process is not None and self._process.poll() is None

    def was_shut_down(self) -> bool:
        """Whether it ended because somebody asked it to (`make stop`)."""
        return self._process is not None and self._process.poll() == 0

    def answers(self) -> bool:
        """Whether a supervisor answers on the socket, be it ours or that of another start."""
        with contextlib.suppress(OSError, xmlrpc.client.Error, http.client.HTTPException):
            return bool(self._ask("supervisor.getState"))
        return False

    def states(self) -> dict[str, dict[str, Any]]:
        """What the supervisor says of each process: statename, pid, start, … by name."""
        answer = self._ask("supervisor.getAllProcessInfo")
        self._last_pids = [int(each["pid"]) for each in answer if each["pid"]]
        return {each["name"]: each for each in answer}

    def pid(self, name: str) -> int:
        """The process id, 0 while it does not run."""
        return int(self._ask("supervisor.getProcessInfo", name)["pid"])

    def start_process(self, name: str) -> None:
        """Start a process that was stopped or given up; returns at once."""
        self._ask("supervisor.startProcess", name, False)

    def stop_process(self, name: str) -> None:
        """Stop a process and leave it so."""
        self._ask("supervisor.stopProcess", name, True)

    def _ask(self, method: str, *arguments: Any) -> Any:
        # A connection for each question: the watch, tests and `stop` may ask at the same time.
        with xmlrpc.client.ServerProxy("http://localhost", transport=_UnixTransport(str(self.socket))) as proxy:
            return getattr(proxy, method)(*arguments)

    def stop(self) -> None:
        """Stop all processes and supervisord; nothing of them is left when this returns."""
        pids = self._pids()
        left_alone = self._process is not None and not self.alive()
        if self.alive() and self._process is not None:
            end_group(self._process, patience=STOP_SECONDS + 10)
            left_alone = self._process.returncode == -signal.SIGKILL
        if left_alone:
            # A supervisor that was itself killed took nobody with it.
            for pid in pids or self._last_pids:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)
        if self._run not in self.socket.parents:
            with contextlib.suppress(OSError):
                self.socket.parent.rmdir()

    def shut_down(self) -> bool:
        """Ask the supervisor of another start to stop everything, and wait; False if there is none."""
        if not self.answers():
            return False
        self._ask("supervisor.shutdown")
        deadline = time.monotonic() + STOP_SECONDS + 10
        while self.answers() and time.monotonic() < deadline:
            time.sleep(TICK)
        return True

    def _pids(self) -> list[int]:
        with contextlib.suppress(OSError, xmlrpc.client.Error, http.client.HTTPException):
            self.states()
            return self._last_pids
        return []


def _quoted(value: object) -> str:
    """Percent signs are the supervisor's own."""
    return str(value).replace("%", "%%")


def _end_with_parent() -> None:
    """Linux: let supervisord stop everything even when the launcher itself is killed outright."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
