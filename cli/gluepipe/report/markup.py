"""HTML and SVG as nested elements. Text and attributes are escaped here and nowhere else."""

from __future__ import annotations

from html import escape

# Signs that turn the text after them round, so that a name can pretend to be another.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
VOID = frozenset({"br", "meta"})


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Child = str | int | float | Markup | None


def element(name: str, /, *children: Child, **attributes: str | float | None) -> Markup:
    """One element; a trailing `_` of an attribute falls off, other `_` become `-`, None leaves it out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(*children)}</{name}>")


def join(*children: Child) -> Markup:
    """Children one after the other; plain text is escaped, None is nothing."""
    return Markup("".join(_child(child) for child in children))


def _child(child: Child) -> str:
    if child is None:
        return ""
    return child if isinstance(child, Markup) else escape(_printable(str(child)))


def _attribute(value: str | float) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return escape(_printable(str(value)))


def _printable(text: str) -> str:
    """The text with a sign in place of what a page cannot hold or what would mislead its reader."""
    return "".join(char if _is_printable(char) else "\ufffd" for char in text)


def _is_printable(char: str) -> bool:
    code = ord(char)
    is_control = code < 32 or 0x7F <= code < 0xA0
    return char in "\n\t" or not (is_control or 0xD800 <= code < 0xE000 or char in TURNING)
