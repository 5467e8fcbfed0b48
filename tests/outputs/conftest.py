"""Chromium for all pages: a page opens from disk with the network off."""

import pytest

from tests.outputs.browsing import DESKTOP

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@pytest.fixture(scope="module")
def browser(browser_path):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=browser_path, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Open a page from disk with the network off; its requests and messages must stay none."""
    contexts = []

    def open_page(text, *, viewport=DESKTOP, hash_="", scripts=True):
        file = tmp_path / f"page-{len(contexts)}.html"
        file.write_text(text, encoding="utf-8", newline="")
        context = browser.new_context(
            viewport=viewport, offline=True, java_script_enabled=scripts, locale="en-US"
        )
        contexts.append(context)
        tab = context.new_page()
        tab.seen = []
        tab.on("console", lambda message: tab.seen.append(message.text))
        tab.on("pageerror", lambda error: tab.seen.append(str(error)))
        tab.on("request", lambda request: tab.seen.append(request.url))
        tab.on("dialog", lambda dialog: tab.seen.append(dialog.message))
        tab.goto(file.as_uri() + hash_)
        tab.address = file.as_uri()
        return tab

    yield open_page
    for context in contexts:
        context.close()
