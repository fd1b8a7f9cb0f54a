"""doc-review: clinical notes and plan PDFs in, cited radiotherapy code suggestions out."""

__version__ = "0.1.0"
