"""The look for secrets must find what it looks for, however it is written."""

import base64
import gzip
import io
import json
import zipfile

import pytest

from tests.security.secrets import PLANTED, found_in

NAMES = sorted(PLANTED)


def zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tfplan", content)
    return packed.getvalue()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shift", range(3))
def test_a_secret_is_found_however_it_is_written(name: str, shift: int) -> None:
    text = "x" * shift + PLANTED[name] + "y"
    written = [text.encode(), json.dumps({"said": text}).encode(), base64.b64encode(text.encode())]
    for content in (*written, *map(gzip.compress, written), *map(zipped, written)):
        assert found_in(content) == {name}


def test_nothing_is_found_where_nothing_is() -> None:
    assert found_in(b"postgres://someone:another@db.example/table") == set()
