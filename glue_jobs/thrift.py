"""Thrift's compact protocol, as far as Parquet footers need it: bytes to a tree of fields and back, losslessly.

A struct is `{field id: (wire type, value)}`, a list is `(element type, [values])`.
"""

from __future__ import annotations

from typing import Any

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)

Struct = dict[int, tuple[int, Any]]


class Decoder:
    """Reads one struct from the start of `data`."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def struct(self) -> Struct:
        fields: Struct = {}
        field_id = 0
        while header := self._byte():
            kind, delta = header & 0x0F, header >> 4
            field_id = field_id + delta if delta else _unzigzag(self._varint())
            fields[field_id] = (kind, self._value(kind))
        return fields

    def _value(self, kind: int) -> Any:
        if kind in (TRUE, FALSE):
            return kind == TRUE
        if kind in (I16, I32, I64):
            return _unzigzag(self._varint())
        if kind == BINARY:
            return self._take(self._varint())
        if kind == STRUCT:
            return self.struct()
        if kind in (LIST, SET):
            return self._list()
        if kind == DOUBLE:
            return self._take(8)
        if kind == BYTE:
            return self._byte()
        raise ValueError(f"wire type {kind} does not occur in Parquet footers")

    def _list(self) -> tuple[int, list[Any]]:
        header = self._byte()
        kind, size = header & 0x0F, header >> 4
        if size == 15:
            size = self._varint()
        if kind in (TRUE, FALSE):  # inside a list a boolean takes a byte of its own
            return kind, [self._byte() for _ in range(size)]
        return kind, [self._value(kind) for _ in range(size)]

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _take(self, size: int) -> bytes:
        self._at += size
        return self._data[self._at - size : self._at]

    def _varint(self) -> int:
        result = shift = 0
        while True:
            byte = self._byte()
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                return result
            shift += 7


def encode(fields: Struct) -> bytes:
    """The bytes of one struct; the inverse of `Decoder.struct`."""
    out = bytearray()
    _put_struct(out, fields)
    return bytes(out)


def _put_struct(out: bytearray, fields: Struct) -> None:
    previous = 0
    for field_id, (kind, value) in sorted(fields.items()):
        if kind in (TRUE, FALSE):
            kind = TRUE if value else FALSE
        delta = field_id - previous
        if 0 < delta < 16:
            out.append(delta << 4 | kind)
        else:
            out.append(kind)
            _put_varint(out, _zigzag(field_id))
        previous = field_id
        _put_value(out, kind, value)
    out.append(0)


def _put_value(out: bytearray, kind: int, value: Any) -> None:
    if kind in (I16, I32, I64):
        _put_varint(out, _zigzag(value))
    elif kind == BINARY:
        _put_varint(out, len(value))
        out += value
    elif kind == STRUCT:
        _put_struct(out, value)
    elif kind in (LIST, SET):
        _put_list(out, *value)
    elif kind == DOUBLE:
        out += value
    elif kind == BYTE:
        out.append(value)


def _put_list(out: bytearray, kind: int, values: list[Any]) -> None:
    if len(values) < 15:
        out.append(len(values) << 4 | kind)
    else:
        out.append(0xF0 | kind)
        _put_varint(out, len(values))
    if kind in (TRUE, FALSE):
        out += bytes(values)
        return
    for value in values:
        _put_value(out, kind, value)


def _put_varint(out: bytearray, value: int) -> None:
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _unzigzag(value: int) -> int:
    return value >> 1 if not value & 1 else -(value >> 1) - 1
