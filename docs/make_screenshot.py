"""The decision page of a run → docs/decision-page.zh.png and .en.png, the pictures in the READMEs.

``python docs/make_screenshot.py [maps/base/index.html]``, from the checkout's environment for tests.
"""

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from go import find_browser  # noqa: E402

WIDTH, HEIGHT = 1366, 900
COLOURS = 256


def main(page_file: Path) -> None:
    """Take a picture in each language, offline, at the size of an office screen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, offline=True)
        for lang in ("zh", "en"):
            page = context.new_page()
            page.goto(page_file.resolve().as_uri())
            page.click(f"#{lang}")
            page.mouse.move(0, 0)
            page.wait_for_timeout(1000)
            save(page.screenshot(), ROOT / "docs" / f"decision-page.{lang}.png")
        browser.close()


def save(screenshot: bytes, file: Path) -> None:
    """Save with a palette: a third of the size, and nobody sees the difference."""
    picture = Image.open(io.BytesIO(screenshot)).convert("RGB")
    small = picture.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    small.save(file, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "maps" / "base" / "index.html")
