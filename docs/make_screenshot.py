"""The decision page of a run → docs/decision-page.png, the picture in the READMEs.

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
    """Take the picture, offline, at the size of an office screen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, offline=True)
        page = context.new_page()
        page.goto(page_file.resolve().as_uri())
        page.wait_for_timeout(1000)
        picture = Image.open(io.BytesIO(page.screenshot()))
        browser.close()
    # A palette makes a third of the size, and nobody sees the difference.
    picture.convert("RGB").quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        ROOT / "docs" / "decision-page.png", optimize=True
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "maps" / "base" / "index.html")
