"""HTML pages as the text a reader sees."""

from __future__ import annotations

import pytest

from doc_review.documents.html import visible_text


def seen(body: str) -> str:
    return visible_text(
        f"<!DOCTYPE html><html><head><title>t</title></head><body>{body}</body></html>".encode()
    )


def test_blocks_are_lines_and_white_space_collapses() -> None:
    assert seen("<h2>Plan</h2><p>70 Gy \n in  <b>28</b> fx</p><div>a</div><div>b<br>c</div>") == (
        "Plan\n\n70 Gy in 28 fx\n\na\nb\nc"
    )


def test_table_rows_are_lines_of_cells() -> None:
    rows = "<tr><th>Fx</th><th>Date</th></tr><tr><td><p>1</p></td><td> 03/05 <br> 2025</td></tr><tr><td></td><td>x</td></tr>"
    assert seen(f"<p>Log</p><table>{rows}</table>after") == "Log\n\nFx | Date\n1 | 03/05 2025\n| x\n\nafter"


def test_terms_stand_with_their_values() -> None:
    listed = (
        "<dl><dt>Date of birth</dt><dd>April 11, 1949</dd><dt>Site:</dt><dd>Left <b>lung</b></dd>"
        "<dd>and hilum</dd><div><dt>Status</dt> <dd>Final</dd></div></dl>after"
    )
    assert seen(listed) == "Date of birth: April 11, 1949\nSite: Left lung\nand hilum\nStatus: Final\n\nafter"


def test_labels_boxed_with_a_value_stand_with_it() -> None:
    boxes = (
        '<div class="row"><div>Date of birth</div><div>April 11, 1949</div></div>'
        '<div><span class="lbl">Site</span><span class="val">Left lung</span></div>'
        "<div><div>She feels well.</div><div>Skin intact.</div></div><p><b>Two</b> <i>words</i></p>"
    )
    assert seen(boxes) == (
        "Date of birth: April 11, 1949\nSite: Left lung\nShe feels well.\nSkin intact.\n\nTwo words"
    )


def test_terms_with_tables_or_hidden_values_keep_their_lines() -> None:
    table = "<dl><dt>Doses</dt><dd><table><tr><td>1</td><td>2 Gy</td></tr></table></dd></dl>"
    assert seen(table) == "Doses\n\n1 | 2 Gy"
    assert seen("<dl><dt>Draft</dt><dd hidden>x</dd><dt>Site</dt><dd>Lung</dd></dl>") == "Draft\nSite: Lung"


def test_entities_and_spaces_are_decoded() -> None:
    assert (
        seen("<p>D95 &ge; 95&nbsp;% &lt; 5 &#8211; M&uuml;ller</p>")
        == "D95 \u2265 95\u00a0% < 5 \u2013 M\u00fcller"
    )


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>x()</script>",
        "<style>p{}</style>",
        "<!-- x -->",
        "<p hidden>x</p>",
        '<p style="display: none">x</p>',
        '<div style="color:red;visibility:hidden"><p>x</p></div>',
        '<style>.draft, .b{display:none}</style><p class="a draft">x</p>',
        '<style>#old{display:none}</style><p id="old">x</p>',
        '<input type="hidden" value="x">',
        "<template>x</template><noscript>x</noscript>",
    ],
)
def test_what_is_not_shown_is_left_out(hidden: str) -> None:
    assert seen(f"<p>Seen</p>{hidden}<p>too</p>") == "Seen\n\ntoo"


def test_forms_tell_their_state() -> None:
    form = (
        '<label><input type="checkbox" checked> IMRT</label> <input type=radio>3D '
        '<input value="70 Gy"> <select><option>a<option selected>b</select><textarea>free</textarea>'
    )
    assert seen(form) == "[x] IMRT [ ] 3D 70 Gy bfree"


def test_preformatted_text_keeps_its_columns() -> None:
    assert seen("<pre>Fx   Date\n 1   03/05</pre>") == "Fx   Date\n 1   03/05"


@pytest.mark.parametrize(
    "data",
    [
        '<html><meta charset="iso-8859-1"><p>Ren\u00e9 \u201cok\u201d</p>'.encode("cp1252"),
        "<html><p>Ren\u00e9 \u201cok\u201d</p>".encode(),
        "<html><p>Ren\u00e9 \u201cok\u201d</p>".encode("utf-16"),
        '<?xml version="1.0" encoding="utf-8"?><html><body><p>Ren\u00e9 \u201cok\u201d</p></body></html>'.encode(),
        b'<html><meta charset="nonsense"><p>Ren\xc3\xa9 \xe2\x80\x9cok\xe2\x80\x9d</p>',
    ],
)
def test_declared_and_undeclared_encodings(data: bytes) -> None:
    assert visible_text(data) == "Ren\u00e9 \u201cok\u201d"


def test_broken_markup_is_read_as_far_as_it_goes() -> None:
    assert seen("<p>one<p>two<table><tr><td>a<td>b") == "one\n\ntwo\n\na | b"
