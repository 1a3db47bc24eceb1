"""`pipemedic web --demo` in a browser: the fleet shows, a pipeline opens, a log streams, a report is downloaded."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import log_of

pytestmark = pytest.mark.browser

# Puts the page's terminal, which textual.js keeps to itself, where a test can ask it for its lines.
PROBE = """
Object.defineProperty(Object.prototype, 'websocket_url', {configurable: true, set(value) {
  Object.defineProperty(this, 'websocket_url', {value, writable: true, configurable: true});
  window.probe = this;
}});
"""
READ = """
if (!window.probe) return '';
const buffer = window.probe.terminal.buffer.active, lines = [];
for (let at = 0; at < buffer.length; at++) lines.push(buffer.getLine(at).translateToString(true));
return lines.join('\\n');
"""
TOKEN = "correct-horse-battery"
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A server on a demo account of its own; its address without the token."""
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment |= {"HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true", "PIPEMEDIC_WEB_TOKEN": TOKEN}
    with subprocess.Popen(
        [sys.executable, "-m", "tui", "web", "--demo", "--port", "0", "--region", "eu-west-1"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as server:  # fmt: skip
        assert server.stdout is not None
        try:
            yield server.stdout.readline().partition("?")[0].strip()
        finally:
            server.terminate()
            server.wait(30)


class Visitor:
    """Somebody at the page."""

    def __init__(self, browser: webdriver.Chrome) -> None:
        self.browser = browser

    @property
    def text(self) -> str:
        return str(self.browser.execute_script(READ))

    def until(self, predicate: Callable[[str], object], timeout_s: float = 60.0) -> str:
        end = time.monotonic() + timeout_s
        while not predicate(text := self.text):
            assert time.monotonic() < end, f"{text}\n{log_of(self.browser)}"
        return text

    def press(self, *keys: str) -> None:
        self.browser.find_element(By.CSS_SELECTOR, ".xterm-helper-textarea").send_keys(*keys)


def test_the_program_in_a_browser(browser: webdriver.Chrome, address: str, tmp_path: Path) -> None:
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": PROBE})
    downloads = {"behavior": "allow", "downloadPath": str(tmp_path / "down")}
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", downloads)
    visitor = Visitor(browser)
    browser.get(address)
    assert "A token is needed" in browser.page_source
    browser.get(f"{address}?token={TOKEN}")
    assert browser.current_url == address
    visitor.until(lambda text: all(word in text for word in ("billing", "checkout-api", "✗ failed", "read-only")))
    visitor.until(lambda text: "reading" not in text)
    visitor.press("/")
    visitor.until(lambda text: "filter: text" in text)
    visitor.press("web", Keys.ENTER)
    visitor.until(lambda text: "web" in text and "checkout-api" not in text and "billing" not in text)
    visitor.press(Keys.ENTER)
    visitor.until(lambda text: "Definition" in text and "Source" in text)
    visitor.press("l")
    before = visitor.until(lambda text: "live" in text and _last_line(text) > 0)
    visitor.until(lambda text: _last_line(text) > _last_line(before))
    visitor.press("m")
    visitor.until(lambda text: "your browser saves it" in text)
    visitor.press(Keys.CONTROL, "s")
    end = time.monotonic() + 60
    while not (found := list((tmp_path / "down").glob("web-*.md"))):
        assert time.monotonic() < end, visitor.text
    assert found[0].read_text("utf-8").startswith("# web: ")
    visitor.press("q")
    ended = browser.find_element(By.ID, "ended")
    end = time.monotonic() + 30
    while not ended.is_displayed():
        assert time.monotonic() < end
    errors = [each for each in log_of(browser) if each["level"] == "SEVERE" and "401" not in each["message"]]
    assert errors == []


def _last_line(text: str) -> int:
    """The number of the last line of the log on the screen."""
    numbers = re.findall(r"^[◆✗▸ ]*(\d+) ", text, re.MULTILINE)
    return int(numbers[-1]) if numbers else 0
