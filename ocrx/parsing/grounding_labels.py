"""The labels that models of the DeepSeek-OCR family write, and how the text after each is read."""

from __future__ import annotations

from enum import StrEnum

from ocrx.document import BlockKind


class Reading(StrEnum):
    """How the text of a piece is read."""

    MARKDOWN = "markdown"
    LIST = "list"
    HEADING = "heading"
    PASSAGE = "passage"
    NOTE = "note"
    FORMULA = "formula"
    CODE = "code"
    FIGURE = "figure"
    MARGIN = "margin"


TABLE_LABEL = "table"
_NAMES = {
    (Reading.MARKDOWN, BlockKind.PARAGRAPH): (
        "text plain_text paragraph abstract author aside aside_text sidebar quote content table"
        " html_table key_value form"
    ),
    (Reading.LIST, BlockKind.LIST_ITEM): (
        "list list_item index reference references ref_text reference_content toc catalogue"
    ),
    (Reading.HEADING, BlockKind.TITLE): "title doc_title",
    (Reading.HEADING, BlockKind.HEADING): (
        "sub_title subtitle heading section_header paragraph_title section_title"
    ),
    (Reading.PASSAGE, BlockKind.CAPTION): (
        "caption table_caption image_caption figure_caption figure_title table_title chart_title"
        " chart_caption formula_caption code_caption"
    ),
    # a table's or figure's own note stays beside it; footnotes go to the end
    (Reading.PASSAGE, BlockKind.PARAGRAPH): "table_footnote image_footnote figure_footnote",
    (Reading.NOTE, BlockKind.FOOTNOTE): "footnote page_footnote",
    (Reading.FORMULA, BlockKind.FORMULA): (
        "equation formula isolate_formula display_formula interline_equation formula_number"
    ),
    (Reading.CODE, BlockKind.CODE): "code code_block algorithm",
    (Reading.FIGURE, BlockKind.FIGURE): (
        "image figure picture chart photo logo seal stamp signature"
    ),
    (Reading.MARGIN, BlockKind.PAGE_HEADER): "header page_header",
    (Reading.MARGIN, BlockKind.PAGE_FOOTER): "footer page_footer",
    (Reading.MARGIN, BlockKind.PAGE_NUMBER): "page_number number abandon",
}
LABELS = {
    name: reading_and_kind for reading_and_kind, names in _NAMES.items() for name in names.split()
}
