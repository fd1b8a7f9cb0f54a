"""Speed of each stage, as ratios to its peers measured in the same run.

    python eval/benchmarks/speed.py [--no-edsnlp]

Each engine runs in a process of its own over the same notes; the figure is the best of several
passes. The EDS-NLP peer needs another spaCy, so the script builds it an environment beside itself.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
EDS_VENV = ROOT / ".venv-edsnlp"
NOTE_SIZE = 4096


def notes() -> list[str]:
    """Twelve notes of about 4 KB each, made of the gold set's text documents."""
    texts = [p.read_text(encoding="utf-8") for p in sorted((ROOT / "gold_set").glob("*/documents/*.txt"))]
    made: list[str] = []
    current = ""
    for text in texts:
        current += text + "\n\n"
        if len(current) >= NOTE_SIZE:
            made.append(current[:NOTE_SIZE])
            current = ""
    return made[:12]


def run_worker(python: str, worker: str, payload: dict[str, object]) -> dict[str, float]:
    """Run one engine in its own process and read its figures."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as handle:
        json.dump(payload, handle)
        handle.flush()
        done = subprocess.run(
            [python, str(HERE / "workers.py"), worker, handle.name], capture_output=True, text=True, cwd=ROOT
        )
    if done.returncode:
        print(f"{worker}: failed\n{done.stderr[-800:]}", file=sys.stderr)
        return {}
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def edsnlp_python() -> str | None:
    """Interpreter of an environment with EDS-NLP, built on first use."""
    python = EDS_VENV / "bin" / "python"
    if not python.exists():
        print(f"building {EDS_VENV.name} ...", file=sys.stderr)
        venv.create(EDS_VENV, with_pip=True)
        done = subprocess.run(
            [str(python), "-m", "pip", "install", "-q", "edsnlp==0.23.0"], capture_output=True, text=True
        )
        if done.returncode:
            print(f"EDS-NLP cannot be installed: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
            shutil.rmtree(EDS_VENV, ignore_errors=True)
            return None
    return str(python)


def best_of(command: list[str], times: int) -> float:
    """Shortest wall time of a command, in seconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        taken.append(time.perf_counter() - start)
    return min(taken)


def row(name: str, value: str, remark: str = "") -> None:
    """One line of the table."""
    print(f"{name:<44}{value:>14}  {remark}")


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--no-edsnlp", action="store_true", help="leave the EDS-NLP peer out")
    options = parser.parse_args()
    sample = notes()
    size = statistics.mean(map(len, sample))
    print(
        f"{len(sample)} notes of {size:.0f} characters; Python {sys.version.split()[0]}; best of several passes\n"
    )
    ours = run_worker(sys.executable, "ours", {"notes": sample})
    stock = run_worker(sys.executable, "medspacy", {"notes": sample, "terms": ours.pop("terms", [])})  # type: ignore[call-overload]
    row("evidence stage, ms per 4 KB note", f"{ours['note_ms']:.2f}")
    row("  assertions alone (hits and ConText)", f"{ours['assert_ms']:.2f}")
    row(
        "spaCy tokenizer alone, ms",
        f"{ours['tokenizer_ms']:.2f}",
        f"ours is {ours['note_ms'] / ours['tokenizer_ms']:.2f} x",
    )
    if stock:
        row(
            "stock medspaCy 1.3.1, ms",
            f"{stock['note_ms']:.1f}",
            f"{stock['note_ms'] / ours['note_ms']:.1f} x ours",
        )
    if not options.no_edsnlp and (python := edsnlp_python()):
        peer = run_worker(python, "edsnlp", {"notes": sample, "terms": stock.get("terms_used", [])})
        if peer:
            row(
                "EDS-NLP 0.23, ms",
                f"{peer['note_ms']:.2f}",
                f"{peer['note_ms'] / ours['note_ms']:.2f} x ours",
            )
    pdf = run_worker(sys.executable, "pdf", {})
    row(
        "PDF text, ms per page",
        f"{pdf['text_ms']:.2f}",
        f"pdfplumber {pdf['plumber_ms']:.0f} ms = {pdf['plumber_ms'] / pdf['text_ms']:.0f} x ours",
    )
    row(
        "PDF text with every box, ms per page",
        f"{pdf['boxes_ms']:.2f}",
        f"pdfplumber is {pdf['plumber_ms'] / pdf['boxes_ms']:.0f} x ours",
    )
    case = run_worker(sys.executable, "case", {})
    row(
        "eight-document case, warm, ms",
        f"{case['warm_ms']:.0f}",
        f"{case['documents']:.0f} documents, {case['pages']:.0f} pages",
    )
    cli = str(Path(sys.executable).with_name("doc-review"))
    target = str(ROOT / "gold_set" / "prostate-vmat-clean-2025")
    row("first review, cold, s", f"{best_of([cli, 'review', target, '--no-cache'], 3):.2f}")
    row("--help, s", f"{best_of([cli, '--help'], 5):.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
