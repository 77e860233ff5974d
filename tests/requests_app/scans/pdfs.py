"""PDFs as they come: honest, odd and hostile; written byte by byte, so that no library makes them better."""

import io
import zlib

from pypdf import PdfWriter
from reportlab.pdfgen.canvas import Canvas

A4, LETTER = (595, 842), (612, 792)


def raw(objects: dict[int, str | bytes], *, root: int = 1, trailer: str = "", xref: bool = True) -> bytes:
    """Numbered objects as a file with its table; "xref=False": the table is broken."""
    out, places = io.BytesIO(), {}
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    for number, body in objects.items():
        places[number] = out.tell()
        body = body.encode("latin-1") if isinstance(body, str) else body
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start = out.tell()
    count = max(objects) + 1
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % count)
    for number in range(1, count):
        out.write(b"%010d 00000 n \n" % (places.get(number, 0) + (0 if xref else 7777)))
    out.write(f"trailer\n<< /Size {count} /Root {root} 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


def stream(content: bytes, entries: str = "", *, flate: bool = False) -> bytes:
    if flate:
        content, entries = zlib.compress(content, 9), f"{entries} /Filter /FlateDecode"
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(content), entries.encode(), content)


FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def page(text: str = "page", *, size=LETTER, box: str = "", rotate: int = 0, entries: str = "", root: str = "",
         more: dict[int, str | bytes] | None = None, content: bytes = b"") -> bytes:
    """One page with a word in its middle. `entries` of the page, `root` of the catalogue, `more` objects from 10."""
    media = box or f"/MediaBox [0 0 {size[0]} {size[1]}]"
    body = content or b"BT /F1 12 Tf %d %d Td (%b) Tj ET" % (size[0] // 2, size[1] // 2, text.encode())
    return raw({
        1: f"<< /Type /Catalog /Pages 2 0 R {root} >>",
        2: "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: f"<< /Type /Page /Parent 2 0 R {media} /Rotate {rotate} /Contents 4 0 R "
           f"/Resources << /Font << /F1 5 0 R >> >> {entries} >>",
        4: stream(body),
        5: FONT,
    } | (more or {}))


def of_pages(count: int, *, size=LETTER) -> bytes:
    drawn = io.BytesIO()
    canvas = Canvas(drawn, pagesize=size)
    for number in range(1, count + 1):
        canvas.drawString(20, size[1] / 2, f"page {number}")
        canvas.showPage()
    canvas.save()
    return drawn.getvalue()


def locked(*, user: str, owner: str = "owner") -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(of_pages(1)))
    writer.encrypt(user_password=user, owner_password=owner, algorithm="AES-256")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def acting() -> bytes:
    """All that could do something when the file is opened or a place in it is touched."""
    script = "<< /Type /Action /S /JavaScript /JS (app.alert\\(1\\)) >>"
    launch = "<< /S /Launch /F (evil.exe) /Win << /F (cmd.exe) >> >>"
    return page(
        "innocent",
        root="/OpenAction 10 0 R /AA << /WC 10 0 R >> /AcroForm << /Fields [12 0 R] /XFA 13 0 R >> /Names << "
             "/JavaScript << /Names [(a) 10 0 R] >> /EmbeddedFiles << /Names [(evil.exe) 14 0 R] >> >>",
        entries="/AA << /O 10 0 R >> /AF [14 0 R] /Metadata 13 0 R /PieceInfo << /Evil << /Private (private-data) >> >>"
                " /Annots [11 0 R 12 0 R 16 0 R 17 0 R 18 0 R 19 0 R]",
        more={
            10: script,
            11: f"<< /Type /Annot /Subtype /Link /Rect [0 0 99 99] /A {launch} >>",
            12: f"<< /Type /Annot /Subtype /Widget /FT /Btn /T (b) /Rect [0 0 99 99] /A {script} >>",
            13: stream(b"<xdp>xfa-script</xdp>"),
            14: "<< /Type /Filespec /F (evil.exe) /EF << /F 15 0 R >> >>",
            15: stream(b"MZ-a-program", "/Type /EmbeddedFile"),
            16: "<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS 14 0 R >>",
            17: "<< /Type /Annot /Subtype /Link /Rect [0 0 99 99] /A << /S /URI /URI (javascript:alert\\(1\\)) >> >>",
            18: "<< /Type /Annot /Subtype /Link /Rect [0 0 99 99] /AA << /E 10 0 R >> /PA 10 0 R "
                f"/A << /S /URI /URI (https://doi.example/10.1) /Next {script} >> >>",
            19: f"<< /Type /Annot /Subtype /Highlight /Rect [0 0 99 99] /Popup 20 0 R /A {launch} /C [1 1 0] "
                "/QuadPoints [0 0 99 0 0 99 99 99] /AF [14 0 R] >>",
            20: f"<< /Type /Annot /Subtype /Popup /Rect [0 0 9 9] /A {script} >>",
        },
    )


def hidden() -> bytes:
    """Actions and files under what is printed: in a form that the page draws."""
    form = stream(b"", "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /AF [11 0 R] /OPI << /2.0 << /F 11 0 R >> >> "
                       "/Resources << /Properties << /P << /X << /S /JavaScript /JS (hidden-script) >> >> >> >>")
    return page(content=b"/X Do", more={
        10: form, 11: "<< /Type /Filespec /F (evil.exe) /EF << /F 12 0 R >> >>",
        12: stream(b"MZ-a-program", "/Type /EmbeddedFile"),
        13: stream(b"", "/Type /XObject /Subtype /PS"), 14: stream(b"", "/F (/etc/passwd)"),
    }, entries="/Group << /S /Transparency >>").replace(
        b"/Font << /F1 5 0 R >>", b"/XObject << /X 10 0 R /Y 13 0 R /Z 14 0 R >>"
    )


# --- hostile ------------------------------------------------------------------------------------------


def bomb(megabytes: int = 2000) -> bytes:
    """Zeros of two gigabytes in some kilobytes, compressed twice."""
    packer = zlib.compressobj(9)
    block = packer.compress(b"\0" * 1024 * 1024)
    block = b"".join([block, *(packer.compress(b"\0" * 1024 * 1024) for _n in range(megabytes - 1)), packer.flush()])
    return zlib.compress(block, 9)


def object_stream_bomb(packed: bytes) -> bytes:
    """The catalogue stands in a stream that unfolds without end."""
    return _with_table({
        3: stream(packed, "/Type /ObjStm /N 2 /First 10 /Filter [/FlateDecode /FlateDecode]"),
    }, b"\x00" * 6 + b"\x02\x00\x00\x00\x03\x00" + b"\x02\x00\x00\x00\x03\x01")


def xref_stream_bomb(packed: bytes) -> bytes:
    """The table of the file unfolds without end."""
    return _with_table({}, packed, "/Filter [/FlateDecode /FlateDecode]")


def _with_table(objects: dict[int, bytes], rows: bytes, entries: str = "") -> bytes:
    """A file whose table is a stream, object 9."""
    body = b"%PDF-1.7\n" + b"".join(b"%d 0 obj\n%b\nendobj\n" % pair for pair in objects.items())
    if 3 in objects:  # the table says where it lies
        rows += b"\x01" + body.index(b"3 0 obj").to_bytes(4, "big") + b"\x00"
    table = stream(rows, f"/Type /XRef /Size 9 /W [1 4 1] /Index [0 {max(len(rows) // 6, 1)}] /Root 1 0 R {entries}")
    return body + b"9 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, len(body))


def content_bomb(packed: bytes) -> bytes:
    """Only whoever reads what is printed on the page unfolds it: the legend has to."""
    return page(more={4: stream(packed, "/Filter [/FlateDecode /FlateDecode]")})


def nested_tree(depth: int = 20_000) -> bytes:
    rows = {1: "<< /Type /Catalog /Pages 2 0 R >>"}
    for number in range(2, depth):
        rows[number] = f"<< /Type /Pages /Kids [{number + 1} 0 R] /Count 1 >>"
    return raw(rows | {depth: "<< /Type /Page /MediaBox [0 0 9 9] >>"})


def nested_arrays(depth: int = 100_000) -> bytes:
    return page(entries="/Group " + "[" * depth + "]" * depth)


def cycle() -> bytes:
    return raw({
        1: "<< /Type /Catalog /Pages 2 0 R >>", 2: "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: "<< /Type /Pages /Kids [2 0 R] /Count 1 >>",
    })


def own_child() -> bytes:
    return raw({1: "<< /Type /Catalog /Pages 2 0 R >>", 2: "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"})


def one_page_a_million_times() -> bytes:
    return page(more={2: "<< /Type /Pages /Count 1000000 /Kids [" + "3 0 R " * 1_000_000 + "] >>"})


def fat_inheritance(pages: int = 2000, kilobytes: int = 500) -> bytes:
    """What all pages inherit is written once, and copied for each: a gigabyte of it."""
    names = " ".join(f"/N{n} (x)" for n in range(kilobytes * 90))
    kids = " ".join("3 0 R" for _n in range(pages))
    return raw({
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {pages} /Resources << /Properties << {names} >> >> >>",
        3: "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>",
    })
