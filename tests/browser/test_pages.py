"""The plan's page and the graph in a real browser: searched, filtered, folded, and nothing asked for or refused.

Needs Playwright and Chromium; `scripts/browser-tests` installs both and runs this.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dockerdecl.cli.render.graph_svg import graph_svg
from dockerdecl.cli.render.plan_html.page import plan_html
from tests.unit.cli.pictures import changed_shop
from tests.unit.cli.test_graph_pictures import nasty
from tests.unit.cli.test_plan_html import plan_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("Chromium is not here")
    with playwright.sync_playwright() as running:
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = running.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


def opened(browser: Any, path: Path, text: str) -> tuple[Any, list[str]]:
    """The page, and what the browser had to complain of."""
    path.write_text(text, encoding="utf-8")
    page, told = browser.new_page(), []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("dialog", lambda dialog: told.append("a dialog"))
    page.on("request", lambda request: told.append(request.url) if request.url != path.as_uri() else None)
    page.goto(path.as_uri())
    return page, told


def test_a_plan_is_searched_filtered_folded_and_followed(browser: Any, tmp_path: Path) -> None:
    page, told = opened(browser, tmp_path / "plan.html", plan_html(*changed_shop()))
    shown = page.locator(".change:visible")
    assert shown.count() == 7
    page.keyboard.press("/")
    page.keyboard.type("mem_limit")
    assert shown.count() == 2
    page.keyboard.press("Escape")
    page.locator("input[value=update]").uncheck()
    assert shown.count() == 5
    assert page.locator("#shown").text_content() == "5 of 7 shown"
    page.get_by_text("Fold all", exact=True).click()
    assert page.locator(".change[open]:visible").count() == 0
    page.locator('.dd-node[data-address="container.web"]').click()
    assert page.locator(".change[open]:visible code").first.text_content() == "container.web"
    assert told == []


def test_nothing_that_a_plan_says_is_run(browser: Any, tmp_path: Path) -> None:
    text = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
    page, told = opened(browser, tmp_path / "plan.html", plan_html(plan_of(text), nasty(text)))
    assert page.locator("img").count() == 0
    assert told == []


def test_a_graph_is_drawn(browser: Any, tmp_path: Path) -> None:
    page, told = opened(browser, tmp_path / "graph.svg", graph_svg(changed_shop()[1]))
    assert page.locator(".dd-container").count() == 9
    assert told == []
