"""Files on disk and members of archives turned into documents that can be read when they are needed."""

from __future__ import annotations

import os
import stat
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Protocol, Self

from ..errors import DocumentError, InputError

_MAX_MEMBERS = 20_000
_MAX_TOTAL = 4 * 1024**3
_MAX_MEMBER = 1024**3
MAX_DIRECTORY = 400 * _MAX_MEMBERS
"""Bytes of an archive's list of members: more is not even parsed, each member takes some 600 in memory."""
_RATIO = 200
_RATIO_FROM = 1024**2
"""Deflated text and images stay far below 200:1; small members may be as repetitive as they like."""

_TAIL = 65_536 + 22 + 76
"""The end record of an archive, with its longest comment, and what stands before it in a large one."""


class RawDocument(Protocol):
    """A document nobody has read yet. ``id`` is its path relative to ``documents/``, POSIX style.

    ``problem`` tells why it cannot be read, where that is known before reading.
    """

    @property
    def id(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def problem(self) -> str | None: ...

    def read(self) -> bytes:
        """All bytes. Raises ``DocumentError`` where they cannot be read."""

    def renamed(self, new_id: str) -> Self:
        """The same file under another id."""


@dataclass(frozen=True, slots=True)
class FileDocument:
    """A file on disk; ``size`` in bytes."""

    id: str
    size: int
    path: Path
    problem: str | None = None

    def read(self) -> bytes:
        """All bytes. Raises ``DocumentError`` where they cannot be read."""
        if self.problem is not None:
            raise DocumentError(self.problem)
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise DocumentError("cannot be opened: check its permissions") from error

    def renamed(self, new_id: str) -> FileDocument:
        """The same file under another id."""
        return replace(self, id=new_id)


@dataclass(frozen=True, slots=True)
class ZipDocument:
    """A member of a zip archive; ``size`` in bytes, unpacked."""

    id: str
    size: int
    archive: Path
    member: str
    problem: str | None = None

    def read(self) -> bytes:
        """All bytes, unpacked. Raises ``DocumentError`` where they cannot be read."""
        if self.problem is not None:
            raise DocumentError(self.problem)
        try:
            with zipfile.ZipFile(self.archive) as opened:
                return opened.read(self.member)
        except Exception as error:  # zipfile lets zlib.error, EOFError and others through: no common base
            raise DocumentError("is damaged inside its archive: pack it again") from error

    def renamed(self, new_id: str) -> ZipDocument:
        """The same member under another id."""
        return replace(self, id=new_id)


def directory_size(file: IO[bytes]) -> int:
    """Bytes of a zip archive's list of members, as ``zipfile`` will read it; 0 where it finds none."""
    length = file.seek(0, os.SEEK_END)
    file.seek(max(0, length - _TAIL))
    tail = file.read()
    plain = tail[-22:-18] == b"PK\5\6"
    at = len(tail) - 22 if plain else tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + 16:
        return 0
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    if at >= 76 and tail[at - 20 : at - 16] == b"PK\6\7":  # an archive of more than 4 GB or 65535 members
        size = max(size if size < 0xFFFFFFFF else 0, int.from_bytes(tail[at - 36 : at - 28], "little"))
    return size


def zip_documents(path: Path) -> dict[str, RawDocument] | None:
    """Members of an archive by path; ``None`` where the file is no archive of documents (a .docx is one).

    Raises ``InputError`` for an archive that cannot be opened or is not safe to: names that lead out of
    it, links, more than it may hold, or members that unpack to more than their packing explains.
    """
    with path.open("rb") as file:
        head = file.read(4)
    if head not in (b"PK\x03\x04", b"PK\x05\x06"):
        if path.suffix.casefold() == ".zip":
            raise InputError(f"{path}: is no zip archive or is damaged: pack it again")
        return None
    try:
        with path.open("rb") as file:
            if directory_size(file) > MAX_DIRECTORY:
                raise InputError(f"{path}: the archive holds more than {_MAX_MEMBERS} files: split it")
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError(f"{path}: the archive is damaged: pack it again") from error
    names = {info.filename for info in infos}
    if "[Content_Types].xml" in names or "mimetype" in names:
        return None
    _refuse_unsafe(path, infos)
    return {
        info.filename: ZipDocument(info.filename, info.file_size, path, info.filename, _member_problem(info))
        for info in infos
        if not info.is_dir()
    }


def _member_problem(info: zipfile.ZipInfo) -> str | None:
    return "is encrypted inside its archive: pack it without a password" if info.flag_bits & 1 else None


def _refuse_unsafe(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > _MAX_MEMBERS:
        raise InputError(f"{path}: the archive holds more than {_MAX_MEMBERS} files: split it")
    if len({info.filename for info in infos}) < len(infos):
        raise InputError(f"{path}: the archive holds two files of one name: pack it again")
    if sum(info.file_size for info in infos) > _MAX_TOTAL:
        raise InputError(f"{path}: the archive unpacks to more than {_MAX_TOTAL // 1024**3} GB: split it")
    for info in infos:
        name = PurePosixPath(info.orig_filename)
        windows = PureWindowsPath(info.orig_filename)
        if name.is_absolute() or windows.drive or windows.root or ".." in name.parts or ".." in windows.parts:
            raise InputError(f"{path}: a name in the archive leads out of it: pack it with relative names")
        if "\0" in info.orig_filename:
            raise InputError(f"{path}: a name in the archive is not valid: pack it again")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise InputError(f"{path}: the archive holds a link: pack the files themselves")
        if info.file_size > _MAX_MEMBER:
            raise InputError(f"{path}: a file in the archive unpacks to more than 1 GB: leave it out")
        if info.file_size > _RATIO_FROM and info.file_size > _RATIO * max(1, info.compress_size):
            raise InputError(
                f"{path}: a file in the archive unpacks to {_RATIO} times its size: leave it out"
            )
