"""Compressed files: bombs, stumps, flipped bits, archives that say one thing and hold another."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from tests.hostile.hostile_file import HEADER, LOADED, TABLE, HostileFile

MIB = 1 << 20
# Beyond it, what unpacks to 250 times its size is refused (glue_jobs/unpack.py).
ONE_GIB = 1024
DAMAGED, UNSUPPORTED, TOO_LARGE = "damaged_archive", "unsupported_compression", "unpacks_too_large"
FLAGS_AT, METHOD_AT, CENTRAL_FLAGS_AT, CENTRAL_METHOD_AT = 6, 8, 8, 10


def bombs() -> Iterator[HostileFile]:
    """Small files that fill a disk or a memory when unpacked."""
    zeros = bytes(MIB)
    gzip_part, bzip2_part = gzip.compress(zeros, mtime=0), bz2.compress(bytes(8 * MIB))
    yield HostileFile("bombs/members.csv.gz", gzip_part * (ONE_GIB + 1), (TOO_LARGE,))
    yield HostileFile("bombs/streams.csv.bz2", bzip2_part * (ONE_GIB // 8 + 1), (TOO_LARGE,))
    yield HostileFile("bombs/one_member.zip", zipped("t.csv", deflated(zeros, ONE_GIB + 1)), (TOO_LARGE,))
    yield HostileFile("bombs/twice.csv.gz", gzip.compress(gzip_part * 64, mtime=0), (UNSUPPORTED,))
    yield HostileFile("bombs/zip_in_gzip.csv.gz", gzip.compress(archive({"t.csv": TABLE}), mtime=0), (UNSUPPORTED,))
    yield HostileFile("bombs/zip_in_zip.zip", nested_zips(20), (UNSUPPORTED,))
    lines = HEADER + b"1,2\n" * (2 * MIB)
    yield HostileFile("bombs/below_the_limit.csv.gz", gzip.compress(lines, 1, mtime=0), LOADED)
    yield HostileFile(
        "bombs/long_line.csv.gz", gzip.compress(HEADER + b"1," + b"x" * (300 * MIB), 1, mtime=0), TOO_LONG
    )
    yield HostileFile(
        "bombs/long_field.csv.gz", gzip.compress(HEADER + b'1,"' + b"x,\n" * (16 * MIB), 1, mtime=0), OPEN
    )
    yield HostileFile("bombs/long_header.csv.gz", gzip.compress(b"x" * (100 * MIB), 1, mtime=0), TOO_LONG)
    yield HostileFile(
        "bombs/line_ends.csv.gz", gzip.compress(HEADER + b"1,2\n" + b"\n" * (16 * MIB), 1, mtime=0), LOADED
    )
    yield HostileFile("bombs/blanks.csv.gz", gzip.compress(b" " * (64 * MIB), 1, mtime=0))
    yield HostileFile("bombs/commas.csv.gz", gzip.compress(HEADER + b"," * (8 * MIB), 1, mtime=0))
    bad = HEADER + b"1,2\n" * MIB + b"1\n" * (4 * MIB)
    yield HostileFile("bombs/bad_rows.csv.gz", gzip.compress(bad, 1, mtime=0), ("too_many_bad_rows",))


TOO_LONG = ("record_too_long",)
OPEN = ("record_too_long", "unterminated_quote")


def stumps() -> Iterator[HostileFile]:
    """Archives that end too early: nothing, the magic bytes, half a header, half of the data, all but the checksum."""
    for name, packed in packings().items():
        for length in (2, 4, 9, 18, 30, len(packed) // 3, len(packed) // 2, len(packed) - 9, len(packed) - 4):
            yield HostileFile(f"stumps/{length}_{name}", packed[:length])


def flipped(seed: int = 7) -> Iterator[HostileFile]:
    """Archives of which some bits are others."""
    dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
    for name, packed in packings().items():
        for number in range(12):
            content = bytearray(packed)
            for _ in range(1 + number // 3):
                content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
            yield HostileFile(f"flipped/{number}_{name}", bytes(content))


def zips() -> Iterator[HostileFile]:
    """Archives with odd members, and archives that lie."""
    for number, name in enumerate(["../../../etc/passwd.csv", "/etc/cron.d/job.csv", "C:\\windows\\t.csv", "a\0b.csv"]):
        yield HostileFile(f"zips/member_{number}.zip", archive({name: TABLE}), LOADED)
    yield HostileFile("zips/link.zip", linked("../../../etc/passwd"))
    yield HostileFile("zips/many.zip", archive({f"{number}.csv": b"a\n1\n" for number in range(2000)}), (UNSUPPORTED,))
    yield HostileFile("zips/folders_only.zip", archive({"a/": b"", "b/": b""}), (UNSUPPORTED,))
    yield HostileFile("zips/workbook.zip", archive({"[Content_Types].xml": b"<x/>"}), ("unsupported_format",))
    yield HostileFile("zips/empty_member.zip", archive({"t.csv": b""}), ("empty_file",))
    plain = archive({"t.csv": TABLE})
    yield HostileFile("zips/encrypted.zip", patched(plain, FLAGS_AT, CENTRAL_FLAGS_AT, 1), (UNSUPPORTED,))
    yield HostileFile("zips/no_such_method.zip", patched(plain, METHOD_AT, CENTRAL_METHOD_AT, 99), (UNSUPPORTED,))
    for method, name in ((zipfile.ZIP_LZMA, "lzma"), (zipfile.ZIP_BZIP2, "bzip2"), (zipfile.ZIP_STORED, "stored")):
        packed = archive({"t.csv": TABLE}, method)
        yield HostileFile(f"zips/{name}.zip", packed, LOADED)
        middle = len(packed) // 3
        broken = packed[:middle] + bytes([packed[middle] ^ 0xFF]) * 8 + packed[middle + 8 :]
        yield HostileFile(f"zips/{name}_broken.zip", broken, (DAMAGED,))
    yield HostileFile("zips/said_to_be_latin.zip", plain.replace(b"t.csv", b"\xff.csv"), LOADED)
    not_utf8 = patched(plain.replace(b"t.csv", b"\xff.csv"), FLAGS_AT, CENTRAL_FLAGS_AT, 0x800)
    yield HostileFile("zips/name_is_no_text.zip", not_utf8, (DAMAGED, UNSUPPORTED))
    yield HostileFile("zips/behind_rubbish.zip", b"PK\x03\x04" + bytes(1000) + plain)
    yield HostileFile("zips/comment.zip", plain[:-2] + b"\xff\xff" + b"PK\x05\x06" * 16_000)
    for at in (-6, -10, -12):  # offset, size and number of the directory's entries, as its end says
        yield HostileFile(f"zips/lies_{-at}.zip", plain[: len(plain) + at] + b"\xff\xff" + plain[len(plain) + at + 2 :])


def foreign() -> Iterator[HostileFile]:
    """Formats that are no delimited text, whole or only by their first bytes."""
    for name, content in {
        "xz.csv": lzma.compress(TABLE),
        "zstd.csv": b"\x28\xb5\x2f\xfd" + bytes(100),
        "7z.csv": b"7z\xbc\xaf\x27\x1c" + bytes(100),
        "rar.csv": b"Rar!\x1a\x07" + bytes(100),
        "parquet.csv": b"PAR1" + bytes(100) + b"PAR1",
        "pdf.csv": b"%PDF-1.7\n" + TABLE,
        "office.csv": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "avro.csv": b"Obj\x01" + bytes(100),
        "sqlite.csv": b"SQLite format 3\x00" + bytes(1000),
        "tar.csv": bytes(257) + b"ustar" + bytes(300),
    }.items():
        yield HostileFile(f"foreign/{name}", content, ("unsupported_format", UNSUPPORTED))
    for name, content in {
        "elf.csv": b"\x7fELF" + bytes(range(256)) * 20,
        "png.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
        "class.csv": b"\xca\xfe\xba\xbe" + bytes(range(256)) * 20,
        "gzip_of_zlib.csv.gz": zlib.compress(TABLE),
        "text_called.csv.gz": TABLE,
        "pickle.csv": b"\x80\x04cos\nsystem\n\x8c\x02id\x85R.",
    }.items():
        yield HostileFile(f"foreign/{name}", content)


@cache
def packings() -> dict[str, bytes]:
    """The same sound table, packed in each way that is read, by the end of its key."""
    return {
        "table.csv.gz": gzip.compress(TABLE, mtime=0),
        "table.csv.bz2": bz2.compress(TABLE),
        "table.zip": archive({"t.csv": TABLE}),
    }


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive, the same at every call."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as file:
        for name, content in members.items():
            member = zipfile.ZipInfo("x")
            member.filename, member.compress_type = name, method  # as given: the constructor would tame it
            file.writestr(member, content)
    return packed.getvalue()


def nested_zips(depth: int) -> bytes:
    """Return an archive in an archive in an archive."""
    packed = archive({"t.csv": TABLE})
    for _ in range(depth):
        packed = archive({"t.csv": packed})
    return packed


def linked(target: str) -> bytes:
    """Return an archive whose only member is a symbolic link."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        member = zipfile.ZipInfo("t.csv")
        member.external_attr = 0o120777 << 16
        file.writestr(member, target)
    return packed.getvalue()


def patched(packed: bytes, local_at: int, central_at: int, value: int) -> bytes:
    """Return the archive with a field of its first member changed, in both of its headers."""
    content = bytearray(packed)
    struct.pack_into("<H", content, local_at, value)
    struct.pack_into("<H", content, packed.index(b"PK\x01\x02") + central_at, value)
    return bytes(content)


def deflated(part: bytes, times: int) -> tuple[bytes, int, int]:
    """Return raw deflate data of `part` many times over, with checksum and size of what it unpacks to."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed, checksum = [], 0
    for _ in range(times):
        packed.append(packer.compress(part))
        checksum = zlib.crc32(part, checksum)
    return b"".join([*packed, packer.flush()]), checksum, len(part) * times


def zipped(name: str, data: tuple[bytes, int, int]) -> bytes:
    """Return an archive around data that is deflated already."""
    packed, checksum, size = data
    sizes = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, checksum, len(packed), size, len(name), 0)
    local = b"PK\x03\x04" + sizes + name.encode()
    central = b"PK\x01\x02" + struct.pack("<H", 20) + sizes + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name.encode()
    end = struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local) + len(packed), 0)
    return local + packed + central + b"PK\x05\x06" + end


FAMILIES: Sequence[Callable[[], Iterator[HostileFile]]] = (bombs, stumps, flipped, zips, foreign)
