"""``case.yaml``, ``claim.csv`` and ``providers.yaml`` turned into context, billed lines and providers.

Lenient about how an export writes things, strict about what they mean. Messages name file, line and
field, never a value: a claim may hold names.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Sequence
from typing import Any, get_args

import yaml

from ..errors import CaseError, DocumentError
from ..model import BilledLine, CaseContext, Claim, Date, Payer, Provider, Role, Setting
from .raw import RawDocument

_MAX_BYTES = 4 * 1024**2
_MAX_LINES = 5000
_CONTEXT_FIELDS = ("case_id", *CaseContext.model_fields)
_BILLED_FIELDS = tuple(BilledLine.model_fields)
_PROVIDER_FIELDS = tuple(Provider.model_fields)
_CODE = re.compile(r"([0-9A-Z]{5})(?:\.0)?(?:[\s-]+([0-9A-Z]{2}))?")
_MODIFIER = re.compile(r"[0-9A-Z]{2}")
_SPLIT = re.compile(r"[\s,;/|:]+")
_UNITS = re.compile(r"\+?(\d{1,6})(?:\.0*)?")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ][\d:.Z+-]*)?")
_PLAIN = re.compile(r"(\d{4})(\d{2})(\d{2})")
_US = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?: [\d:]+(?: ?[AaPp][Mm])?)?")
_COLUMNS = {
    "code": "code",
    "cpt": "code",
    "hcpcs": "code",
    "cpt/hcpcs": "code",
    "cpt code": "code",
    "hcpcs code": "code",
    "cpt/hcpcs code": "code",
    "procedure code": "code",
    "procedure": "code",
    "units": "units",
    "unit": "units",
    "qty": "units",
    "quantity": "units",
    "units billed": "units",
    "billed units": "units",
    "modifiers": "modifiers",
    "modifier": "modifiers",
    "mod": "modifiers",
    "mods": "modifiers",
    "date": "date",
    "dos": "date",
    "date of service": "date",
    "service date": "date",
    "date from": "date",
    "from date": "date",
    "dos from": "date",
    "from": "date",
    "date to": "date_to",
    "to date": "date_to",
    "dos to": "date_to",
    "through": "date_to",
    "to": "date_to",
}
_NUMBERED_MODIFIER = re.compile(r"(?:mod|modifier) ?[1-4]")


class _WrongError(ValueError):
    """What is wrong with a value, without the value."""


def _read(raw: RawDocument, where: str) -> str:
    if raw.size > _MAX_BYTES:
        raise CaseError(f"{where}: is larger than {_MAX_BYTES // 1024**2} MB: shorten it")
    try:
        data = raw.read()
    except DocumentError as error:
        raise CaseError(f"{where}: {error}") from error
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _load_yaml(raw: RawDocument, where: str) -> Any:
    try:
        return yaml.load(_read(raw, where), Loader=_Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, _WrongError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark is not None else ""
        reason = "is not valid YAML: check indentation, colons and quotes"
        if isinstance(error, _WrongError):
            reason = str(error)
        raise CaseError(f"{where}: {line}{reason}") from error


class _Loader(yaml.SafeLoader):
    """YAML without repeated keys; numbers and dates stay as written, for the checks of their fields."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
    if len(set(keys)) < len(keys):
        raise _WrongError("holds a field twice: keep one")
    return loader.construct_mapping(node, deep=True)


_KEPT = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in _KEPT]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


# ---------------------------------------------------------------- values


def _text(value: Any) -> str:
    if isinstance(value, (dict, list, bool)) or value is None:
        raise _WrongError("must be a word")
    return str(value).strip()


def _one_of(allowed: Sequence[str]) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        written = re.sub(r"[\s-]+", "_", _text(value).casefold())
        if written not in allowed:
            raise _WrongError(f"must be one of {', '.join(allowed)}")
        return written

    return check


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _WrongError("must be true or false")
    return value


def _case_id(value: Any) -> str:
    written = _text(value)
    if not written or len(written) > 120 or not written.isprintable() or set(written) & set('/\\:*?"<>|'):
        raise _WrongError("must be a short name that can also name a file")
    if not written.strip("."):
        raise _WrongError("must be a short name that can also name a file")
    return written


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _claims(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_one_of(get_args(Claim))(item) for item in _items(value)))


def _code(value: Any) -> tuple[str, str | None]:
    """A code, and the modifier that some exports write behind it."""
    match = _CODE.fullmatch(_text(value).upper())
    if match is None:
        raise _WrongError("must be a code of five characters")
    return match.group(1), match.group(2)


def _units(value: Any) -> int:
    if value is None or value == "":
        return 1
    match = _UNITS.fullmatch(_text(value))
    if match is None:
        raise _WrongError("must be a whole number")
    return int(match.group(1))


def _modifiers(value: Any) -> tuple[str, ...]:
    found: list[str] = []
    for item in _items(value):
        if item is None:
            continue
        for part in _SPLIT.split(_text(item).upper().strip("[]() \"'")):
            part = part.strip("\"'")
            if part and not _MODIFIER.fullmatch(part):
                raise _WrongError("must be modifiers of two characters each")
            if part:
                found.append(part)
    return tuple(found)


def _date(value: Any) -> Date | None:
    if value is None or value == "":
        return None
    written = _text(value)
    try:
        if (match := _ISO.fullmatch(written) or _PLAIN.fullmatch(written)) is not None:
            return dt.date(int(match.group(1)), int(match.group(2)), int(match.group(3)))
        if (match := _US.fullmatch(written)) is not None:
            year = int(match.group(3))
            return dt.date(year + 2000 if year < 100 else year, int(match.group(1)), int(match.group(2)))
    except ValueError:
        pass
    raise _WrongError("must be a date such as 2025-03-12 or 3/12/2025")


_LINE_CHECKS: dict[str, Callable[[Any], Any]] = {
    "code": _code,
    "units": _units,
    "modifiers": _modifiers,
    "date": _date,
    "date_to": _date,
}


def _line(values: dict[str, Any], where: str) -> BilledLine:
    """A billed line; ``where`` ends with a colon and names file and line."""
    checked: dict[str, Any] = {}
    for name, check in _LINE_CHECKS.items():
        try:
            checked[name] = check(values.get(name))
        except _WrongError as error:
            raise CaseError(f"{where} {name}: {error}") from error
    checked["code"], behind = checked["code"]
    if behind and behind not in checked["modifiers"]:
        checked["modifiers"] = (behind, *checked["modifiers"])
    start, end = checked["date"], checked["date_to"]
    if end is not None and start is None:
        raise CaseError(f"{where} date: must be given where date_to is")
    if end is not None and end < start:
        raise CaseError(f"{where} date_to: must not lie before date")
    return BilledLine(**checked)


def _known(given: Any, allowed: Sequence[str], where: str) -> dict[str, Any]:
    """A mapping whose fields are all known; ``where`` names the place."""
    if not isinstance(given, dict):
        raise CaseError(f"{where}: must hold fields such as '{allowed[0]}: ...'")
    for name in given:
        if name not in allowed:
            shown = repr(str(name)[:40])
            raise CaseError(f"{where}: unknown field {shown}; allowed are {', '.join(allowed)}")
    return {name: value for name, value in given.items() if value is not None}


# ---------------------------------------------------------------- the three files


def parse_context(raw: RawDocument | None, where: str) -> tuple[str | None, CaseContext]:
    """``case_id`` (``None`` where it is not given) and context of a ``case.yaml``.

    Raises ``CaseError`` for a field that is unknown or has a wrong value.
    """
    loaded = _load_yaml(raw, where) if raw is not None else None
    given = _known(loaded if loaded is not None else {}, _CONTEXT_FIELDS, where)
    checks: dict[str, Callable[[Any], Any]] = {
        "case_id": _case_id,
        "payer": _one_of(get_args(Payer)),
        "setting": _one_of(get_args(Setting)),
        "off_campus_nonexcepted": _flag,
        "claim": _claims,
        "course_complete": _flag,
        "billed": lambda value: _billed(value, where),
    }
    checked: dict[str, Any] = {}
    for name, value in given.items():
        try:
            checked[name] = checks[name](value)
        except _WrongError as error:
            raise CaseError(f"{where}: {name}: {error}") from error
    case_id = checked.pop("case_id", None)
    return case_id, CaseContext(**checked)


def _billed(value: Any, where: str) -> tuple[BilledLine, ...]:
    if not isinstance(value, list):
        raise _WrongError("must be a list of lines such as '- {code: \"77301\", units: 1}'")
    lines = []
    for number, item in enumerate(value, 1):
        place = f"{where}: billed[{number}]"
        lines.append(_line(_known(item, _BILLED_FIELDS, place), f"{place}:"))
    return tuple(lines)


def parse_claim(raw: RawDocument, where: str) -> tuple[BilledLine, ...]:
    """Lines of a ``claim.csv``, in order.

    Separators are commas, semicolons, tabs or bars; the header names the columns, in any order and
    case; columns that no line of a claim needs are passed over. Raises ``CaseError`` with the line.
    """
    text = _read(raw, where)
    rows = _csv_rows(text, where)
    if not rows:
        return ()
    first, header = rows[0]
    columns = [_column(name) for name in header]
    if "code" not in columns:
        raise CaseError(f"{where}: line {first}: no column 'code'; columns are {', '.join(_BILLED_FIELDS)}")
    for single in ("code", "units", "date", "date_to"):
        if columns.count(single) > 1:
            raise CaseError(f"{where}: line {first}: {single}: two columns tell it: keep one")
    if len(rows) - 1 > _MAX_LINES:
        raise CaseError(f"{where}: more than {_MAX_LINES} lines: split the claim")
    lines = []
    for number, cells in rows[1:]:
        if len(cells) > len(columns) and any(cells[len(columns) :]):
            raise CaseError(f"{where}: line {number}: more cells than the header: quote lists of modifiers")
        values: dict[str, Any] = {"modifiers": []}
        for name, cell in zip(columns, cells, strict=False):
            if name == "modifiers":
                values["modifiers"].append(cell)
            elif name is not None:
                values[name] = cell
        lines.append(_line(values, f"{where}: line {number}:"))
    return tuple(lines)


def _column(name: str) -> str | None:
    """The field a header cell stands for; ``None`` for a column of no interest."""
    written = re.sub(r"[\s_-]+", " ", name.strip().casefold()).strip()
    return "modifiers" if _NUMBERED_MODIFIER.fullmatch(written) else _COLUMNS.get(written)


def _csv_rows(text: str, where: str) -> list[tuple[int, list[str]]]:
    """Non-blank rows with the line each begins on, split at the separator whose header tells most."""
    best: list[tuple[int, list[str]]] = []
    score = -1
    for separator in ",;\t|":
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
        rows: list[tuple[int, list[str]]] = []
        begin = 1
        try:
            for cells in reader:
                cells = [cell.strip() for cell in cells]
                if any(cells):
                    rows.append((begin, cells))
                begin = reader.line_num + 1
        except csv.Error as error:
            raise CaseError(f"{where}: line {reader.line_num}: is not valid CSV: check its quotes") from error
        known = sum(_column(name) is not None for name in rows[0][1]) if rows else 0
        if known > score:
            best, score = rows, known
    return best


def parse_providers(raw: RawDocument, where: str) -> tuple[Provider, ...]:
    """People of a ``providers.yaml``: a list, alone or under ``providers``.

    Raises ``CaseError`` for a field that is unknown or has a wrong value.
    """
    loaded = _load_yaml(raw, where)
    if isinstance(loaded, dict) and set(loaded) == {"providers"}:
        loaded = loaded["providers"]
    if loaded is None:
        return ()
    if not isinstance(loaded, list):
        raise CaseError(f"{where}: must be a list of people such as '- {{name: ..., role: ...}}'")
    found = []
    for number, item in enumerate(loaded, 1):
        place = f"{where}: person {number}"
        given = _known(item, _PROVIDER_FIELDS, place)
        for needed in ("name", "role"):
            if needed not in given:
                raise CaseError(f"{place}: {needed}: is missing")
        checked: dict[str, Any] = {}
        for name, value in given.items():
            try:
                checked[name] = _provider_value(name, value)
            except _WrongError as error:
                raise CaseError(f"{place}: {name}: {error}") from error
        found.append(Provider(**checked))
    return tuple(found)


def _provider_value(name: str, value: Any) -> Any:
    if name == "role":
        return _one_of(get_args(Role))(value)
    if name in ("aliases", "logins"):
        return tuple(written for item in _items(value) if (written := _text(item)))
    written = ", ".join(_text(item) for item in _items(value)) if name == "credentials" else _text(value)
    if not written:
        raise _WrongError("must not be empty")
    return written
