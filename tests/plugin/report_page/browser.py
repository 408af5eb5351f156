"""A real browser that opens a page from disk, and what it made of it."""

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
_SECONDS = 60
_PROBED = re.compile(r'<pre id="probed">(.*?)</pre>', re.DOTALL)

# Runs in the page after it is loaded and writes what it finds into it, where the dump shows it.
_PROBE = """
(async () => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const shown = (element) => element.getBoundingClientRect().height > 0;
  const press = (key) => document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const audio = document.querySelector("audio");
  let seconds = null;
  if (audio) {
    await new Promise((done) => { audio.onloadedmetadata = done; audio.onerror = done; audio.load(); setTimeout(done, 5000); });
    seconds = audio.duration;
  }
  const found = {
    scripted: document.documentElement.classList.contains("js"),
    seconds,
    pageWidth: document.documentElement.scrollWidth,
    windowWidth: document.documentElement.clientWidth,
    waves: all(".wave").filter(shown).length,
    drawn: all(".wave path").filter((path) => path.getBBox().width > 0).length,
    curves: all(".plot path").filter((path) => path.getBBox().width > 0).length,
    background: getComputedStyle(document.body).backgroundColor,
    regions: all("article.region").filter(shown).length,
  };
  press("f");
  found.failing = all("article.region").filter(shown).map((region) => region.id);
  press("f");
  press("j");
  found.focused = document.activeElement.id;
  const probed = document.createElement("pre");
  probed.id = "probed";
  probed.textContent = JSON.stringify(found);
  document.body.append(probed);
})();
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What the browser made of a page."""

    dom: str
    console: tuple[str, ...]
    requests: tuple[str, ...]  # addresses it asked for, the page itself and data inside it left out


def opened(page: Path, folder: Path, *, width: int = 1280, dark: bool = False) -> Opened:
    """Opens the page from disk, without a network."""
    netlog = folder / "netlog.json"
    ended = subprocess.run(
        [
            _browser(),
            "--headless",
            "--no-sandbox",  # containers that run as root allow no other
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            "--enable-logging=stderr",
            "--virtual-time-budget=8000",
            f"--user-data-dir={folder / 'browser'}",
            f"--log-net-log={netlog}",
            f"--window-size={width},1000",
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=True,
        env=os.environ | {"HOME": str(folder)},
    )
    console = tuple(line for line in ended.stderr.splitlines() if "CONSOLE" in line)
    return Opened(dom=ended.stdout, console=console, requests=_requests(netlog, page))


def probed(page: Path, folder: Path, *, width: int = 1280, dark: bool = False) -> Mapping[str, Any]:
    """What a script finds in a copy of the page whose rules let in that one script more."""
    hashed = base64.b64encode(sha256(_PROBE.encode()).digest()).decode()
    text = page.read_text(encoding="utf-8")
    assert "script-src &#x27;sha256-" in text
    copy = folder / "probed.html"
    copy.write_text(
        text.replace("script-src ", f"script-src 'sha256-{hashed}' ", 1).replace(
            "</body>", f"<script>{_PROBE}</script></body>", 1
        ),
        encoding="utf-8",
    )
    made = opened(copy, folder, width=width, dark=dark)
    written = _PROBED.search(made.dom)
    assert written is not None, f"the probe did not run: {made.console}"
    found: Mapping[str, Any] = json.loads(written[1].replace("&amp;", "&"))
    return found


def _requests(netlog: Path, page: Path) -> tuple[str, ...]:
    text = netlog.read_text(encoding="utf-8")
    asked = set(re.findall(r'"url":"([^"]+)"', text))
    return tuple(sorted(url for url in asked if url != page.as_uri() and not url.startswith(("data:", "chrome"))))


def _browser() -> str:
    for name in _NAMES:
        if (found := shutil.which(name)) is not None:
            return found
    raise AssertionError("The page is opened in Chromium, which is not here: apt-get install chromium-headless-shell.")
