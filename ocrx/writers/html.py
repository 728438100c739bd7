"""A standalone HTML page: semantic, readable, without scripts and without anything to load.

Pictures are files beside the page or, when embedded, data addresses inside it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from html import escape
from importlib.resources import files

from ocrx.document import Asset, BlockKind, Document
from ocrx.writers.flow import flow_of
from ocrx.writers.html_text import html_table, html_text
from ocrx.writers.inline import one_line, plain_text
from ocrx.writers.items import (
    CodeItem,
    Content,
    FigureItem,
    FootnoteItem,
    FormulaItem,
    Furniture,
    Heading,
    Item,
    ItemList,
    PageFailed,
    PageMark,
    PageNote,
    Paragraph,
    TableItem,
)
from ocrx.writers.language import RIGHT_TO_LEFT, guess_language
from ocrx.writers.markdown_text import picture_address
from ocrx.writers.mathml import mathml
from ocrx.writers.options import FigureStyle, WriteOptions

_PICTURE_TYPES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})


def write(document: Document, options: WriteOptions, assets: Mapping[str, Asset]) -> Iterator[str]:
    """Yield the document as one HTML page, a section a page of the document."""
    writer = _HtmlWriter(options, assets)
    yield _head(document)
    pages = 0
    in_notes = False
    for item in flow_of(document, options, page_marks=True):
        if in_notes and not isinstance(item, FootnoteItem):
            yield "</aside>\n"
            in_notes = False
        if isinstance(item, PageMark):
            yield from writer.page_start(item.number, first=pages == 0)
            pages += 1
            continue
        if isinstance(item, FootnoteItem) and not in_notes:
            yield '<aside class="footnotes" aria-label="Footnotes">\n'
            in_notes = True
        yield writer.item(item) + "\n"
    if in_notes:
        yield "</aside>\n"
    yield "</section>\n" if pages else ""
    yield "</main>\n</body>\n</html>\n"


def _head(document: Document) -> str:
    language = guess_language(document)
    direction = ' dir="rtl"' if language in RIGHT_TO_LEFT else ""
    css = files("ocrx.writers").joinpath("page.css").read_text("utf-8")
    return (
        f'<!doctype html>\n<html lang="{language}"{direction}>\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="generator" content="ocrx {escape(one_line(document.ocrx_version))}">\n'
        f"<title>{escape(_title(document), quote=False)}</title>\n"
        f"<style>\n{css}</style>\n</head>\n<body>\n<main>\n"
    )


def _title(document: Document) -> str:
    for page in document.pages:
        for block in page.blocks:
            if block.kind is BlockKind.TITLE and (text := one_line(block.text)):
                return text
    return one_line(document.source.rpartition("/")[2]) or "Document"


class _HtmlWriter:
    """Formats one item at a time."""

    def __init__(self, options: WriteOptions, assets: Mapping[str, Asset]) -> None:
        self._options = options
        self._assets = assets

    def page_start(self, number: int, first: bool) -> Iterator[str]:
        """Yield the end of the page before and the beginning of this one."""
        if not first:
            yield "</section>\n"
            if self._options.page_breaks:
                yield '<hr class="page">\n'
        yield f'<section class="page" id="page-{number}" aria-label="Page {number}">\n'
        if self._options.page_breaks:
            yield f'<p class="page-number"><a href="#page-{number}">{number}</a></p>\n'

    def item(self, item: Item) -> str:
        """Return the item's HTML."""
        match item:
            case PageFailed():
                reason = escape(item.reason, quote=False)
                who = f"Page {item.number} could not be read:"
                return f'<p class="failed" role="note"><strong>{who}</strong> {reason}</p>'
            case PageNote():
                reasons = escape("; ".join(item.reasons), quote=False)
                who = f"Page {item.number} is {item.status.value}"
                return f'<p class="note" role="note">{who}{": " if reasons else ""}{reasons}</p>'
            case Heading():
                return f"<h{item.level}>{_text(item.content)}</h{item.level}>"
            case Paragraph():
                return f"<p>{_text(item.content)}</p>"
            case Furniture():
                kind = item.kind.value.replace("_", "-")
                return f'<p class="furniture {kind}">{_text(item.content)}</p>'
            case ItemList():
                return _list(item)
            case TableItem():
                return _table(item)
            case _:
                return self._display(item)

    def _display(self, item: PageMark | FigureItem | FormulaItem | CodeItem | FootnoteItem) -> str:
        match item:
            case FigureItem():
                return self._figure(item)
            case FormulaItem():
                return self._formula(item)
            case CodeItem():
                return f"<pre><code>{escape(item.text, quote=False)}</code></pre>"
            case FootnoteItem():
                return _footnote(item)
            case PageMark():
                return ""

    def _figure(self, item: FigureItem) -> str:
        inside = plain_text(item.text, " ")
        caption = f"<figcaption>{_text(item.caption)}</figcaption>" if item.caption else ""
        alt = inside or plain_text(item.caption, " ") or f"Figure on page {item.page}"
        picture = self._picture(item.asset, alt, "")
        if not picture:
            picture = f'<p class="note">Figure on page {item.page}</p>'
            picture += f"<p>{_text(item.text)}</p>" if item.text else ""
        return f"<figure>{picture}{caption}</figure>"

    def _formula(self, item: FormulaItem) -> str:
        if item.latex:
            return f'<div class="formula">{mathml(item.latex, display=True)}</div>'
        picture = self._picture(item.asset, plain_text(item.text, " ") or "Formula", "formula")
        if picture or not item.text:
            return picture or '<p class="note">Formula</p>'
        return f'<p class="formula">{_text(item.text)}</p>'

    def _picture(self, name: str | None, alt: str, css_class: str) -> str:
        """Return an image element, or nothing where there is no picture to show."""
        if name is None or self._options.figures is FigureStyle.NONE:
            return ""
        address = picture_address(self._options.figures_directory, name)
        if self._options.figures is FigureStyle.EMBED:
            asset = self._assets.get(name)
            if asset is None or asset.media_type not in _PICTURE_TYPES:
                return ""
            address = f"data:{asset.media_type};base64,{b64encode(asset.data).decode()}"
        shown = f' class="{css_class}"' if css_class else ""
        return f'<img{shown} src="{escape(address)}" alt="{escape(alt)}">'


def _text(content: Content) -> str:
    return html_text(content, mathml)


def _list(item: ItemList) -> str:
    if item.ordered:
        start = f' start="{item.start}"' if item.start != 1 else ""
        tag, opening = "ol", f"<ol{start}>"
    else:
        marked = any(entry.marker for entry in item.entries)
        tag, opening = "ul", '<ul class="marked">' if marked else "<ul>"
    parts = [opening]
    for entry in item.entries:
        marker = f"{escape(entry.marker, quote=False)} " if entry.marker else ""
        nested = "".join("\n" + _list(inner) for inner in entry.lists)
        parts.append(f"<li>{marker}{_text(entry.content)}{nested}</li>")
    parts.append(f"</{tag}>")
    return "\n".join(parts)


def _table(item: TableItem) -> str:
    caption = f"<figcaption>{_text(item.caption)}</figcaption>\n" if item.caption else ""
    table = html_table(item.grid, mathml)
    return f'<figure class="table">\n{caption}<div class="scroll">\n{table}\n</div>\n</figure>'


def _footnote(item: FootnoteItem) -> str:
    marker = f"<sup>{escape(item.marker, quote=False)}</sup> " if item.marker else ""
    if item.key is None:
        return f"<p>{marker}{_text(item.content)}</p>"
    back = f' <a href="#ref-{item.key}" role="doc-backlink" aria-label="Back to text">\u21a9</a>'
    return f'<p id="note-{item.key}">{marker}{_text(item.content)}{back}</p>'
