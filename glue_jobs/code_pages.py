"""Tell Western European text in Windows-1252 from what other code pages make of other languages.

A single byte says nothing about its code page, so words are looked at: each must be spelt as a word of some Western
language is. Czech taken for Western reads `Dvoøák`, and no Western language has both `ø` and `á`.
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
    "àèéìòóù",  # Italian
    "àçèéíïñòóúü",  # Catalan
    "áâäèéêëíïóôöúû",  # Dutch
    "åäöü" + _BORROWED,  # Swedish
    "åäöšž",  # Finnish
    "åæøäöü" + _BORROWED,  # Danish, Norwegian
    "âêîôûŵŷ",  # Welsh
)
# Few write these, so a language that explains as much is likelier.
_SELDOM_WESTERN = (
    "áæðéíóöúýþ",  # Icelandic
    "äöõüšž",  # Estonian
    "áðíóúýæø",  # Faroese
    "áâäçéëíîóôöúüýßšž",  # what other code pages have in the same places: names like Tomáš
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
    ("French", ("iso8859-15",), _WESTERN_ALPHABETS[0]),
)
_PAGES = (WESTERN, *_CENTRAL, "cp1254", "cp1257", "iso8859-15")
# Asked only about what is not Western in Windows-1252: both read its signs as letters, a dash as `ñ`.
_OLD_PAGES = ("mac-roman", "cp850")
_TOKEN = re.compile(rb"[A-Za-z\x80-\xff]+")
_MOST_WORDS = 5000
_SURE = 0.9
_LETTER = r"[^\W\d_ªµº²³¹¼½¾]"
# Signs next to letters of a word: before, between and after them. In front of or behind numbers all of them stand.
_BEFORE, _BETWEEN = "¿¡“”„‚‘’«»‹›–—", "’·\xad–—\xa0"  # noqa: RUF001 - signs that look like others
_AFTER = "’‘”“…™®©ªº°»«›‹–—†‡•\xa0"  # noqa: RUF001 - likewise
_UNIT = r"µ[A-Za-z]{1,3}[²³]?|[A-Za-z]{1,3}[²³]|°[CFK]"
_WORD = re.compile(rf"[{_BEFORE}]*+(?P<word>{_LETTER}++(?:[{_BETWEEN}]++{_LETTER}++)*+(?![²³])|{_UNIT})[{_AFTER}]*+")
_SIGNS = re.compile(rf"([\W_ªµº²³¹¼½¾])\1*+|[{_BEFORE}{_AFTER}€]++")
_CAPITAL_INSIDE = re.compile(r"[a-zß-öø-ÿšœž][À-ÖØ-ÞŠŒŽŸ]|\b[A-ZÀ-ÖØ-ÞŠŒŽŸ][À-ÖØ-ÞŠŒŽŸ][a-zß-öø-ÿšœž]")
_ALONE = frozenset("àáâåæèéêíóôöøúüä")


class Reading(NamedTuple):
    """A language, and the code page in which a text reads like it."""

    language: str
    code_page: str


def is_western(text: bytes) -> bool:
    """Whether the words of `text` that are not ASCII are Western European ones in Windows-1252."""
    words = _words(text)
    alphabets = [frozenset(alphabet) for alphabet in (*_WESTERN_ALPHABETS, *_SELDOM_WESTERN)]
    found = [_letters(word, WESTERN) for word in words]
    spelt = [letters is not None and any(letters <= alphabet for alphabet in alphabets) for letters in found]
    return spelt.count(True) >= _SURE * len(words) and foreign_reading(text) is None


def foreign_reading(text: bytes) -> Reading | None:
    """What `text` reads like better than like any Western language, provided that it would then say something else."""
    words = _words(text)
    spelt = {page: [_letters(word, page) for word in words] for page in _PAGES}
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


def old_reading(text: bytes) -> Reading | None:
    """The code page of an old system in which a text that is not Western in Windows-1252 reads like a Western one."""
    words = _words(text)
    for page in _OLD_PAGES:
        spelt = [_letters(word, page) for word in words]
        if any(_fitting(spelt, alphabet).count(True) >= _SURE * len(words) for alphabet in _WESTERN_ALPHABETS):
            return Reading("Western European text", page)
    return None


def _words(text: bytes) -> list[bytes]:
    return [word for word in dict.fromkeys(_TOKEN.findall(text)) if not word.isascii()][:_MOST_WORDS]


def _letters(token: bytes, page: str) -> frozenset[str] | None:
    """The letters of a word that ASCII lacks, none of mere signs; None when it is no word in this code page."""
    try:
        text = token.decode(page)
    except UnicodeDecodeError:
        return None
    if _SIGNS.fullmatch(text):
        return frozenset()
    found = _WORD.fullmatch(text)
    if found is None or _CAPITAL_INSIDE.search(text):
        return None
    word = found["word"].lower()
    if not any(map(str.isascii, word)) and word not in _ALONE:
        return None
    return frozenset(letter for letter in word if letter.isalpha() and not letter.isascii() and letter != "µ")


def _fitting(words: Sequence[frozenset[str] | None], alphabet: str) -> list[bool]:
    letters = frozenset(alphabet)
    return [word is not None and word <= letters for word in words]
