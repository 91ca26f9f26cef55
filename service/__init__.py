"""The company's own decisions, read from ``service.yml``: hours, skills, danger topics, limits.

>>> service = load("service.yml")
>>> service.is_open(datetime.now(UTC)), service.skill_for("delivery"), service.match_danger(text)
"""

from __future__ import annotations

from service.danger import fold
from service.model import DangerTopic, Service, Skill
from service.part import LocalText
from service.reader import ServiceError, load

__all__ = ["DangerTopic", "LocalText", "Service", "ServiceError", "Skill", "fold", "load"]
