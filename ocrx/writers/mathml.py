"""LaTeX as MathML, which browsers show without scripts or downloads.

The converter copies text into its XML unescaped, and a model's LaTeX is untrusted: so its output
is parsed, checked against the elements and attributes of MathML Core, and written anew.
"""

from __future__ import annotations

from html import escape
from xml.etree import ElementTree

from ocrx.writers.inline import clean_text

MAX_LATEX_CHARACTERS = 20_000
MAX_NESTING = 200
_NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"
_ELEMENTS = """
math merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms
mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none menclose
mfenced
"""
_ATTRIBUTES = """
accent accentunder columnalign columnlines columnspacing columnspan depth display
displaystyle fence form height largeop linethickness lspace mathsize mathvariant maxsize
minsize movablelimits notation open close rowlines rowspacing rowspan rspace scriptlevel
separator stretchy symmetric voffset width
"""


def mathml(latex: str, display: bool = False) -> str:
    """Return a math element, or the LaTeX itself as code where it cannot be converted."""
    converted = _convert(latex, display) if len(latex) <= MAX_LATEX_CHARACTERS else None
    if converted is None:
        return f'<code class="math">{escape(latex, quote=False)}</code>'
    return converted


def _convert(latex: str, display: bool) -> str | None:
    if _nesting(latex) > MAX_NESTING:
        return None
    from latex2mathml.converter import convert

    try:
        text = convert(latex, display="block" if display else "inline")
        root = ElementTree.fromstring(text)  # noqa: S314 - no doctype: the text begins with <math
        parts: list[str] = []
        return "".join(parts) if _write(root, parts) else None
    except Exception:  # noqa: BLE001 - whatever the converter trips over, the LaTeX is shown
        return None


def _nesting(latex: str) -> int:
    deepest = depth = 0
    for character in latex:
        depth += (character == "{") - (character == "}")
        deepest = max(deepest, depth)
    return deepest


def _write(element: ElementTree.Element, parts: list[str]) -> bool:
    """Append the element's text; return False if it holds what MathML does not."""
    name = element.tag.removeprefix(_NAMESPACE)
    if name not in _ELEMENTS.split():
        return False
    attributes = "".join(
        f' {key}="{escape(value)}"' for key, value in element.items() if key in _ATTRIBUTES.split()
    )
    parts.append(f"<{name}{attributes}>{_text(element.text)}")
    for child in element:
        if not _write(child, parts):
            return False
        parts.append(_text(child.tail))
    parts.append(f"</{name}>")
    return True


def _text(text: str | None) -> str:
    return escape(clean_text(text or ""), quote=False)
