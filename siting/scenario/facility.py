"""What a study calls the facility that it sites, what is done there, and who does it today."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from siting.types import Language, Settings

_PLAIN = r"^[^{}<>\x00-\x1f\x7f]+$"
"""What is put into sentences: nothing in it may look like a place to fill."""
Word = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=_PLAIN)]
Clause = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_PLAIN)]

SLOTS = ("name", "activity", "unit", "provider", "today")
"""Words that sentences about any facility leave open, each in both languages."""


class Permission(Settings):
    """``[facility.permissions.*]``: what a body needs before it may offer a service."""

    zh: Clause
    """Name on the page, Chinese: the permission, who grants it and by which law."""
    en: Clause
    """The same in English."""


class Facility(Settings):
    """``[facility]``: words of the study's own; left out, those of a testing centre are used."""

    name_zh: Word
    """What is sited, Chinese, such as 培训站."""
    name_en: Word
    """The same in English, such as training station."""
    activity_zh: Word
    """What is done there, Chinese, such as 培训."""
    activity_en: Word
    """The same in English, such as training."""
    unit_zh: Word
    """What demand is counted in, Chinese, such as 人次."""
    unit_en: Word
    """The same in English, plural, such as trainees."""
    provider_zh: Word
    """Who does it today, Chinese, such as 培训机构."""
    provider_en: Word
    """The same in English, plural, such as training schools."""
    today_zh: Word
    """What happens where nothing is built, Chinese, such as 继续到市区参训."""
    today_en: Word
    """The same in English, such as keep going to the city."""
    permissions: dict[str, Permission] = {}
    """Permissions that services ask for, by the id in their table."""

    @property
    def words(self) -> tuple[tuple[str, str, str], ...]:
        """Slot, Chinese and English word, with a capital where the slot has one."""
        found = []
        for slot in SLOTS:
            zh, en = (str(getattr(self, f"{slot}_{lang}")) for lang in ("zh", "en"))
            found += [(slot, zh, en), (slot.capitalize(), zh, en[:1].upper() + en[1:])]
        return tuple(found)

    def law(self, permission: str, lang: Language) -> str | None:
        """Name a permission that the study states; None for another."""
        stated = self.permissions.get(permission)
        return None if stated is None else stated.zh if lang == "zh" else stated.en
