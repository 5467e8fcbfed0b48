"""Every benchmark of this folder, one after another, and at the end all ratios in one table.

``python benchmarks/run.py [NAME …]``: only scripts whose names begin so. Run it on an idle machine: a ratio
is fair only if both sides had the processor to themselves.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
NOT_TIMED = ("run", "generate", "published", "scoring_peers")
RATIO = re.compile(r"\d\s*(?:times|×|x)(?:\s|$|,|\))")


def scripts(names: list[str]) -> list[Path]:
    """Return the timed scripts, those asked for if any are."""
    found = [path for path in sorted(FOLDER.glob("*.py")) if not path.stem.startswith(NOT_TIMED)]
    return [path for path in found if not names or path.stem.startswith(tuple(names))]


def title(path: Path) -> str:
    """Return the first line of a script's docstring."""
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.stem).splitlines()[0]


def main(names: list[str]) -> int:
    """Run the scripts; return 1 if one fails."""
    ratios, failed = [], []
    for path in scripts(names):
        print(f"\n== {path.stem}: {title(path)}", flush=True)
        done = subprocess.run(
            [sys.executable, str(path)], stdout=subprocess.PIPE, encoding="utf-8", check=False
        )
        print(done.stdout, end="", flush=True)
        ratios += [(path.stem, line.strip()) for line in done.stdout.splitlines() if RATIO.search(line)]
        failed += [path.stem] if done.returncode else []
    print("\n== Ratios")
    width = max((len(name) for name, _ in ratios), default=0)
    print("\n".join(f"{name:{width}}  {line}" for name, line in ratios))
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
