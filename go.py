#!/usr/bin/env python3
"""One command does everything: ``python3 go.py [command] [arguments]``.

run     evaluate a study and write its pages; the default study when nothing else is said
check   check a register: ``python3 go.py check FILE``
test    set up all that the tests need, node, a browser and a Chinese font included, and run them
lab     open the notebooks
app     open the form in the browser
docs    build the documentation into docs/_site; ``--no-gallery`` does not run the notebooks
help    list all commands of ``siting``; each works here too

Needs Python 3.11 and its standard library. Makes .venv beside this file, installs the pinned packages
into it, then runs the job; .venv is reused until pyproject.toml or constraints.txt change.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
NPM = PYTHON.with_name("npm.exe" if os.name == "nt" else "npm")
EXTRAS = {"test": "test", "lab": "notebooks", "app": "app", "docs": "docs"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
BROWSER_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "{PROGRAMFILES}/Google/Chrome/Application/chrome.exe",
    "{PROGRAMFILES(X86)}/Google/Chrome/Application/chrome.exe",
    "{LOCALAPPDATA}/Google/Chrome/Application/chrome.exe",
    "{PROGRAMFILES(X86)}/Microsoft/Edge/Application/msedge.exe",
    "{PROGRAMFILES}/Microsoft/Edge/Application/msedge.exe",
)
# pip's setting, uv's name for it: uv does not read pip's configuration.
INDEX_SETTINGS = (
    ("index-url", "UV_DEFAULT_INDEX"),
    ("extra-index-url", "UV_INDEX"),
    ("find-links", "UV_FIND_LINKS"),
    ("cert", "SSL_CERT_FILE"),
)


def say(text: str) -> None:
    """Print a line of progress; standard output belongs to the job."""
    print(text, file=sys.stderr, flush=True)


def call(*command: object, env: dict[str, str] | None = None) -> None:
    """Run a set-up step in the project's folder, its output on standard error; raise if it fails."""
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, env=env, stdout=sys.stderr)


def need_python(version: tuple[int, ...] = sys.version_info[:3]) -> None:
    """Stop with one line under a Python that is too old."""
    if version < (3, 11):
        sys.exit(f"Python 3.11 or newer is needed; this is {'.'.join(map(str, version))}: {sys.executable}")


def fingerprint(extra: str) -> str:
    """Return what an installation depends on: pins, extra, interpreter and place."""
    parts = [(ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt")]
    parts += [extra.encode(), repr(sys.version_info[:2]).encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_installed(extra: str) -> bool:
    """Tell whether `.venv` already holds this extra as pinned today."""
    stamp = VENV / f"installed-{extra or 'run'}"
    return PYTHON.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == fingerprint(extra)


def make_venv() -> None:
    """Make `.venv`; make it anew when its Python has gone or the folder was moved."""
    home = VENV / "made-in"
    if PYTHON.exists() and home.exists() and home.read_text(encoding="utf-8") == str(ROOT):
        return
    if importlib.util.find_spec("ensurepip") is None:  # Debian and Ubuntu ship it apart
        apt_install("python3-venv")
    say("Making .venv …")
    call(sys.executable, "-m", "venv", "--clear", VENV)
    home.write_text(str(ROOT), encoding="utf-8")


def pip_settings() -> dict[str, str]:
    """Return pip's settings from its environment variables and configuration files, by name."""
    command = [str(PYTHON), "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = {}
    for line in sorted(listed.splitlines(), key=lambda text: text.startswith(":env:")):  # variables win
        name, equals, value = line.partition("=")
        if equals:
            found[name.rpartition(".")[2]] = " ".join(value.strip("'\"").replace("\\n", " ").split())
    return found


def uv_environment() -> dict[str, str]:
    """Return the environment for uv, with a package index configured for pip handed on."""
    env, settings = dict(os.environ), pip_settings()
    for setting, variable in INDEX_SETTINGS:
        value = settings.get(setting, "")
        if value and variable not in env:
            env[variable] = value.replace(" ", ",") if setting == "find-links" else value
    env.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")  # pip's rule: the best version of all
    env.setdefault("UV_SYSTEM_CERTS", "1")  # an office's own certificates are in the system's store
    return env


def install(extra: str) -> None:
    """Install the library and one extra at the pinned versions, with uv or else with pip."""
    if is_installed(extra):
        return
    make_venv()
    what = ["-c", "constraints.txt", "-e", f".[{extra}]" if extra else "."]
    pip = [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    env = dict(os.environ, PIP_USER="0")
    say("Installing packages (once; about a minute) …")
    try:
        call(*pip, "uv", env=env)
        call(PYTHON, "-m", "uv", "pip", "install", "-q", "--python", PYTHON, *what, env=uv_environment())
    except (subprocess.CalledProcessError, OSError):
        say("uv did not work here; going on with pip …")
        call(*pip, *what, env=env)
    (VENV / f"installed-{extra or 'run'}").write_text(fingerprint(extra), encoding="utf-8")


def install_node_packages() -> None:
    """Install what builds and checks the page's scripts, once for each `package.json`."""
    pins, stamp = (ROOT / "package.json").read_bytes(), VENV / "installed-node"
    wanted = hashlib.sha256(pins).hexdigest()
    if (ROOT / "node_modules").is_dir() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    say("Installing packages of node (once) …")
    # Install scripts are not needed: esbuild's program comes as a package of its own.
    call(NPM, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts")
    stamp.write_text(wanted, encoding="utf-8")


def find_browser() -> str | None:
    """Return the program file of a Chromium, Chrome or Edge, or None."""
    named = [shutil.which(name) for name in BROWSERS]
    known = dict.fromkeys(("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"), "")
    known.update({name: os.environ[name] for name in known if name in os.environ})
    usual = [place.format_map(known) for place in BROWSER_PLACES]
    return next((found for found in [*named, *usual] if found and Path(found).is_file()), None)


def has_chinese_font() -> bool:
    """Tell whether a Chinese font is at hand; Windows and macOS come with one."""
    if not sys.platform.startswith("linux"):
        return True
    lister = shutil.which("fc-list")
    return bool(lister and subprocess.run([lister, ":lang=zh"], capture_output=True, check=False).stdout)


def apt_install(*packages: str) -> None:
    """Install system packages with apt, as root or by sudo; stop with one line where that cannot be."""
    names = ", ".join(packages)
    apt, sudo = shutil.which("apt-get"), shutil.which("sudo")
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if not apt or not (is_root or sudo):
        sys.exit(
            f"Please install {', '.join(packages)} (or Chrome or Edge for a browser), then run this again."
        )
    say(f"Installing {names} …")
    rights = [] if is_root else [sudo, *([] if sys.stdin.isatty() else ["-n"])]
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", apt, "-o", "DPkg::Lock::Timeout=300"]
    try:
        call(*rights, *quiet, "update", "-qq")
        call(*rights, *quiet, "install", "-y", "-qq", "--no-install-recommends", *packages)
    except subprocess.CalledProcessError:
        sys.exit(
            f"apt-get could not install {', '.join(packages)}; please install them, then run this again."
        )


def prepare_browser() -> None:
    """Install Chromium and a Chinese font where the tests would miss them."""
    missing = [] if find_browser() else ["chromium"]
    missing += [] if has_chinese_font() else ["fontconfig", "fonts-noto-cjk"]
    if missing:
        apt_install(*missing)
    if not find_browser():
        sys.exit("No Chromium, Chrome or Edge found; please install one, then run this again.")


BESIDE = ("-n", "logical", "--dist", "loadfile")
"""How all tests run: a process for each core, a file's tests in one of them, as they share what is costly."""


def main(arguments: list[str]) -> int:
    """Set up and run one command; return its exit code."""
    need_python()
    job, *rest = arguments or ["run"]
    if job in ("-h", "--help"):
        say(__doc__)
        return 0
    extra = EXTRAS.get(job, "")
    try:
        install(extra)
        if job == "test":
            install_node_packages()
    except subprocess.CalledProcessError as failed:
        sys.exit(f"Setting up failed at: {' '.join(map(str, failed.cmd))}")
    if job == "test":
        prepare_browser()
        return subprocess.run(
            [str(PYTHON), "-m", "pytest", *(rest or BESIDE)], cwd=ROOT, check=False
        ).returncode
    if job == "docs":
        return subprocess.run([str(PYTHON), "docs/build.py", *rest], cwd=ROOT, check=False).returncode
    command = ["--help"] if job == "help" else [job, *rest]
    return subprocess.run([str(PYTHON), "-m", "siting", *command], check=False).returncode


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
