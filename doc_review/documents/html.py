"""An HTML page turned into the text a reader sees: blocks as lines, table rows as ``cell | cell``.

The terms of a definition list, and labels boxed with one value, stand with it as ``term: value``. Left out are scripts, styles, and what is hidden by attribute, inline style or a simple class or id rule
of the page's own style sheet. Tick boxes become ``[x]`` or ``[ ]``, filled fields their value.
"""

from __future__ import annotations

import re

from lxml import etree
from lxml import html as lxml_html

from ..errors import DocumentError
from .text import decode

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "legend",
        "li",
        "main",
        "nav",
        "ol",
        "optgroup",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
_APART = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "p", "table", "ul", "ol", "dl", "pre", "blockquote"])
_TALL = frozenset(["table", "pre", "ul", "ol", "dl"])
_BOXED = frozenset(["div", "span", "label", "b", "strong"])
_LABEL = re.compile(r"label|lbl|\bkey|term|field-?name|caption|prompt", re.IGNORECASE)
_UNSEEN = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "head",
        "title",
        "meta",
        "link",
        "object",
        "iframe",
        "svg",
        "canvas",
        "datalist",
    ]
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SIMPLE = re.compile(r"[.#][\w-]+")
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_LINE = "\n"
_GAP = "\n\n"
_CELL = " | "
_LONGEST_TERM = 60


def visible_text(data: bytes) -> str:
    """Visible text of an HTML file. Raises ``DocumentError`` where there is none."""
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = lxml_html.document_fromstring(_markup(data).encode("utf-8"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise DocumentError("holds no page: export it again") from error
    text = _Writer(_hidden_names(root)).write(root)
    if not text:
        raise DocumentError("holds no visible text: export it again")
    return text


def _markup(data: bytes) -> str:
    """The file decoded by its byte order mark, its own declaration, or its bytes."""
    declared = _CHARSET.search(data[:4096])
    if declared is not None and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        name = declared.group(1).decode("ascii").lower()
        name = "cp1252" if name in ("iso-8859-1", "latin1", "us-ascii") else name
        try:
            markup = data.decode(name)
        except (LookupError, UnicodeDecodeError):
            markup = decode(data)
    else:
        markup = decode(data)
    return markup.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _hidden_names(root: lxml_html.HtmlElement) -> frozenset[str]:
    """Class and id selectors that the page's style sheet hides."""
    names: set[str] = set()
    for style in root.iter("style"):
        for rule in (style.text or "").split("}")[:-1]:
            head, brace, body = rule.rpartition("{")
            if brace and _HIDDEN.search(body):
                selectors = head.rpartition("{")[2].split(",")  # inside @media as well
                names.update(part for one in selectors if _SIMPLE.fullmatch(part := one.strip()))
    return frozenset(names)


class _Writer:
    """Collects visible text; white space is collapsed as a browser does."""

    def __init__(self, hidden: frozenset[str]) -> None:
        self._hidden = hidden
        self._parts: list[str] = []

    def write(self, root: lxml_html.HtmlElement) -> str:
        """The text of an element and all below it."""
        self._element(root, False)
        lines: list[str] = []
        for line in "".join(self._parts).split("\n"):
            line = line.replace("\x00", "").rstrip() if "\x00" in line else line.strip()
            if line.strip() or (lines and lines[-1]):
                lines.append(line)
        return "\n".join(lines).strip("\n")

    def _text(self, text: str | None, kept: bool) -> None:
        if not text:
            return
        if kept:
            # a line of preformatted text keeps its spaces: it is marked, and unmarked in ``write``
            self._parts.append(text.replace("\r\n", "\n").replace("\n", "\n\x00"))
            return
        text = _SPACE.sub(" ", text)
        if text.startswith(" ") and (not self._parts or self._parts[-1][-1:] in (" ", "\n", "")):
            text = text[1:]
        if text:
            self._parts.append(text)

    def _break(self, written: str) -> None:
        if self._parts and not "".join(self._parts[-2:]).endswith(written):
            self._parts.append(written)

    def _element(self, element: lxml_html.HtmlElement, kept: bool) -> None:
        tag = element.tag
        if not isinstance(tag, str) or tag in _UNSEEN or self._is_hidden(element):
            return
        if tag == "br":
            self._parts.append("\n")
        elif tag in ("input", "textarea", "select"):
            self._field(element, tag)
        elif tag in ("td", "th"):
            self._cells(element, kept)
        elif not kept and ((tag == "dt" and self._term(element)) or self._boxed(element)):
            return
        else:
            edge = _GAP if tag in _APART else _LINE if tag in _BLOCKS else ""
            inside = kept or tag == "pre"
            if edge:
                self._break(edge)
            if tag == "pre":
                self._parts.append("\x00")
            self._children(element, inside)
            if edge:
                self._break(edge)

    def _children(self, element: lxml_html.HtmlElement, kept: bool) -> None:
        self._text(element.text, kept)
        for child in element:
            self._element(child, kept)
            self._text(child.tail, kept)

    def _cells(self, element: lxml_html.HtmlElement, kept: bool) -> None:
        """A table cell: one stretch of its row's line, whatever blocks it holds; nested tables stay lines."""
        if any(self._shown(before) for before in element.itersiblings("td", "th", preceding=True)):
            self._parts.append(_CELL)
        if element.find(".//table") is not None:
            self._children(element, kept)
            return
        inner = _Writer(self._hidden)
        inner._children(element, kept)
        self._parts.append(" ".join("".join(inner._parts).replace("\x00", " ").split()))

    def _term(self, element: lxml_html.HtmlElement) -> bool:
        """A term with its value on the same line; false where it has no value of its own to stand with."""
        value = element.getnext()
        while value is not None and (not isinstance(value.tag, str) or self._is_hidden(value)):
            value = value.getnext()
        if value is None or value.tag != "dd":
            return False
        if not self._joined(element, value):
            return False
        value.set("hidden", "")
        return True

    def _boxed(self, element: lxml_html.HtmlElement) -> bool:
        """A box that holds a label and its value and nothing else, written as a term."""
        if element.tag not in ("div", "li", "p") or len(element) != 2 or (element.text or "").strip():
            return False
        label, value = element
        if not {label.tag, value.tag} <= _BOXED or any((part.tail or "").strip() for part in element):
            return False
        plain = len(label) == 0 and not any(self._is_hidden(part) for part in element)
        told = label.tag == value.tag == "div" or _LABEL.search(label.get("class", "")) is not None
        return plain and told and self._joined(label, value)

    def _joined(self, label: lxml_html.HtmlElement, value: lxml_html.HtmlElement) -> bool:
        """Write ``label: value`` on a line; false, with nothing written, where they do not fit one."""
        inner = _Writer(self._hidden)
        inner._children(label, False)
        term = " ".join("".join(inner._parts).replace("\x00", " ").split())
        tall = not _TALL.isdisjoint(part.tag for part in value.iter())
        if not term or len(term) > _LONGEST_TERM or term[-1] in ".;," or tall:
            return False
        self._break(_LINE)
        self._parts.append(term + (" " if term[-1] in ":=?" else ": "))
        self._children(value, False)
        self._break(_LINE)
        return True

    def _shown(self, element: lxml_html.HtmlElement) -> bool:
        return not self._is_hidden(element)

    def _is_hidden(self, element: lxml_html.HtmlElement) -> bool:
        if element.get("hidden") is not None or _HIDDEN.search(element.get("style", "")):
            return True
        if not self._hidden:
            return False
        names = {f".{name}" for name in element.get("class", "").split()} | {f"#{element.get('id', '')}"}
        return not names.isdisjoint(self._hidden)

    def _field(self, element: lxml_html.HtmlElement, tag: str) -> None:
        kind = element.get("type", "text").lower()
        if tag == "textarea":
            self._text(element.text_content(), False)
        elif tag == "select":
            chosen = [o for o in element.iter("option") if o.get("selected") is not None]
            chosen = chosen or list(element.iter("option"))[:1]
            self._text(", ".join(" ".join(option.text_content().split()) for option in chosen), False)
        elif kind in ("checkbox", "radio"):
            self._parts.append("[x] " if element.get("checked") is not None else "[ ] ")
        elif kind not in ("hidden", "password", "file", "image", "button", "submit", "reset"):
            self._text(element.get("value"), False)
