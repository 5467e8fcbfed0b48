"""Damage every case file: cut, flip, double; only `InputError` leaves, within time and memory."""

import io
import random
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from siting.inputs.files.opener import read_raw
from siting.types import InputError
from tests.paths import ROOT

CASES = ROOT / "tests" / "inputs" / "cases"
FILES = sorted(path for path in CASES.glob("*/*") if path.parent.name != "scenarios")
MAX_SECONDS = 20
MAX_MEMORY_MB = 1500
HEADINGS = ("企业", "单位", "代码", "经度", "纬度", "人员", "坐标", "name", "id", "lng", "lat", "highway")


def is_heading(cells):
    """Count cells that sound like headings; loose on purpose, so that damaged files get far."""
    return sum(any(word in cell for word in HEADINGS) for cell in cells)


def mutate(content: bytes, seed: int) -> bytes:
    """Damage `content` in one of seven ways, the same for the same seed."""
    dice = random.Random(seed)
    at, size = dice.randrange(len(content)), dice.randrange(1, 40)
    damaged = bytearray(content)
    match dice.randrange(7):
        case 0:
            return content[:at]
        case 1:
            for _ in range(dice.randrange(1, 9)):
                damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
        case 2:
            return content + content
        case 3:
            damaged[at:at] = content[at : at + size]
        case 4:
            del damaged[at : at + size]
        case 5:
            damaged[at : at + size] = dice.randbytes(size)
        case 6:
            damaged[at:at] = dice.choice([b'"', b"\0", b"\r", b",", b"\xff", b"<", b"\n" * 50, b"9" * 300])
    return bytes(damaged)


def mutate_inside(content: bytes, seed: int) -> bytes:
    """Damage one part of an archive and pack it anew, so that its checksum is right."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w") as new:
        chosen = random.Random(seed).choice([name for name in old.namelist() if "theme" not in name])
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, mutate(part, seed) if name == chosen else part)
    return packed.getvalue()


def check(path: Path) -> None:
    """Read one file to its end; raise whatever is not an `InputError` in one line, or breaks the contract."""
    refusal = ""
    try:
        table = read_raw(path, is_heading=is_heading)
        chunks = list(table.chunks())
    except InputError as error:
        refusal, chunks = str(error), []
    assert "\n" not in refusal
    rows = []
    for chunk in chunks:
        numbers = chunk.row_numbers.tolist()
        rows += numbers
        assert [len(column) for column in chunk.columns] == [len(numbers)] * len(table.headings)
        assert all(isinstance(cell, str) for column in chunk.columns for cell in column)
        assert set(chunk.damaged) == set(chunk.damaged_cells) <= set(numbers)
        assert chunk.geometry is None or len(chunk.geometry) == len(numbers)
        lost = {n for c in chunk.columns for n, cell in zip(numbers, c, strict=True) if "\ufffd" in cell}
        assert lost <= set(chunk.damaged)
    assert rows == sorted(set(rows))
    assert refusal or not set(rows) & {row for row, _ in table.ignored}


def run(folder: Path, seeds: range) -> int:
    """Check every case file under every seed; return how many mutants were read or refused."""
    count = 0
    for path in FILES:
        content = path.read_bytes()
        is_archive = zipfile.is_zipfile(path)
        place = folder / f"mutant{path.suffix}"
        for seed in seeds:
            inside = is_archive and seed % 2
            place.write_bytes(mutate_inside(content, seed) if inside else mutate(content, seed))
            start = time.monotonic()
            try:
                check(place)
            except BaseException as error:
                raise AssertionError(f"{path.name}, seed {seed}: {type(error).__name__}: {error}") from error
            if time.monotonic() - start > MAX_SECONDS:
                raise AssertionError(f"{path.name}, seed {seed}: over {MAX_SECONDS} s")
            count += 1
    return count


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_case_file_keeps_the_contract(path):
    check(path)


def test_mutants_are_read_or_refused(tmp_path, is_long):
    """Run in a process of its own under a memory limit: an abort of a C library shows as its exit code."""
    seeds = 400 if is_long else 75
    command = [sys.executable, "-W", "error", __file__, str(tmp_path), str(seeds)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) == seeds * len(FILES)


if __name__ == "__main__":
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_MB * 2**20,) * 2)
    except ImportError:  # Windows has no such limit
        pass
    print(run(Path(sys.argv[1]), range(int(sys.argv[2]))))
