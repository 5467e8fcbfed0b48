"""Outputs are whole or untouched: every write, flush and rename is made to fail in turn."""

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.outputs.write_files import (
    OutputError,
    check_folder,
    check_name,
    finish_interrupted,
    to_json,
    write_file,
    write_files,
)
from siting.types import InputError

OLD = {"index.html": b"old page", "ranking.csv": b"old ranking", "manifest.json": b"old manifest"}
NEW = {name: b"new " * 1000 + name.encode() for name in OLD}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def visible(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def fail_at(monkeypatch, name: str, k: int, error: BaseException) -> None:
    """Make the k-th call of `os.<name>` raise."""
    real, calls = getattr(os, name), iter(range(1_000))

    def call(*args, **kwargs):
        if next(calls) == k:
            raise error
        return real(*args, **kwargs)

    monkeypatch.setattr(os, name, call)


def test_writes_bytes_as_given(tmp_path):
    write_files(tmp_path / "地图 一" / "base", NEW)
    assert contents(tmp_path / "地图 一" / "base") == NEW


def test_other_files_of_the_folder_stay(tmp_path):
    write_file(tmp_path / "notes.txt", b"mine")
    write_files(tmp_path, NEW)
    assert contents(tmp_path) == {**NEW, "notes.txt": b"mine"}


@pytest.mark.parametrize("k", range(3))
def test_failed_flush_leaves_the_old_outputs(tmp_path, monkeypatch, k):
    write_files(tmp_path, OLD)
    fail_at(monkeypatch, "fsync", k, OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(OutputError, match="disk is full"):
        write_files(tmp_path, NEW)
    assert contents(tmp_path) == OLD


@pytest.mark.parametrize("k", range(3))
def test_failed_rename_leaves_the_old_outputs_and_names_the_file_that_is_open(tmp_path, monkeypatch, k):
    write_files(tmp_path, OLD)
    fail_at(monkeypatch, "replace", k, PermissionError(errno.EACCES, "Access is denied"))
    with pytest.raises(OutputError, match=rf"{list(OLD)[k]}: cannot be written; if it is open in Excel"):
        write_files(tmp_path, NEW)
    assert contents(tmp_path) == OLD


@pytest.mark.parametrize("k", range(4))
def test_failed_rename_of_a_first_run_leaves_nothing(tmp_path, monkeypatch, k):
    fail_at(monkeypatch, "replace", k, OSError(errno.EIO, "Input/output error"))
    first = {**NEW, "study/a.toml": b"base"}
    with pytest.raises(OutputError, match=f"{list(first)[k]}: cannot be written"):
        write_files(tmp_path, first)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError])
def test_an_interruption_leaves_the_old_outputs(tmp_path, monkeypatch, stop):
    write_files(tmp_path, OLD)
    fail_at(monkeypatch, "replace", 1, stop())
    with pytest.raises(stop):
        write_files(tmp_path, NEW)
    assert contents(tmp_path) == OLD


DYING = """
import os, sys
from pathlib import Path
from siting.outputs.write_files import write_files
k, seen, real = int(sys.argv[2]), 0, {name: getattr(os, name) for name in ("replace", "fsync")}
def dying(name):
    def call(*given):
        global seen
        seen += 1
        if seen == k:
            os._exit(9)
        return real[name](*given)
    return call
os.replace, os.fsync = dying("replace"), dying("fsync")
write_files(Path(sys.argv[1]), {name: b"new " * 1000 + name.encode() for name in sys.argv[3:]})
"""


def test_whoever_writes_next_finishes_a_run_that_died(tmp_path):
    """Die at each flush and rename in turn: once looked at, the folder is all old or all new."""
    outcomes = []
    for k in range(1, 20):
        folder = tmp_path / str(k)
        write_files(folder, OLD)
        done = subprocess.run([sys.executable, "-c", DYING, folder, str(k), *OLD], check=False)
        finished = finish_interrupted(folder)
        seen = visible(folder)
        assert seen == (NEW if finished or done.returncode == 0 else OLD), k
        assert not finish_interrupted(folder)
        outcomes.append((done.returncode, finished))
        if done.returncode == 0:
            break
    # Three files are flushed, then their list; then each new one moves over the old.
    assert outcomes == [(9, False)] * 3 + [(9, True)] * 4 + [(0, False)]


def test_the_next_run_clears_what_one_left(tmp_path):
    write_files(tmp_path, OLD)
    subprocess.run([sys.executable, "-c", DYING, tmp_path, "6", *OLD], check=False)
    write_file(tmp_path / "notes.txt", b"mine")
    assert contents(tmp_path) == {**NEW, "notes.txt": b"mine"}


@pytest.mark.parametrize("names", ['["../up.csv"]', '["/etc/x"]', "[1]", "{}", "1", '["a.csv"'])
def test_a_list_that_leads_elsewhere_moves_nothing(tmp_path, names):
    stage = tmp_path / "out" / ".run.7.part"
    (stage / "new").mkdir(parents=True)
    (stage / "new" / "0").write_bytes(b"x")
    (stage / "list.json").write_text(names, encoding="utf-8")
    assert not finish_interrupted(tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_files_of_folders_below_belong_to_the_run(tmp_path, monkeypatch):
    write_files(tmp_path, {**OLD, "study/raw/a.csv": b"old"})
    fail_at(monkeypatch, "replace", 3, OSError(errno.EIO, "Input/output error"))
    with pytest.raises(OutputError, match="study/raw/a.csv"):
        write_files(tmp_path, {**NEW, "study/raw/a.csv": b"new"})
    assert visible(tmp_path) == OLD
    assert (tmp_path / "study" / "raw" / "a.csv").read_bytes() == b"old"


def test_input_output_error_leaves_the_old_outputs(tmp_path, monkeypatch):
    write_files(tmp_path, OLD)
    fail_at(monkeypatch, "fsync", 1, OSError(errno.EIO, "Input/output error"))
    with pytest.raises(OutputError, match="ranking.csv: cannot be written: Input/output error"):
        write_files(tmp_path, NEW)
    assert contents(tmp_path) == OLD


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of file size are POSIX")
def test_real_limit_of_file_size(tmp_path):
    write_files(tmp_path, OLD)
    code = (
        "import resource, signal, sys\nfrom pathlib import Path\n"
        "from siting.outputs.write_files import write_files\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "write_files(Path(sys.argv[1]), {'index.html': b'x' * 100_000})"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=False)
    assert "OutputError: index.html: the disk is full" in done.stderr
    assert contents(tmp_path) == OLD


def test_killed_at_any_time_leaves_whole_files(tmp_path, is_long):
    write_files(tmp_path, OLD)
    big = dict.fromkeys(OLD, b"n" * 2000000)
    code = (
        "import sys; from pathlib import Path; from siting.outputs.write_files import write_files\n"
        f"names = {list(OLD)!r}; print('go', flush=True)\n"
        "while True: write_files(Path(sys.argv[1]), {n: b'n' * 2_000_000 for n in names})"
    )
    for turn in range(100 if is_long else 4):
        with subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.003 * (turn + 1))
            process.kill()
        assert all((tmp_path / name).read_bytes() in (OLD[name], big[name]) for name in OLD)


def test_a_file_is_in_its_place_at_every_moment(tmp_path, monkeypatch):
    """Whoever opens the page while a run writes finds the old one or the new."""
    write_files(tmp_path, OLD)
    seen, replace = [], Path.replace

    def watched(self, target):
        seen.append(all((tmp_path / name).is_file() for name in OLD))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    write_files(tmp_path, NEW)
    assert seen == [True] * len(NEW)
    assert {name: (tmp_path / name).read_bytes() for name in NEW} == NEW


def test_disks_without_second_names_keep_a_copy(tmp_path, monkeypatch):
    write_files(tmp_path, OLD)

    def no_link(source, target):
        raise OSError(errno.EPERM, "no links")

    monkeypatch.setattr("os.link", no_link)
    fail_at(monkeypatch, "replace", 1, OSError(errno.EIO, "disk"))
    with pytest.raises(OutputError):
        write_files(tmp_path, NEW)
    monkeypatch.undo()
    assert {name: (tmp_path / name).read_bytes() for name in OLD} == OLD


def test_folder_that_is_a_file(tmp_path):
    (tmp_path / "base").write_bytes(b"")
    with pytest.raises(OutputError, match="base: is a file, not a folder"):
        check_folder(tmp_path / "base")
    with pytest.raises(OutputError, match="base: is a file, not a folder"):
        check_folder(tmp_path / "base" / "below")
    with pytest.raises(OutputError, match="a file stands where the output folder should be"):
        write_files(tmp_path / "base", NEW)


def test_file_that_is_a_folder(tmp_path):
    (tmp_path / "index.html").mkdir()
    with pytest.raises(OutputError, match="index.html: a folder of this name|index.html: cannot be written"):
        write_files(tmp_path, NEW)
    assert not list(tmp_path.glob(".*"))


def test_checking_a_folder_leaves_nothing(tmp_path):
    check_folder(tmp_path / "not" / "yet")
    assert list(tmp_path.iterdir()) == []


def test_folder_that_takes_no_file(tmp_path, monkeypatch):
    fail_at(monkeypatch, "fsync", 0, PermissionError(errno.EROFS, "Read-only file system"))
    with pytest.raises(OutputError, match="cannot be written"):
        check_folder(tmp_path / "base")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("con", "Windows reserves"),
        ("LPT1.txt", "Windows reserves"),
        ("a\0b", "control character"),
        ("a?b", "control character"),
        ("<script>.html", "control character"),
        ("../up", "control character"),
        ("base.", "ends in a dot"),
        ("base ", "ends in a dot or a blank"),
        ("长" * 101, "longer than 100"),
    ],
)
def test_names_that_some_system_refuses(name, fault):
    with pytest.raises(InputError, match=fault):
        check_name(name, "output folder")


@pytest.mark.parametrize("name", ["base", "情景 一", "2011.基准", "console", "aux-1"])
def test_good_names(name):
    check_name(name, "output folder")


@pytest.mark.parametrize("out", ["http://example.org/x", "maps/con", "maps/x?", "maps/base./x"])
def test_folders_that_some_system_refuses(out):
    with pytest.raises(InputError, match="output folder"):
        check_folder(Path(out) if "//" not in out else Path(re.sub("/+", "/", out)))


@given(st.text(max_size=30))
def test_accepted_names_stay_in_the_folder(name):
    try:
        check_name(name, "output file")
    except InputError:
        return
    assert Path("out", name).parent == Path("out")
    assert len(Path("out", name).parts) == 2


def test_json_refuses_what_json_lacks():
    assert to_json({"名": 1}) == '{\n "名": 1\n}\n'.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json({"x": float("inf")})


def test_two_runs_at_once_leave_whole_files(tmp_path):
    code = (
        "import sys\nfrom pathlib import Path\nfrom siting.outputs.write_files import write_files\n"
        f"names = {list(OLD)!r}\n"
        "content = sys.argv[2].encode() * 500_000\n"
        "for _ in range(30): write_files(Path(sys.argv[1]), dict.fromkeys(names, content))"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, tmp_path, letter]) for letter in "ab"]
    assert [process.wait() for process in both] == [0, 0]
    assert set(contents(tmp_path)) == set(OLD)
    assert all(content in (b"a" * 500_000, b"b" * 500_000) for content in contents(tmp_path).values())
