"""The report's page as a reader sees it: on a phone, on a desk, in the dark, on paper."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from core.report.assemble import assemble
from core.report.redact import redacted
from tests.browser.conftest import log_of
from tests.core.report.night import incident
from tests.core.report.test_markdown import hostile_report
from tui.report_html import html_page

pytestmark = pytest.mark.browser


@pytest.fixture
def page(tmp_path: Path) -> str:
    """The address of a report's page."""
    file = tmp_path / "night.html"
    file.write_text(html_page(redacted(assemble(incident(fixed=True)))), "utf-8")
    return file.as_uri()


def shown(browser: webdriver.Chrome, page: str, width: int, *, dark: bool = False) -> None:
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    browser.get(page)


def asked_for(browser: webdriver.Chrome) -> list[str]:
    """Every address that the browser asked for."""
    messages: list[dict[str, Any]] = [json.loads(each["message"])["message"] for each in log_of(browser, "performance")]
    sent = [each["params"]["request"]["url"] for each in messages if each["method"] == "Network.requestWillBeSent"]
    return [url for url in sent if not url.startswith("data:")]


def contrast(browser: webdriver.Chrome, selector: str) -> float:
    """The contrast of a text with the ground behind it (WCAG 2.2, relative luminance)."""
    return float(
        browser.execute_script(
            """
            const numbers = text => text.match(/[\\d.]+/g).map(Number);
            const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
              .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
              .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
            const found = document.querySelector(arguments[0]);
            let ground = found;
            while (ground && numbers(getComputedStyle(ground).backgroundColor)[3] === 0) ground = ground.parentElement;
            const ink = getComputedStyle(found).color;
            const [one, two] = [ink, getComputedStyle(ground || document.body).backgroundColor]
              .map(numbers).map(light).sort((a, b) => b - a);
            return (one + 0.05) / (two + 0.05);
            """,
            selector,
        )
    )


@pytest.mark.parametrize("width", [400, 1280])
def test_it_fits_a_phone_and_a_desk_asks_for_nothing_and_has_no_errors(
    browser: webdriver.Chrome, page: str, width: int, tmp_path: Path
) -> None:
    shown(browser, page, width)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert [each for each in log_of(browser) if each["level"] in {"SEVERE", "WARNING"}] == []
    assert set(asked_for(browser)) == {page}
    hostile = tmp_path / "hostile.html"
    hostile.write_text(html_page(hostile_report()), "utf-8")
    browser.get(hostile.as_uri())
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert browser.execute_script("return document.scripts.length + document.images.length") == 0
    assert [each for each in log_of(browser) if each["level"] == "SEVERE"] == []
    assert set(asked_for(browser)) == {hostile.as_uri()}


@pytest.mark.parametrize("dark", [False, True])
def test_every_kind_of_text_reads_well_by_day_and_by_night(browser: webdriver.Chrome, page: str, dark: bool) -> None:
    shown(browser, page, 1280, dark=dark)
    ground = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, ground.strip("rgb()").split(","))) < 200) is dark
    for selector in (
        "h1", ".lead", ".facts dt", ".pill", ".cause.first h3", ".cause.first .quiet", ".timeline p", ".timeline time",
        ".timeline .failed .mark", ".timeline .recovered .mark", ".log .t", ".log .cause .n", ".diff .added",
        ".diff .removed", ".looks li", "footer", "a", ".cite",
    ):  # fmt: skip
        assert contrast(browser, selector) >= 4.5, selector


def test_it_prints(browser: webdriver.Chrome, page: str) -> None:
    shown(browser, page, 1280, dark=True)
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    paper = base64.b64decode(printed["data"])
    assert paper.startswith(b"%PDF-")
    assert len(paper) > 20_000
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    ground = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    wide = "return [...document.querySelectorAll('pre')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    assert browser.execute_script(wide) == 0
