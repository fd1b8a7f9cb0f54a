"""Trains the model that tells the kind of an entry by its words; writes its weights into the package.

    python eval/train_content_kinds.py            train on all, write doc_review/documents/content_kinds.json
    python eval/train_content_kinds.py --check    leave charts out, sevenfold: share of entries told right

Texts are the entries of the `dev` gold cases that the run of record has right (scanned twins left out), each with
and without its first lines, so that the body decides where a title says nothing. A word counts where at least
four charts have it: no name of a person or place does. Full-batch gradient descent from zero: the same texts give
the same weights.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from doc_review.case import open_cases
from doc_review.documents.content_kind import SAME, WEIGHTS, features
from doc_review.review import ReviewOptions, review_case

ROOT = Path(__file__).resolve().parent.parent
CHARTS = 4
ROUNDS, STEP, MOMENTUM, DECAY = 400, 15.0, 0.9, 2e-5
FOLDS = 7
Text = tuple[str, str, frozenset[str]]


def charts() -> list[str]:
    """Names of the cases to learn from."""
    run = json.loads((ROOT / "eval" / "reports" / "dev.json").read_text(encoding="utf-8"))
    right = [
        c for c in run["cases"] if all(f["kind"] in ("missed_span", "wrong_course") for f in c["faults"])
    ]
    return sorted(c["case_id"] for c in right if not c["case_id"].endswith("-scan"))


def texts() -> list[Text]:
    """Chart, kind and features of every entry, with and without its head."""
    found: list[Text] = []
    for name in charts():
        chart = review_case(open_cases(ROOT / "gold_set" / name).cases[0], ReviewOptions()).chart
        for document in chart.documents:
            for entry in document.meta.entries:
                if entry.kind == "mixed":
                    continue
                kind = SAME.get(entry.kind, entry.kind)
                pages = [p.text for p in document.pages if entry.page <= p.number <= entry.end_page]
                pages[-1] = pages[-1][: entry.end]
                pages[0] = pages[0][entry.start :]
                lines = [line for line in "\n".join(pages).splitlines() if line.strip()]
                body = lines[2:] if len(lines) > 4 else lines
                found += [(name, kind, frozenset(features("\n".join(part)))) for part in (lines, body)]
    return found


def matrix(rows: list[Text]) -> tuple[list[str], list[str], np.ndarray, np.ndarray]:
    """Words, kinds, one row a text (its words, scaled to length one), and the kind of each."""
    seen: dict[str, set[str]] = defaultdict(set)
    for name, _, words in rows:
        for word in words:
            seen[word].add(name)
    vocabulary = sorted(word for word, names in seen.items() if len(names) >= CHARTS)
    column = {word: i for i, word in enumerate(vocabulary)}
    kinds = sorted({kind for _, kind, _ in rows})
    values = np.zeros((len(rows), len(vocabulary)))
    for i, (_, _, words) in enumerate(rows):
        values[i, [column[word] for word in words if word in column]] = 1.0
    values /= np.sqrt(np.maximum(1.0, values.sum(1, keepdims=True)))
    return vocabulary, kinds, values, np.array([kinds.index(kind) for _, kind, _ in rows])


def probabilities(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Probability of each kind for each row."""
    scores = values @ weights
    scores = np.exp(scores - scores.max(1, keepdims=True))
    return np.asarray(scores / scores.sum(1, keepdims=True))


def fit(values: np.ndarray, kind: np.ndarray, kinds: int) -> np.ndarray:
    """Weights by gradient descent; a rare kind weighs more than its share."""
    weight = 1 / np.sqrt(np.bincount(kind, minlength=kinds)[kind])
    weight /= weight.sum()
    wanted = np.eye(kinds)[kind]
    weights = np.zeros((values.shape[1], kinds))
    speed = np.zeros_like(weights)
    for _ in range(ROUNDS):
        slope = values.T @ ((probabilities(values, weights) - wanted) * weight[:, None]) + DECAY * weights
        speed = MOMENTUM * speed - STEP * slope
        weights += speed
    return weights


def check(rows: list[Text]) -> None:
    """Print, for charts left out, how many entries are told right, and how sure answers fare."""
    _, kinds, values, kind = matrix(rows)
    names = sorted({name for name, _, _ in rows})
    of = np.array([names.index(name) % FOLDS for name, _, _ in rows])
    told: list[tuple[float, bool]] = []
    wrong: Counter[tuple[str, str]] = Counter()
    for fold in range(FOLDS):
        weights = fit(values[of != fold], kind[of != fold], len(kinds))
        for row, right in zip(probabilities(values[of == fold], weights), kind[of == fold], strict=True):
            best = int(row.argmax())
            told.append((float(row.max()), best == right))
            if best != right:
                wrong[kinds[right], kinds[best]] += 1
    for least in (0.0, 0.6, 0.8, 0.9, 0.95):
        some = [right for sure, right in told if sure >= least]
        print(f"probability from {least:.2f}: {sum(some)} of {len(some)} right ({sum(some) / len(some):.1%})")
    for (right, best), count in wrong.most_common(8):
        print(f"  {count} {right} taken for {best}")


def main(arguments: list[str]) -> int:
    """Check or train."""
    rows = texts()
    if arguments == ["--check"]:
        check(rows)
        return 0
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    vocabulary, kinds, values, kind = matrix(rows)
    weights = fit(values, kind, len(kinds))
    lines = [
        f"{json.dumps(word)}: [{', '.join(f'{w:.2f}' for w in row)}]"
        for word, row in zip(vocabulary, weights, strict=True)
    ]
    head = f'{{"kinds": {json.dumps(kinds)}, "weights": {{'
    WEIGHTS.write_text(head + "\n" + ",\n".join(lines) + "\n}}\n", encoding="utf-8")
    print(f"{len(rows)} texts of {len({name for name, _, _ in rows})} charts, {len(vocabulary)} words")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
