"""One run of checks: each has a name, and either passes or says what is wrong."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from actions.back_office import BackOffice, BackOfficeError, Customer, NoSuchOrderError, RefusedError
from actions.back_office.rights import AUDIENCE, ISSUER
from actions.neighbour import Neighbour, NeighbourError

CONVERSATION = "contract"
Report = Callable[["Result"], None]


class BrokenError(Exception):
    """An answer that the contract does not allow; the message says which."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one check; `problem` is None when it passed."""

    call: str
    expects: str
    seconds: float
    problem: str | None


class Plain(Neighbour):
    """Calls without the client's care: other tokens, missing keys, the same key twice."""

    async def call(
        self, method: str, path: str, body: Any = None, key: str | None = None, params: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and JSON. Raises NeighbourError."""
        headers = {"Idempotency-Key": key} if key else None
        return await self._call(method, path, body=body, params=params, headers=headers)


@dataclass
class Session:
    """The clients of a run, and what was found so far. The identity is its own: the client trusts its secret alone."""

    url: str
    token: str
    customer_id: str
    report: Report
    results: list[Result] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._secret = secrets.token_hex(32)
        self.office = BackOffice(self.url, self.token, self._secret)
        self.plain = Plain(self.url, timeout_seconds=4.0, headers={"Authorization": f"Bearer {self.token}"})
        self.stranger = Plain(self.url, timeout_seconds=4.0, headers={"Authorization": "Bearer not-the-token"})

    async def __aenter__(self) -> Session:
        for client in (self.office, self.plain, self.stranger):
            await client.open()
        return self

    async def __aexit__(self, *_error: object) -> None:
        for client in (self.office, self.plain, self.stranger):
            await client.close()

    @property
    def customer(self) -> Customer:
        """The customer, as a conversation with a proven identity sees them."""
        return self.office.customer(self._signed(sub=self.customer_id, assurance="verified"), CONVERSATION)

    def lookup_token(self, email: str) -> str:
        """The right to look one e-mail address up."""
        return self._signed(purpose="lookup", email=email)

    async def check(self, call: str, expects: str, test: Callable[[], Awaitable[Any]]) -> Any:
        """Run a check and report it; returns what it returns, None when it failed."""
        started, found, problem = time.perf_counter(), None, None
        try:
            found = await test()
        except BrokenError as error:
            problem = str(error)
        except RefusedError as error:
            problem = f"refused with {error.code}"
        except NoSuchOrderError:
            problem = "answered 404"
        except (BackOfficeError, NeighbourError) as error:
            problem = _cause(error)
        result = Result(call, expects, round(time.perf_counter() - started, 3), problem)
        self.results.append(result)
        self.report(result)
        return found

    async def expect(
        self, call: str, status: int, codes: tuple[str, ...] = (), body: Any = None, key: str | None = None
    ) -> Any:
        """Check that `call` ("POST /orders/…") is answered with a status and, for errors, one of `codes`."""
        method, _, path = call.partition(" ")

        async def test() -> Any:
            found, answer = await self.plain.call(method, path, body, key)
            require(found == status, f"answered {found} instead of {status}")
            if status >= 400:
                code = error_code(answer)
                require(not codes or code in codes, f"has code {code}, not {' or '.join(codes)}")
            return answer

        return await self.check(call, " ".join([str(status), " or ".join(codes)]).strip(), test)

    def summary(self) -> dict[str, Any]:
        """All results, and how many passed."""
        failed = sum(result.problem is not None for result in self.results)
        return {
            "checks": len(self.results),
            "failed": failed,
            "results": [asdict(result) for result in self.results],
        }

    def _signed(self, **claims: str) -> str:
        now = datetime.now(UTC)
        standard = {
            "iss": ISSUER, "aud": AUDIENCE, "cid": CONVERSATION, "iat": now, "exp": now + timedelta(minutes=10),
        }  # fmt: skip
        return jwt.encode({**standard, **claims}, self._secret, algorithm="HS256")


def require(condition: object, problem: str) -> None:
    """Raises BrokenError unless `condition`."""
    if not condition:
        raise BrokenError(problem)


def error_code(answer: Any) -> str:
    """The code of an error. Raises BrokenError when the error has another form."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict) or not isinstance(error.get("code"), str) or not error.get("message"):
        raise BrokenError('is no error of the form {"error": {"code", "message"}}')
    return str(error["code"])


def _cause(error: BaseException) -> str:
    """The field that has another form, if that is what is wrong."""
    cause = error.__cause__
    problems = getattr(cause, "errors", None)
    if callable(problems):
        first = problems()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error) or type(error).__name__
