"""A unit of text and spans in it turned into the ConText categories that modify each span.

medspaCy's ConText does the scoping with our own rules (``lexicon/context.yaml``); a unit without any
cue is never tokenised. Tokens are words and single punctuation marks, and a unit is one sentence.
"""

from __future__ import annotations

import functools
import importlib.util
import re
import sys
import types
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

import ahocorasick

from .lexicon import load_yaml

if TYPE_CHECKING:
    from spacy.tokens import Doc

Category = Literal["NEGATED", "HISTORICAL", "HYPOTHETICAL", "PLANNED", "OTHER_SUBJECT"]

_TOKEN = re.compile(r"\w+(?:'\w+)?|[^\w\s]")


def _import_context() -> Any:
    """medspaCy's ``context`` package without its ``__init__``, which loads QuickUMLS and PyRuSH (2 s)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if "medspacy" not in sys.modules:
            spec = importlib.util.find_spec("medspacy")
            if spec is None or spec.submodule_search_locations is None:
                raise ImportError("medspacy is not installed")
            package = types.ModuleType("medspacy")
            package.__path__ = list(spec.submodule_search_locations)
            package.__spec__ = spec
            sys.modules["medspacy"] = package
        filters = list(warnings.filters)
        import medspacy.context
    warnings.filters[:] = filters  # type: ignore[index]
    return medspacy.context


class ContextRules:
    """The ConText component with our rules, and the automaton of its cues."""

    def __init__(self) -> None:
        import spacy
        from spacy.tokens import Doc, Span

        self._doc_class = Doc
        self._span_class = Span
        self._nlp = spacy.blank("en")
        self._nlp.tokenizer = self._tokenize  # type: ignore[assignment]
        context = _import_context()
        self._component = context.ConText(
            self._nlp,
            rules=None,
            span_attrs=None,
            input_span_type="group",
            span_group_name="targets",
        )
        self._cues = ahocorasick.Automaton()
        rules = []
        for group in load_yaml("context.yaml")["rules"]:
            options = {
                "max_scope": group.get("max_scope"),
                "max_targets": group.get("max_targets"),
                "allowed_types": set(group["kinds"]) if "kinds" in group else None,
            }
            for literal in group["cues"]:
                rules.append(
                    context.ConTextRule(literal, group["category"], direction=group["direction"], **options)
                )
                if group["direction"] not in ("TERMINATE", "PSEUDO"):
                    self._cues.add_word(literal.lower(), True)
        self._component.add(rules)
        self._cues.make_automaton()

    def _tokenize(self, text: str) -> Doc:
        return self._doc(text)[0]

    def _doc(self, text: str) -> tuple[Doc, list[int], list[int]]:
        """A Doc of one sentence, and the start and end offset of each token."""
        spans = [match.span() for match in _TOKEN.finditer(text)]
        words = [text[start:end] for start, end in spans] or [" "]
        starts = [start for start, _ in spans]
        ends = [end for _, end in spans]
        spaces = [index + 1 < len(spans) and starts[index + 1] > ends[index] for index in range(len(words))]
        doc = self._doc_class(
            self._nlp.vocab, words=words, spaces=spaces, sent_starts=[True] + [False] * (len(words) - 1)
        )
        return doc, starts, ends

    def has_cue(self, plain: str) -> bool:
        """Whether folded text holds any modifier cue."""
        return next(self._cues.iter(plain), None) is not None

    def categories(self, plain: str, spans: Sequence[tuple[int, int, str]]) -> list[frozenset[Category]]:
        """Categories that modify each ``(start, end, kind)`` span of a folded unit text."""
        if not spans or not self.has_cue(plain):
            return [frozenset()] * len(spans)
        doc, starts, ends = self._doc(plain)
        targets = []
        for start, end, kind in spans:
            first = next((i for i, stop in enumerate(ends) if stop > start), None)
            last = next((i for i in range(len(starts) - 1, -1, -1) if starts[i] < end), None)
            if first is None or last is None or last < first:
                first = last = 0
            targets.append(self._span_class(doc, first, last + 1, label=kind))
        doc.spans["targets"] = targets
        self._component(doc)
        found: dict[tuple[int, int, str], set[str]] = {}
        for target, modifier in doc._.context_graph.edges:
            found.setdefault((target.start, target.end, target.label_), set()).add(modifier.category)
        return [
            cast("frozenset[Category]", frozenset(found.get((span.start, span.end, span.label_), ())))
            for span in targets
        ]


@functools.cache
def context_rules() -> ContextRules:
    """The one pipeline of this process."""
    return ContextRules()
