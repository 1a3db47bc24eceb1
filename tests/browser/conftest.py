"""Headless Chromium, where it is installed; a browser for each test, which keeps nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--window-size=1400,900",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--no-first-run",
)


def _chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def log_of(browser: webdriver.Chrome, kind: str = "browser") -> list[dict[str, Any]]:
    """What the browser has noted since it was asked last."""
    return list(browser.get_log(kind))  # type: ignore[no-untyped-call]


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[webdriver.Chrome]:
    """A browser; the test is left out where there is none."""
    driver, chromium = shutil.which("chromedriver"), _chromium()
    if driver is None or chromium is None:
        pytest.skip("chromium and chromedriver are not installed")
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in _FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = Service(driver)
    running = webdriver.Chrome(options=options, service=service)
    try:
        yield running
    finally:
        running.quit()
        service.stop()
