"""A real network with the e-licence story played on it, and a browser; skips without one."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from xianglian.deployment.layout import NetworkFolder
from xianglian.solutions.elicence import story

sys.path.insert(0, str(Path(__file__).parents[1] / "network"))
from harness import network as started

OUT = Path(__file__).parent / "out"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """The browser's program."""
    return os.environ.get("XL_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def folder() -> Iterator[NetworkFolder]:
    if chromium() is None:
        pytest.skip("no Chromium: apt-get install -y chromium fonts-noto-cjk")
    with started() as made:
        # In a thread of its own: the browser's driver keeps an event loop running in this one.
        with ThreadPoolExecutor(1) as aside:
            report = aside.submit(story.run, made.path, licences=20, presentations=40).result()
        assert report.ok
        yield made


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = chromium()
    if program is None:
        pytest.skip("no Chromium: apt-get install -y chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield opened
        opened.close()


@dataclasses.dataclass
class Visitor:
    """A browser window that notes what must not happen."""

    context: BrowserContext
    page: Page
    base: str
    folder: NetworkFolder
    complaints: list[str]

    def sign_in(self, profile: str) -> None:
        """Through the sign-in page, as a person does."""
        self.page.goto(f"{self.base}/login")
        self.page.select_option("#profile", profile)
        self.page.fill("#passphrase", (self.folder.path / "passphrase").read_text().strip())
        self.page.click("button[type=submit]")
        self.page.wait_for_url("**/console/**")

    def open(self, path: str) -> None:
        """Opens a page and waits until it is drawn and connected."""
        self.page.goto(self.base + path)
        if path.startswith("/console"):
            self.page.wait_for_selector("main.main > *")
            self.page.wait_for_function("window.did_handshake !== false")
        self.page.wait_for_timeout(350)

    def fits(self) -> bool:
        """Whether nothing sticks out at the side."""
        return bool(
            self.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        )

    def shoot(self, name: str) -> None:
        """Saves a picture for people to look at."""
        OUT.mkdir(exist_ok=True)
        self.page.screenshot(path=OUT / f"{name}.png", full_page=True)


@pytest.fixture
def visit(browser: Browser, folder: NetworkFolder) -> Iterator[type[Visitor]]:
    """Makes visitors: `visit(language, (width, height))`; fails the test over what they complained of."""
    made: list[Visitor] = []
    base = f"http://{folder.access.api}"

    def new(language: str = "zh", size: tuple[int, int] = (1440, 900), *, dark: bool = False) -> Visitor:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, accept_downloads=True)
        context.add_cookies([{"name": "xl_lang", "value": language, "url": base}])
        if dark:
            context.add_cookies([{"name": "xl_theme", "value": "dark", "url": base}])
        page = context.new_page()
        visitor = Visitor(context, page, base, folder, [])

        def said(message: ConsoleMessage) -> None:
            if message.type == "error":
                visitor.complaints.append(f"console: {message.text}")

        def asked(request: Request) -> None:
            if not request.url.startswith((base, "data:", "blob:")):
                visitor.complaints.append(f"foreign host: {request.url}")

        page.on("console", said)
        page.on("request", asked)
        page.on("pageerror", lambda error: visitor.complaints.append(f"script: {error}"))
        made.append(visitor)
        return visitor

    yield new  # type: ignore[misc]
    for visitor in made:
        visitor.context.close()
    assert [complaint for visitor in made for complaint in visitor.complaints] == []
