"""An official document as GB/T 9704—2012 lays it out, as a Word file of the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from siting.outputs.text.cells import plain

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

PAGE_MM = (210, 297)
MARGINS_MM = {"top": 37, "bottom": 35, "left": 28, "right": 26}
"""Leave a text block of 156 × 225 mm."""
PITCH_PT = 29.0
"""Distance of lines: 22 fill 225 mm."""
TITLE_PT, BODY_PT, TABLE_PT, PAGE_NUMBER_PT = 22, 16, 12, 14
INDENT_CHARACTERS = 2
TITLE, BODY, HEADING, PAGE_NUMBER = ("title", "body", "heading", "page_number")
FIXED_DATE = datetime(2000, 1, 1)
"""Stands in the file's properties: a clock would change its bytes."""
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


class OfficialDocument:
    """Builds a document from the top; every text is set as text, whatever it says."""

    def __init__(self, title: str, fonts: dict[str, str]) -> None:
        """Lay out the page; `fonts` are those of title, body, headings and page number."""
        import docx
        from docx.shared import Mm

        self._fonts = fonts
        self._document: Document = docx.Document()
        section = self._document.sections[0]
        section.page_width, section.page_height = map(Mm, PAGE_MM)
        for side, width in MARGINS_MM.items():
            setattr(section, f"{side}_margin", Mm(width))
        section.footer_distance = Mm(MARGINS_MM["bottom"] - 12)
        self._document.settings.odd_and_even_pages_header_footer = True
        self._number_pages()
        properties = self._document.core_properties
        properties.title, properties.author, properties.comments = _clean(title)[:255], "", ""
        properties.created = properties.modified = properties.last_printed = FIXED_DATE
        self.title(title)

    def title(self, text: str) -> None:
        """Set a title in the middle of its line."""
        self._paragraph(text, TITLE, TITLE_PT, indent=0, align="CENTER")

    def heading(self, text: str) -> None:
        """Set a heading of the first rank."""
        self._paragraph(text, HEADING, BODY_PT)

    def body(self, text: str, *, indent: int = INDENT_CHARACTERS, align: str = "JUSTIFY") -> None:
        """Set a paragraph of the text."""
        self._paragraph(text, BODY, BODY_PT, indent=indent, align=align)

    def new_page(self) -> None:
        """Begin a page, as attachments do."""
        from docx.enum.text import WD_BREAK

        self._document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], widths_mm: Sequence[float]) -> None:
        """Set a table with lines, its head repeated on each page."""
        from docx.oxml.ns import qn
        from docx.shared import Mm

        table = self._document.add_table(rows=0, cols=len(heads), style="Table Grid")
        table.autofit = False
        for number, cells in enumerate((heads, *rows)):
            row = table.add_row()
            for cell, text, width in zip(row.cells, cells, widths_mm, strict=True):
                cell.width = Mm(width)
                self._set(cell.paragraphs[0], text, BODY if number else HEADING, TABLE_PT)
            if number == 0:
                properties = row._tr.get_or_add_trPr()
                properties.append(properties.makeelement(qn("w:tblHeader"), {}))

    def to_bytes(self) -> bytes:
        """Return the file, its parts dated alike."""
        stream, packed = io.BytesIO(), io.BytesIO()
        self._document.save(stream)
        with zipfile.ZipFile(stream) as found, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in found.namelist():
                entry = zipfile.ZipInfo(name, _ZIP_DATE)
                entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
                archive.writestr(entry, found.read(name))
        return packed.getvalue()

    def _paragraph(
        self, text: str, font: str, size_pt: float, *, indent: int = INDENT_CHARACTERS, align: str = "JUSTIFY"
    ) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
        from docx.shared import Pt

        paragraph = self._document.add_paragraph()
        layout = paragraph.paragraph_format
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(PITCH_PT)
        layout.space_before = layout.space_after = Pt(0)
        layout.first_line_indent = Pt(indent * size_pt)
        paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, align)
        self._set(paragraph, text, font, size_pt)

    def _set(self, paragraph: Paragraph, text: str, font: str, size_pt: float) -> None:
        self._dress(paragraph.add_run(_clean(text)), font, size_pt)

    def _dress(self, run: Run, font: str, size_pt: float) -> None:
        """Set the font of Latin and of Chinese characters, which Word keeps apart."""
        from docx.oxml.ns import qn
        from docx.shared import Pt

        run.font.size, run.font.name = Pt(size_pt), self._fonts[font]
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), self._fonts[font])

    def _number_pages(self) -> None:
        """Set page numbers between dashes: odd ones on the right, even ones on the left."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        section = self._document.sections[0]
        for footer, align in ((section.footer, "RIGHT"), (section.even_page_footer, "LEFT")):
            paragraph = footer.paragraphs[0]
            paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, align)
            self._dress(paragraph.add_run("— "), PAGE_NUMBER, PAGE_NUMBER_PT)
            self._page_field(paragraph)
            self._dress(paragraph.add_run(" —"), PAGE_NUMBER, PAGE_NUMBER_PT)

    def _page_field(self, paragraph: Paragraph) -> None:
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        run = paragraph.add_run()
        self._dress(run, PAGE_NUMBER, PAGE_NUMBER_PT)
        for kind in ("begin", "", "end"):
            part = OxmlElement("w:fldChar" if kind else "w:instrText")
            if kind:
                part.set(qn("w:fldCharType"), kind)
            else:
                part.text = "PAGE"
            run._element.append(part)


def _clean(text: str) -> str:
    """Keep a text on its line, free of what steers a document or its reader."""
    return " ".join(plain(text).split())
