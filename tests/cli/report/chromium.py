"""A headless Chromium, steered over its own DevTools pipe: no driver, no port, no dependency.

`python -m tests.cli.report.chromium` installs one where there is none: with apt-get, which takes root.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import IO, Any

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FONT = "fonts-inter"  # the first choice of the page's style; it does without
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe",
)  # fmt: skip
SECONDS = 120
EVENTS_OF_TROUBLE = ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled")


class BrowserError(Exception):
    """The browser refused a command, or ended."""


def find() -> str | None:
    """The browser on PATH, if there is one that runs; what Ubuntu calls chromium only says that it wants a snap."""
    return next((path for path in map(shutil.which, NAMES) if path and _runs(path)), None)


@dataclass
class Page:
    """One tab. `events` keeps what the browser told of its own accord, in order."""

    commands: IO[bytes]
    answers: IO[bytes]
    session: str = ""
    sent: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; events that come meanwhile are kept."""
        self.sent += 1
        message = {"id": self.sent, "method": method, "params": parameters}
        message |= {"sessionId": self.session} if self.session else {}
        self.commands.write(json.dumps(message).encode() + b"\0")
        self.commands.flush()
        answer = self._read(lambda received: received.get("id") == self.sent)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        return dict(answer["result"])

    def open(self, path: Path, *, width: int = 1200, height: int = 900, scale: float = 1, dark: bool = False) -> None:
        """Load a file and wait until it is drawn."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.events.clear()
        self.call("Page.navigate", url=path.absolute().as_uri())
        if not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self._read(lambda received: received.get("method") == "Page.loadEventFired")
        self.evaluate("document.fonts.ready.then(() => 0)")

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited; raises BrowserError when it throws."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def screenshot(self, height: int | None = None) -> bytes:
        """The page from its top, as PNG; as a whole, or down to a height."""
        content = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": content["width"], "height": height or content["height"], "scale": 1}
        picture = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        return base64.b64decode(picture["data"])

    @property
    def troubles(self) -> list[dict[str, Any]]:
        """Script errors, refusals of the content policy and everything else that went to the console."""
        return [event["params"] for event in self.events if event["method"] in EVENTS_OF_TROUBLE]

    @property
    def requested(self) -> list[str]:
        """Every address that the page asked for."""
        events = (event for event in self.events if event["method"] == "Network.requestWillBeSent")
        return [event["params"]["request"]["url"] for event in events]

    def _read(self, is_wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            text = bytearray()
            while (byte := self.answers.read(1)) != b"\0":
                if not byte:
                    raise BrowserError("The browser has ended.")
                text += byte
            received: dict[str, Any] = json.loads(text)
            if "id" not in received:
                self.events.append(received)
            if is_wanted(received):
                return received


@contextmanager
def browse(program: str) -> Iterator[Page]:
    """A new browser with one empty page."""
    commands_read, commands_write = os.pipe()
    answers_read, answers_write = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        # The browser reads commands from descriptor 3 and answers on 4, whatever those are here.
        redirected = f'exec "$@" 3<&{commands_read} 4>&{answers_write}'
        process = subprocess.Popen(
            ["bash", "-c", redirected, "bash", program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(commands_read, answers_write), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(commands_read)
        os.close(answers_write)
        too_long = Timer(SECONDS, process.kill)  # what waits for an answer then sees that there will be none
        too_long.start()
        with os.fdopen(commands_write, "wb") as commands, os.fdopen(answers_read, "rb") as answers:
            try:
                yield _attach(Page(commands, answers))
            finally:
                too_long.cancel()
                process.kill()
                process.wait(SECONDS)


def _attach(page: Page) -> Page:
    target = page.call("Target.createTarget", url="about:blank")["targetId"]
    page.session = page.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Log", "Network"):
        page.call(f"{domain}.enable")
    return page


def install() -> str:
    """Return the browser, after installing it where that is needed and possible; else the reason in place of it."""
    if found := find():
        return found
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return f"No browser: the report is not tested in one. Install one of {', '.join(NAMES)} to have it tested."
    quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
    apt = ["apt-get", "-qq", "-o", "Acquire::http::Timeout=30"]
    for arguments in (["update"], *(["install", "-y", "--no-install-recommends", name] for name in (NAMES[0], FONT))):
        subprocess.run([*apt, *arguments], env=quiet, stdout=subprocess.DEVNULL, check=False)
    return find() or "No browser: apt-get could not install chromium, so the report is not tested in one."


def _runs(program: str) -> bool:
    return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    sys.stderr.write(f"{install()}\n")
