"""What is taken for Western European text, and what is not."""

from __future__ import annotations

import pytest

from glue_jobs.code_pages import foreign_reading, is_western, old_reading

WESTERN = [
    "crème brûlée, élève, français, où, naïf, cœur, l’été, «été», Noël",  # noqa: RUF001 - an apostrophe
    "Köln, München, Straße, Größe, „Öl“, 5 m³, 20 °C, Café",
    "Muñoz, García, ¿qué?, ¡Hola!, pingüino, Mª, Nº 5, AÑO",
    "São Paulo, João, Conceição, Simões, você, à",
    "città, perché, è, così, più",
    "Ærøskøbing, Åse, Sørensen, blåbær, idé",
    "Jyväskylä, Närpiö, šakki",
    "Þór, Ísafjörður, Guðrún, mýs, Höfn",
    "José, Müller, Sørensen, Niño, Zoë, François, Muñoz, Hélène, Tomáš, Ærø, Renée",
    "“It’s” – he said… a 5 € café™, ½ l, § 3, A–Z, ©",  # noqa: RUF001 - signs that look like others
    "Tomáš, Lukáš",
    "é",
]
READINGS = [
    ("Příliš žluťoučký kůň úpěl ďábelské ódy", "cp1250", "Czech"),
    ("Dvořák", "cp1250", "Czech"),
    ("Łódź, Gdańsk, Świnoujście, był, książka", "iso8859-2", "Polish"),
    ("Győr, Erdős, Kőszeg, Szűcs, Ödön, Béla, Székesfehérvár", "cp1250", "Hungarian"),
    ("Bucureşti, Iaşi, Constanţa, Brăila, Târgu", "cp1250", "Romanian"),
    ("İstanbul, Şişli, Muğla, Eskişehir", "cp1254", "Turkish"),
    ("Šiauliai, Panevėžys, Klaipėda, žmonių", "cp1257", "Lithuanian"),
    ("Rīga, Jūrmala, Liepāja, ģimene", "cp1257", "Latvian"),
    ("cœur, œuvre, élève", "iso8859-15", "French"),
]
OTHERS = [
    ("год, дом, он, улица", ["cp1251", "koi8-r", "iso8859-5", "mac-cyrillic"]),
    ("και, το, είναι, Αθήνα", ["cp1253", "iso8859-7"]),
    ("של, לא, חיפה", ["cp1255"]),
    ("في, من, لا", ["cp1256"]),
    ("café, naïve, Málaga, José", ["cp850", "mac-roman"]),
    ("Müller, Köln, München, Zürich", ["cp850", "mac-roman"]),
    ("京都, 大阪, 日本語", ["shift_jis", "euc_jp"]),
    ("北京, 的, 广州市", ["gbk"]),
    ("台北, 高雄", ["big5"]),
]


@pytest.mark.parametrize("text", WESTERN)
def test_words_of_western_languages_are_western(text: str) -> None:
    assert is_western(text.encode("cp1252"))


@pytest.mark.parametrize(("text", "code_page", "language"), READINGS)
def test_words_of_another_language_name_it(text: str, code_page: str, language: str) -> None:
    reading = foreign_reading(text.encode(code_page))

    assert reading is not None
    assert (reading.language, reading.code_page) == (language, code_page)
    assert not is_western(text.encode(code_page))


@pytest.mark.parametrize(
    ("text", "code_page"), [(text, code_page) for text, code_pages in OTHERS for code_page in code_pages]
)
def test_what_no_western_word_looks_like_is_not_western(text: str, code_page: str) -> None:
    assert not is_western(text.encode(code_page))


@pytest.mark.parametrize("code_page", ["cp850", "mac-roman"])
@pytest.mark.parametrize("text", ["Müller, Köln, München", "São Paulo, João, açúcar", "Málaga, España, José"])
def test_western_words_of_old_systems_name_their_code_page(text: str, code_page: str) -> None:
    reading = old_reading(text.encode(code_page))

    assert reading is not None
    assert reading.code_page == code_page
