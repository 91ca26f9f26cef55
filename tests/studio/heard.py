"""The company's rules, which remember what they were asked about and where."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from pydantic import PrivateAttr

from service import DangerTopic, Service


@dataclass
class Asked:
    """The texts that were held against the danger topics; `at_once`: whether the event loop waited for one.

    They are read on while `go_on` is set.
    """

    texts: list[str] = field(default_factory=list)
    at_once: bool = False
    go_on: threading.Event = field(default_factory=threading.Event)


class HeardRules(Service):
    """`HeardRules.of(company)` judges as they do."""

    _asked: Asked = PrivateAttr(default_factory=Asked)

    @classmethod
    def of(cls, rules: Service) -> HeardRules:
        made = cls.model_construct(**dict(rules))
        made.asked.go_on.set()
        return made

    @property
    def asked(self) -> Asked:
        return self._asked

    def match_danger(self, text: str) -> DangerTopic | None:
        self._asked.texts.append(text)
        self._asked.at_once |= threading.current_thread() is threading.main_thread()
        if not self._asked.at_once:
            self._asked.go_on.wait(60)
        return super().match_danger(text)
