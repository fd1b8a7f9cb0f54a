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

Category = Literal["CONDITIONAL", "NEGATED", "HISTORICAL", "HYPOTHETICAL", "PLANNED", "OTHER_SUBJECT"]

_TOKEN = re.compile(r"\w+(?:'\w+)?|[^\w\s]")


def _import_libraries() -> tuple[Any, Any]:
    """spaCy, and medspaCy's ``context`` without its package ``__init__``, which loads QuickUMLS and PyRuSH (2 s).

    Both warn of their own dependencies and change the warning filters when imported.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import spacy

        if "medspacy" not in sys.modules:
            spec = importlib.util.find_spec("medspacy")
            if spec is None or spec.submodule_search_locations is None:
                raise ImportError("medspacy is not installed")
            package = types.ModuleType("medspacy")
            package.__path__ = list(spec.submodule_search_locations)
            package.__spec__ = spec
            sys.modules["medspacy"] = package
        import medspacy.context
    return spacy, medspacy.context


class ContextRules:
    """The ConText component with our rules, and the automaton of its cues."""

    def __init__(self) -> None:
        spacy, context = _import_libraries()
        from spacy.tokens import Doc, Span

        self._doc_class = Doc
        self._span_class = Span
        self._nlp = spacy.blank("en")
        self._nlp.tokenizer = self._tokenize
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
            # medspaCy's own max_scope makes a scope that lies inside a terminator's deaf to it.
            options = {
                "metadata": {"reach": group.get("max_scope")},
                "allowed_types": set(group["kinds"]) if "kinds" in group else None,
                "max_targets": group.get("targets"),
                "terminated_by": set(group["ended_by"]) if "ended_by" in group else None,
            }
            category, direction = group["category"], group["direction"]
            for literal in group.get("cues", ()):
                rules.append(context.ConTextRule(literal, category, direction=direction, **options))
                if direction not in ("TERMINATE", "PSEUDO"):
                    self._cues.add_word(literal.lower(), True)
            for pattern in group.get("patterns", ()):
                name, tokens = pattern["name"], pattern["tokens"]
                rules.append(context.ConTextRule(name, category, tokens, direction=direction, **options))
                for word in pattern["words"]:
                    self._cues.add_word(word, True)
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
        sentence: list[bool | int | None] = [index == 0 for index in range(len(words))]
        doc = self._doc_class(self._nlp.vocab, words=words, spaces=spaces, sent_starts=sentence)
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
        found: dict[tuple[int, int, str], dict[str, int]] = {}
        for target, modifier in doc._.context_graph.edges:
            reach = modifier.rule.metadata["reach"]
            low, high = modifier.modifier_span
            distance = target.start - high if target.start >= high else low - target.end
            if reach is not None and distance >= reach:
                continue
            nearest = found.setdefault((target.start, target.end, target.label_), {})
            nearest[modifier.category] = min(distance, nearest.get(modifier.category, distance))
        return [_settled(found.get((span.start, span.end, span.label_), {})) for span in targets]


def _settled(nearest: dict[str, int]) -> frozenset[Category]:
    """Categories of a span by the distance of their nearest cue; of past and future the nearer one stays."""
    if "HISTORICAL" in nearest and "PLANNED" in nearest:
        farther = "HISTORICAL" if nearest["PLANNED"] < nearest["HISTORICAL"] else "PLANNED"
        nearest = {name: distance for name, distance in nearest.items() if name != farther}
    return cast("frozenset[Category]", frozenset(nearest))


@functools.cache
def context_rules() -> ContextRules:
    """The one pipeline of this process."""
    return ContextRules()
