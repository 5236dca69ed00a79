"""The painters' page on a host of the test's own: open it, let it paint, count its requests."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, BrowserContext, Page

from course_utils.site.command import Isolated

PATIENCE = 240_000  # milliseconds for a page to load and paint on a busy machine

# What `evaluate` hands to Python: typed arrays as base64 of their bytes.
_CARRY = """
(value) => {
  const carry = (one) => {
    if (ArrayBuffer.isView(one)) {
      const bytes = new Uint8Array(one.buffer, one.byteOffset, one.byteLength);
      let text = "";
      for (let k = 0; k < bytes.length; k += 999) text += String.fromCharCode(...bytes.subarray(k, k + 999));
      return { bytes: btoa(text), kind: one.constructor.name };
    }
    if (Array.isArray(one)) return one.map(carry);
    if (one && typeof one === "object") {
      return Object.fromEntries(Object.entries(one).map(([name, part]) => [name, carry(part)]));
    }
    return one;
  };
  return carry(value);
}
"""
_KINDS = {"Float32Array": np.float32, "Uint8ClampedArray": np.uint8, "Uint8Array": np.uint8}


class _Quiet(SimpleHTTPRequestHandler):
    """A plain host, as most are: no headers of its own."""

    def __init__(self, *given: Any, gate: threading.Event | None = None, **more: Any) -> None:
        self._gate = gate
        super().__init__(*given, **more)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer, once the gate is open for what is large."""
        if self._gate and self.path.endswith(".pack"):
            self._gate.wait()
        with suppress(ConnectionError):  # nobody waits any more
            super().do_GET()


class _QuietIsolated(_Quiet, Isolated):
    """A host that isolates its pages."""


class Host:
    """A folder served on loopback; `close` is the day the server is gone."""

    def __init__(self, folder: Path, isolated: bool, gate: threading.Event | None) -> None:
        handler = partial(_QuietIsolated if isolated else _Quiet, directory=str(folder), gate=gate)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Where its front page is."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    def close(self) -> None:
        """Stop answering; once more does no harm."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


@contextmanager
def hosted(folder: Path, isolated: bool = True, gate: threading.Event | None = None) -> Iterator[Host]:
    """Serve a folder for a while; its large files wait for the gate to be set, where there is one."""
    host = Host(folder, isolated, gate)
    try:
        yield host
    finally:
        host.close()


class WebPage:
    """The page in a window of its own; `requests` are the addresses asked for, `problems` what went wrong."""

    def __init__(self, context: BrowserContext, host: Host) -> None:
        self.host = host
        self.page: Page = context.new_page()
        self.requests: list[str] = []
        self.problems: list[str] = []
        context.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        self.page.on("console", lambda line: line.type == "error" and self.problems.append(line.text))

    def open(self, card: str = "") -> None:
        """Open the front page, with a card in the address, and wait for its first picture."""
        self.page.goto(f"{self.host.address}#{card}")
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait for the first picture after a load."""
        self.page.wait_for_function("document.documentElement.dataset.ready === 'yes'", timeout=PATIENCE)

    def bare(self) -> None:
        """Open a page of the host that loads nothing by itself, to try single modules on."""
        self.page.goto(f"{self.host.address}LICENSE.txt")

    def run(self, code: str, argument: Any = None) -> Any:
        """What the body of an async function returns, `given` the argument; typed arrays come as numpy's."""
        script = f"async (given) => ({_CARRY})(await (async () => {{ {code} }})())"
        return _unpacked(self.page.evaluate(script, argument))

    def paint(self, painter: str, settings: dict[str, Any], more: str = "{}") -> dict[str, Any]:
        """Paint by the page's own painters; `more` is JavaScript. The page is (side, side, 3) uint8."""
        code = f"""
          const {{ Painters }} = await import(`${{location.origin}}/painter/client.js`);
          globalThis.painters ??= await Painters.open(globalThis.options ?? {{}});
          return painters.paint(given.painter, given.settings, {more});
        """
        found = self.run(code, {"painter": painter, "settings": settings})
        return {**found, "page": squared(found["page"])}

    @property
    def painted(self) -> int:
        """How many pictures the front page has shown."""
        return int(self.page.locator("#page").get_attribute("data-painted") or 0)

    @property
    def status(self) -> str:
        """What the front page says."""
        return self.page.locator("#status").inner_text()

    def strangers(self) -> list[str]:
        """Requests that went anywhere but to the page's own host."""
        own = (self.host.address, "data:", "blob:")
        return [address for address in self.requests if not address.startswith(own)]


@contextmanager
def web_page(browser: Browser, host: Host, **options: Any) -> Iterator[WebPage]:
    """A window on a host, with nothing kept from other windows."""
    context = browser.new_context(**{"viewport": {"width": 1024, "height": 768}, **options})
    try:
        yield WebPage(context, host)
    finally:
        context.close()


def squared(page: np.ndarray) -> np.ndarray:
    """A page in RGBA, (4 * side * side,), as (side, side, 3)."""
    side = round((page.size / 4) ** 0.5)
    return page.reshape(side, side, 4)[..., :3]


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"bytes", "kind"}:
        return np.frombuffer(base64.b64decode(value["bytes"]), _KINDS[value["kind"]]).copy()
    if isinstance(value, dict):
        return {name: _unpacked(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_unpacked(part) for part in value]
    return value
