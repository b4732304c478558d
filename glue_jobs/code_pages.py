"""Tell Western European text in Windows-1252 from what other code pages make of other languages.

A single byte says nothing about its code page, so words are looked at: each must be spelt with the letters of one
language. Czech taken for Western reads `Dvoøák`, and no Western language has both `ø` and `á`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

WESTERN = "cp1252"

_BORROWED = "àçèéêëôñ"  # in names and foreign words
_WESTERN_ALPHABETS = (
    "àâæçèéêëîïñôöùûüÿœ",  # French
    "äöüß" + _BORROWED,  # German
    "áéíñóúüç",  # Spanish
    "àâãáçéêíóôõúü",  # Portuguese
    "àèéìíîòóùú",  # Italian
    "àçèéíïñòóúü",  # Catalan
    "áâäèéêëíïóôöúû",  # Dutch
    "åäöü" + _BORROWED,  # Swedish
    "åäöšž",  # Finnish
    "åæøäöü" + _BORROWED,  # Danish, Norwegian
    "âáéíîóôúŵŷ",  # Irish, Welsh
)
# Few write these, so a language that explains as much is likelier.
_SELDOM_WESTERN = (
    "áæðéíóöúýþ",  # Icelandic
    "äöõüšž",  # Estonian
)
_CENTRAL = ("cp1250", "iso8859-2")
_OTHERS = (
    ("Czech", _CENTRAL, "áčďéěíňóřšťúůýž"),
    ("Slovak", _CENTRAL, "áäčďéíĺľňóôŕšťúýž"),
    ("Polish", _CENTRAL, "ąćęłńóśźż"),
    ("Hungarian", _CENTRAL, "áéíóöőúüű"),
    ("Croatian", _CENTRAL, "čćđšž"),
    ("Romanian", _CENTRAL, "ăâîşţ"),
    ("Estonian", ("cp1257",), "äöõüšž"),
    ("Turkish", ("cp1254",), "âçğıîöşûü"),
    ("Lithuanian", ("cp1257",), "ąčęėįšųūž"),
    ("Latvian", ("cp1257",), "āčēģīķļņšūž"),
)
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_MOST_WORDS = 5000
# Signs of Windows-1252, and of the others, that stand in no word; where they seem to, they are letters elsewhere.
_SIGNS = "ªµº²³¹¼½¾¡¢£¤¥¦§¨©«¬®¯°±´¶¸»¿÷×ˇ˘˙˛˝"  # noqa: RUF001 - signs, not letters that look like others
_SIGN_IN_WORD = re.compile(rf"(?<=[^\W\d_])[{_SIGNS}](?=[^\W\d_])")
_SURE = 0.9


class Reading(NamedTuple):
    """A language, and the code page in which a text reads like it."""

    language: str
    code_page: str


def foreign_reading(text: bytes) -> Reading | None:
    """What `text` reads like better than like any Western language, provided that it would then say something else."""
    words = [word for word in dict.fromkeys(_WORD.findall(text)) if not word.isascii()][:_MOST_WORDS]
    spelt = {page: [_letters(word, page) for word in words] for page in (WESTERN, *_CENTRAL, "cp1254", "cp1257")}
    western = spelt[WESTERN]
    often = max(_fitting(western, alphabet).count(True) for alphabet in _WESTERN_ALPHABETS)
    seldom = max(_fitting(western, alphabet).count(True) for alphabet in _SELDOM_WESTERN)
    best, reading = max(_SURE * len(words), often, seldom - 0.5), None
    for language, pages, alphabet in _OTHERS:
        for page in pages:
            fits = _fitting(spelt[page], alphabet)
            differs = any(fit and a != b for fit, a, b in zip(fits, spelt[page], western, strict=True))
            if differs and fits.count(True) > best:
                best, reading = fits.count(True), Reading(language, page)
    return reading


def _letters(word: bytes, page: str) -> frozenset[str] | None:
    """The letters of a word that ASCII lacks, None when it is no word in this code page."""
    try:
        text = word.decode(page).lower()
    except UnicodeDecodeError:
        return None
    if _SIGN_IN_WORD.search(text):
        return None
    return frozenset(c for c in text if not c.isascii() and c.isalpha() and c not in _SIGNS)


def _fitting(words: Sequence[frozenset[str] | None], alphabet: str) -> list[bool]:
    letters = frozenset(alphabet)
    return [word is not None and word <= letters for word in words]
