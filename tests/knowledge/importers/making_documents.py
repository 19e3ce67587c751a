"""Makes small Word files and PDFs in the two forms of the national portal's procedure page."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from docx import Document

Table = list[list[str]]

FACTS: list[tuple[str, str]] = [
    ("Mã thủ tục", "1.990001"),
    ("Số quyết định", "9/QĐ-THU"),
    ("Tên thủ tục", "Thả diều"),
    ("Cấp thực hiện", "Cấp Xã"),
    ("Lĩnh vực", "Vui chơi"),
]
METHODS: Table = [
    ["Hình thức nộp", "Thời hạn giải quyết", "Phí, lệ phí", "Mô tả"],
    ["Trực tiếp", "3 Ngày làm việc", "Lệ phí : 10,000 Đồng", "Tại bãi cỏ."],
    ["Trực tuyến", "2 Ngày làm việc", "Phí : 7,000 Đồng\nPhí : 9,000 Đồng (đêm)", ""],
]
PAPERS: Table = [
    ["Tên giấy tờ", "Mẫu đơn, tờ khai", "Số lượng"],
    ["1. Đơn xin thả diều;", "don.docx\nphu luc.docx", "Bản chính: 1\nBản sao: 0"],
    ["- Căn cước", "", "Bản chính: 0\nBản sao: 1"],
    ["Lưu ý: trời mưa thì không thả được diều.", "", "Bản chính: 0\nBản sao: 0"],
]
LAWS: Table = [
    ["Số ký hiệu", "Trích yếu", "Ngày ban hành", "Cơ quan ban hành"],
    ["12/2025/NĐ-CP", "Nghị định về gió", "01-02-2025", "Chính phủ"],
]


def word(path: Path, *parts: tuple[str, str] | str | Table, bold: bool = True) -> Path:
    """A Word file: «label, value» pairs with a bold label, plain paragraphs, tables."""
    document = Document()
    for part in parts:
        if isinstance(part, str):
            document.add_paragraph(part)
        elif isinstance(part, tuple):
            paragraph = document.add_paragraph()
            paragraph.add_run(f"{part[0]}:").bold = bold
            paragraph.add_run(f" {part[1]}" if part[1] else "")
        else:
            table = document.add_table(len(part), len(part[0]))
            for row, cells in zip(table.rows, part, strict=True):
                for cell, text in zip(row.cells, cells, strict=True):
                    cell.text = text
    with path.open("wb") as file:
        document.save(file)
    return path


def exported(
    path: Path, *, methods: Table = METHODS, laws: Table = LAWS, bold: bool = True, **facts: str
) -> Path:
    """A whole page of the old portal; ``facts`` replace values, by the words of the label."""
    values = {label.split()[0].lower(): label for label, _ in FACTS}
    changed = {values[key]: value for key, value in facts.items()}
    return word(
        path,
        "Chi tiết thủ tục hành chính",
        *((label, changed.get(label, value)) for label, value in FACTS),
        ("Trình tự thực hiện", ""),
        "Bước 1: Nộp đơn. Bước 2: Nhận diều.",
        ("Cách thức thực hiện", ""),
        methods,
        ("Thành phần hồ sơ", ""),
        "* Giấy tờ phải nộp:",
        PAPERS,
        ("Đối tượng thực hiện", "Công dân Việt Nam"),
        ("Cơ quan thực hiện", "Không có thông tin"),
        ("Cơ quan có thẩm quyền", "Ủy ban nhân dân cấp xã"),
        ("Kết quả thực hiện", "Giấy phép thả diềuMã: KQ.G17.000312"),
        ("Căn cứ pháp lý", ""),
        laws,
        ("Yêu cầu, điều kiện thực hiện", "Không có thông tin"),
        bold=bold,
    )


def repacked(source: Path, target: Path, **members: bytes) -> Path:
    """The same ZIP with members added or replaced; «__» in a name stands for «/»."""
    extra = {name.replace("__", "/"): data for name, data in members.items()}
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in extra:
                new.writestr(name, old.read(name))
        for name, data in extra.items():
            new.writestr(name, data)
    return target


WIDTH, HEIGHT = 595, 842
SIZE = 10
LETTER = 5.0
"""Points that every letter of the sheets takes."""
EDGES = {2: (47, 170, 558), 3: (47, 300, 430, 558), 4: (47, 130, 230, 330, 558)}


@dataclass
class SheetMaker:
    """One sheet, written from its head down."""

    y: float = HEIGHT - 60
    commands: list[str] = field(default_factory=list)

    def text(self, text: str, x: float = 47, *, heading: bool = False) -> None:
        """One printed line."""
        self._put(text, x, self.y - SIZE, heading)
        self.y -= 14

    def _put(self, text: str, x: float, y: float, heading: bool = False) -> None:
        codes = "".join(f"{ord(letter):04x}" for letter in text)
        name = "F2" if heading else "F1"
        self.commands.append(f"BT /{name} {SIZE} Tf {x} {y} Td <{codes}> Tj ET")

    def row(self, *cells: str) -> None:
        """A row with borders; «\\n» ends a printed line of a cell."""
        edges = EDGES.get(len(cells), (47, 558))
        lines = [cell.split("\n") for cell in cells]
        bottom = self.y - 14 * max(map(len, lines)) - 4
        for left, right in pairwise(edges):
            box = f"{left} {bottom} {right - left} {self.y - bottom} re S"
            self.commands.append(box)
        for left, printed in zip(edges, lines, strict=False):
            for number, text in enumerate(printed):
                self._put(text, left + 5, self.y - 12 - 14 * number)
        self.y = bottom


def pdf(path: Path, *sheets: SheetMaker, made: str = "", locked: bool = False) -> Path:
    """A PDF whose letters say in Unicode what they are, as those of the portal do."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", ""]
    kids = []
    for name in ("Times", "Times-Bold"):
        font = (
            f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{name}/DW {LETTER * 1000 / SIZE:.0f}"
            "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
            f"/FontDescriptor<</Type/FontDescriptor/FontName/{name}/Ascent 800/Descent -200"
            "/FontBBox[0 -200 1000 800]/Flags 4>>>>"
        )
        objects.append(
            f"<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H"
            f"/DescendantFonts[{font}]/ToUnicode 5 0 R>>"
        )
    ranges = "1 begincodespacerange <0000> <ffff> endcodespacerange"
    same = "".join(f"<{high:02x}00> <{high:02x}ff> <{high:02x}00>\n" for high in range(32))
    cmap = f"begincmap {ranges} 32 beginbfrange\n{same}endbfrange endcmap"
    objects.append(f"<</Length {len(cmap)}>>stream\n{cmap}\nendstream")
    for sheet in sheets:
        content = "\n".join(sheet.commands)
        objects.append(f"<</Length {len(content)}>>stream\n{content}\nendstream")
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {WIDTH} {HEIGHT}]"
            f"/Resources<</Font<</F1 3 0 R/F2 4 0 R>>>>/Contents {len(objects)} 0 R>>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>"
    extra = f"/Info<</CreationDate({made})>>" if made else ""
    if locked:
        secret = "00" * 32
        extra += f"/Encrypt<</Filter/Standard/V 1/R 2/O<{secret}>/U<{secret}>/P -4>>"
        extra += "/ID[<00><00>]"
    data = "%PDF-1.4\n"
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{each}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    data += f"xref\n0 {size}\n0000000000 65535 f \n{table}"
    data += f"trailer<</Size {size}/Root 1 0 R{extra}>>\nstartxref\n{data.index('xref')}\n%%EOF"
    path.write_bytes(data.encode("ascii"))
    return path
