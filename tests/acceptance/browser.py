"""Debian's Chromium, driven by Playwright, and a person who has a keyboard only."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
_MANY = 120  # presses of a key that lead nowhere
_FOCUSED = """() => {
  const at = document.activeElement;
  const label = at.labels && at.labels.length ? at.labels[0].innerText : "";
  return label || at.getAttribute("aria-label") || at.innerText || at.id || "";
}"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser. Without one the tests are skipped, but not where CI is set: there nothing is left out."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        told = "no Chromium is on this machine; expected one, such as Debian's package chromium"
        if os.environ.get("CI"):
            pytest.fail(f"{told} (CI is set, so this is not skipped)")
        pytest.skip(told)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True)
class Keyboard:
    """Somebody who uses no mouse."""

    page: Page

    def focused(self) -> str:
        """Return what has the focus, by its words."""
        return str(self.page.evaluate(_FOCUSED)).strip()

    def to(self, words: str) -> None:
        """Go on with Tab until something of these words has the focus."""
        for _ in range(_MANY):
            self.page.keyboard.press("Tab")
            if self.focused().startswith(words):
                return
        raise AssertionError(f"{words!r} is not reached by Tab on {self.page.url}; the focus is on {self.focused()!r}")

    def follow(self, words: str) -> None:
        """Go to something, and press Enter on it, which leads to another page."""
        self.to(words)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def open(self, words: str) -> None:
        """Go to something that unfolds, and unfold it."""
        self.to(words)
        self.page.keyboard.press("Enter")

    def type(self, words: str, text: str) -> None:
        """Go to a field, and type."""
        self.to(words)
        self.page.keyboard.type(text)

    def send(self) -> str:
        """Send the form that the focus is in; return what takes its place, where the focus is then."""
        self.page.keyboard.press("Enter")
        self.page.locator("#outcome").wait_for()
        assert self.page.evaluate("document.activeElement.id") == "outcome"
        return self.page.locator("#outcome").inner_text()

    def submit(self) -> None:
        """Send the form that the focus is in, which leads to another page."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
