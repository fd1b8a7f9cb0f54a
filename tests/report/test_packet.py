"""The evidence packet: one closed file, chart text escaped, citations where they belong."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doc_review.documents.base import Chart, OpenDocument, Page
from doc_review.report.packet import index, packet
from doc_review.report.packet.images import page_images
from doc_review.report.worklist import failed_row, row_of

from .browser import Browser, executable
from .builder import CONSULT, PLAN, chart, document, evidence, finding, review, suggestion

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"' onload='x' {{ 7*7 }} <!-- "


class Reader(HTMLParser):
    """Elements, attributes, and the text inside ``pre`` with the marks that cover it."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.pre: list[str] = []
        self.marked: dict[str, str] = {}
        self._open: list[str] = []
        self._keys: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "pre":
            self.pre.append("")
        if tag in ("pre", "mark"):
            self._open.append(tag)
        if tag == "mark":
            self._keys = (dict(attrs)["data-c"] or "").split()

    def handle_endtag(self, tag: str) -> None:
        if tag in ("pre", "mark"):
            self._open.remove(tag)
        if tag == "mark":
            self._keys = []

    def handle_data(self, data: str) -> None:
        if "pre" in self._open:
            self.pre[-1] += data
        for key in self._keys:
            self.marked[key] = self.marked.get(key, "") + data


def one_page(text: str, *quotes: str) -> tuple[str, Reader]:
    """The packet of one text document, with some quotes cited."""
    items = tuple(
        evidence(f"e{n}", "plan", "n.txt", text, quote, value=quote) for n, quote in enumerate(quotes)
    )
    meta = document("n.txt")
    result = review(
        documents=(meta,),
        evidence=items,
        suggestions=(
            suggestion("77301", "supported", label=text, summary=text, evidence=tuple(i.id for i in items)),
        ),
        findings=(finding("unsigned_plan", message=text, query=text),),
        case_id=text,
    )
    source = packet(result, Chart((OpenDocument(meta, (Page(1, text),)),))).decode()
    return source, Reader(source)


def test_policy_lets_only_the_named_style_and_script_run() -> None:
    source = packet(review(), chart()).decode()
    policy = html.unescape(
        re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', source)[1]  # type: ignore[index]
    )
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        bodies = re.findall(rf"<{tag}>(.*?)</{tag}>", source, re.DOTALL)
        assert len(bodies) == 1
        digest = base64.b64encode(hashlib.sha256(bodies[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_nothing_is_loaded_from_anywhere() -> None:
    for source in (packet(review(), chart()), index([row_of(review(), "case-1.html")])):
        reader = Reader(source.decode())
        for tag, attributes in reader.tags:
            assert tag not in ("link", "iframe", "object", "embed", "base", "audio", "video")
            assert "style" not in attributes
            assert not any(name.startswith("on") for name in attributes)
            for name in ("src", "srcset", "action", "data", "poster"):
                assert (attributes.get(name) or "data:").startswith("data:")
            if "href" in attributes:
                assert re.fullmatch(r"#[\w-]+|case-1\.html", attributes["href"] or "")
        assert b"url(" not in source
        assert b"@import" not in source


def test_bytes_are_the_same_twice() -> None:
    assert packet(review(), chart()) == packet(review(), chart())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=40), st.sampled_from(["", EVIL, "<", "&amp;", "\n", "\r\n"]), st.text(max_size=40))
def test_chart_text_is_text_everywhere(before: str, middle: str, after: str) -> None:
    text = before + middle + after + "IMRT"
    source, reader = one_page(text, "IMRT")
    plain, _ = one_page("IMRT", "IMRT")
    assert [tag for tag, _ in reader.tags if tag in ("script", "img", "style")] == ["style", "script"]
    assert source.count("<script") == plain.count("<script") == 1
    assert reader.marked["1"] == "IMRT"


def test_template_syntax_in_a_chart_is_text() -> None:
    source, reader = one_page(EVIL + " IMRT", EVIL)
    assert "{{ 7*7 }}" in source
    assert "alert(1)</script>" not in source
    assert reader.marked["1"] == EVIL


def test_marks_stand_at_the_cited_offsets() -> None:
    source = packet(review(), chart()).decode()
    reader = Reader(source)
    for number, item in enumerate(review().evidence, 1):
        assert reader.marked[str(number)] == item.citation.quote
        assert f'id="t-{number}"' in source
    assert reader.pre[0].removeprefix("\n") == CONSULT
    assert reader.pre[1].removeprefix("\n") == PLAN


def test_a_page_that_starts_with_a_blank_line_keeps_it() -> None:
    _, reader = one_page("\n\nIMRT", "IMRT")
    assert reader.pre[0] == "\n\n\nIMRT"


def test_boxes_lie_on_the_page_image_in_points() -> None:
    source = packet(review(), chart()).decode()
    assert source.count("<img ") == 1
    assert re.search(r'viewBox="0 0 612\.\d+ 792\.\d+"', source)
    assert '<rect id="b-3" data-c="3" x="70.50" y="139.00" width="191.12" height="16.00"' in source
    assert 'href="#b-3" data-go="3"' in source
    assert 'href="#t-1" data-go="1"' in source


def test_what_was_not_read_is_told() -> None:
    source = packet(review(), chart()).decode()
    assert "not a document type that can be read" in source
    assert "no text could be recognised; scan it again at 300 dpi" in source
    assert "Read 4 pages of 3 documents; 2 not read; 1 page gave no evidence." in source
    assert "cms@abc" in source


def test_no_claim_tab_where_nothing_was_billed() -> None:
    assert 'id="claim"' in packet(review(), chart()).decode()
    assert 'id="claim"' not in packet(review(comparison=None), chart()).decode()


def test_an_empty_review_has_a_packet() -> None:
    empty = review(suggestions=(), findings=(), comparison=(), courses=(), evidence=(), documents=())
    source = packet(empty, Chart(())).decode()
    assert "No code is touched by the documents." in source
    assert "No line was billed" in source


def test_images_stay_within_their_budget() -> None:
    pages = [("02 plan.pdf", 1), ("02 plan.pdf", 2), ("01_consult.txt", 1)]
    assert list(page_images(chart(), pages)) == pages[:2]
    size = len(base64.b64decode(page_images(chart(), pages)[pages[0]].uri.split(",")[1]))
    assert list(page_images(chart(), pages, budget=size)) == pages[:1]


def test_index_links_to_packets_worst_first() -> None:
    rows = [row_of(review(case_id="fine"), "a b.html"), failed_row("broken", "documents/ is empty")]
    source = index(rows, ("README.md",)).decode()
    assert 'href="a%20b.html"' in source
    assert source.index("broken") < source.index("fine")
    assert "Ignored beside the charts: README.md" in source


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if executable() is None:
        pytest.skip("no chromium on the path")
    path = tmp_path_factory.mktemp("packet") / "packet.html"
    text = CONSULT + "filler\n" * 200 + "The plan is approved.\n" + "filler\n" * 200
    items = (
        *review().evidence,
        evidence("e9", "plan", "01_consult.txt", text, "The plan is approved."),
    )
    base = chart()
    long = OpenDocument(base.documents[0].meta, (Page(1, text),))
    path.write_bytes(packet(review(evidence=items), Chart((long, *base.documents[1:]))))
    return path


WHERE = """(() => { const pane = document.querySelector('#documents').getBoundingClientRect();
  const now = [...document.querySelectorAll('.now')]
    .map(e => e.getBoundingClientRect()).filter(b => b.height);
  return now.length && now.every(b => b.top >= pane.top && b.bottom <= innerHeight) })()"""


def test_a_click_on_a_citation_goes_there(opened: Path) -> None:
    with Browser() as browser:
        browser.open(opened)
        assert browser.evaluate("document.querySelectorAll('.now').length") == 0
        browser.evaluate("document.querySelector('#tab-evidence').click()")
        browser.evaluate("document.querySelector('#e-6 .cite').click()")
        browser.settle()
        assert browser.evaluate("document.querySelector('.now').textContent") == "The plan is approved."
        assert browser.evaluate("document.querySelector('#documents').scrollTop") > 1000
        assert browser.evaluate(WHERE) is True
        assert "Plan" in browser.evaluate("document.querySelector('.inspector').textContent")
        browser.evaluate("document.querySelector('#tab-codes').click()")
        browser.evaluate("document.querySelector('#s-2 .cite').click()")
        browser.settle()
        assert browser.evaluate("document.querySelector('.now').tagName") == "rect"
        assert browser.evaluate("document.scrollingElement.scrollTop") == 0
        assert browser.evaluate(WHERE) is True
        assert browser.problems() == []


def test_a_link_to_a_citation_opens_there(opened: Path) -> None:
    with Browser(390, 844, dark=True) as browser:
        browser.open(opened, "#t-6")
        browser.evaluate("new Promise(done => setTimeout(done, 300))")
        browser.settle()
        assert browser.evaluate(WHERE) is True
        assert browser.evaluate("document.documentElement.scrollWidth") <= 390
        browser.open(opened, "?again#light")
        assert browser.evaluate("document.documentElement.dataset.theme") == "light"
        assert browser.problems() == []


def test_keys_step_through_codes_and_citations(opened: Path) -> None:
    with Browser() as browser:
        browser.open(opened)
        browser.press("j")
        assert browser.evaluate("document.querySelector('.card.on').dataset.code") == "77336"
        browser.press("j")
        assert browser.evaluate("document.querySelector('.card.on').dataset.code") == "77385"
        browser.press("n")
        assert browser.evaluate("document.querySelector('.now').textContent") == "IMRT"
        assert browser.evaluate("document.querySelector('.scope').textContent") == "77385: 1 of 1"
        browser.press(["/", "7", "7", "3", "0", "1"])
        assert browser.evaluate("document.querySelector('#query').value") == "77301"
        assert browser.evaluate("document.querySelectorAll('.card:not([hidden])').length") == 1
        browser.press(["Escape"])
        assert browser.evaluate("document.querySelectorAll('.card:not([hidden])').length") == 4
        choose = (
            "const s = document.querySelector('#{0}'); s.value = '{1}'; s.dispatchEvent(new Event('input'))"
        )
        browser.evaluate("{" + choose.format("kind", "dvh") + "}")
        assert browser.evaluate("document.querySelector('.scope').textContent") == "1 citation"
        browser.evaluate("{" + choose.format("code", "77301") + "}")
        assert browser.evaluate("document.querySelectorAll('.card:not([hidden])').length") == 1
        assert browser.problems() == []
