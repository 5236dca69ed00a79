"""Addresses, proxies and log-in pages between this machine and the hub: one sentence with its remedy each.

The course needs no network, so none of them may stop it: doctor goes on, the built-in painters can be had.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fake_hub import Hub, serve

from course_utils import doctor, runtime
from course_utils.painters.hub import fetch
from course_utils.painters.hub.table import MODELS
from course_utils.runtime import CourseError

pytestmark = pytest.mark.long  # each visit to the hub has a process of its own

PAGE = b"<html><body>Welcome to our network: please log in.</body></html>"
NOBODY = "http://127.0.0.1:9"  # the port where everything is discarded; nothing listens

PROGRAM = """
import time
time.sleep = lambda seconds: None  # the client waits between its tries
from course_utils import doctor
from course_utils.painters.hub.choose import cached_folder
from course_utils.painters.hub.fetch import fetch
from course_utils.painters.hub.table import MODELS
from course_utils.runtime import CourseError
print(*doctor._guarded("network", doctor._network), sep=" | ")
assert cached_folder(MODELS["sd15"]) is None
try:
    print(fetch(MODELS["sd15"]))
except CourseError as error:
    print("SENTENCE", error)
"""


class _LogIn(BaseHTTPRequestHandler):
    """Answers everything as a hotel does: here is a page, all is well."""

    status = 200

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.send_response(self.status)
        self.send_header("Content-Type", "text/html")
        self.send_header("ETag", '"a"')
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()

    def do_GET(self):
        self.do_HEAD()
        self.wfile.write(PAGE)


@contextmanager
def log_in_page(status):
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Page", (_LogIn,), {"status": status}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def said(home, program=PROGRAM, **environment):
    """What doctor's row of the network and a fetch say, in a process of its own with these settings."""
    unset = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
    own = {name: text for name, text in os.environ.items() if name.upper() not in unset}
    own |= {"HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=240, env=own | environment
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip().splitlines()


@pytest.mark.parametrize("status", [200, 511])
def test_a_log_in_page_is_not_the_hub(tmp_path, status):
    with log_in_page(status) as address:
        row, sentence = said(tmp_path, HF_ENDPOINT=address, NO_PROXY="127.0.0.1")
    assert "a web page answers in place of the hub | limited" in row and "log in to this network" in row
    assert sentence.startswith("SENTENCE Stable Diffusion 1.5") and "log in to this network" in sentence
    assert not list(tmp_path.rglob("model_index.json"))


@pytest.mark.parametrize(
    "address",
    [
        *("https://hugging face.co", "hf-mirror.com", "127.0.0.1:80", "http://", "ftp://a", "http://a:http"),
        *("http://a:99999", "http://a:0", "https://a\x7f", "http://[a", "huggingface"),
    ],
)
def test_an_address_that_is_none_is_named(monkeypatch, address):
    for switch in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(switch, raising=False)
    monkeypatch.setenv("HF_ENDPOINT", address)
    monkeypatch.setenv(runtime.MISTAKEN_ENDPOINT, "")  # so that it is put back
    runtime.set_hub_address()
    assert "HF_ENDPOINT" not in os.environ
    row = doctor._network()
    with pytest.raises(CourseError) as caught:
        fetch.fetch(MODELS["sd15"])
    assert row.verdict == doctor.LIMITED
    for told in (row.found, str(caught.value)):
        assert f"HF_ENDPOINT is {address!r}, which is not an address" in told
    for told in (row.remedy, str(caught.value)):
        assert "write the whole address, as in https://huggingface.co" in told


def test_space_around_an_address_does_not_matter(tmp_path):
    """Behind a port it would keep diffusers from being imported, and with it every painter."""
    with serve(Hub({MODELS["sd15"].repositories[0]: {}})) as hub:
        row, _ = said(tmp_path, HF_ENDPOINT=f" {hub.address} \n", NO_PROXY="127.0.0.1")
    assert "the model hub answers | ok" in row


def test_the_course_runs_whatever_the_address(tmp_path):
    """diffusers imports the module of the hub's package that such a port would break."""
    program = "import course_utils, huggingface_hub.file_download; print('fine')"
    assert said(tmp_path, program, HF_ENDPOINT="http://a:http") == ["fine"]


def test_a_process_started_with_a_mended_address_uses_it(monkeypatch):
    monkeypatch.setenv(runtime.MISTAKEN_ENDPOINT, "hf-mirror.com")  # as a notebook's kernel hands it on
    monkeypatch.setenv("HF_ENDPOINT", "https://hf-mirror.com")
    runtime.set_hub_address()
    assert runtime.MISTAKEN_ENDPOINT not in os.environ
    assert os.environ["HF_ENDPOINT"] == "https://hf-mirror.com"


def test_an_empty_address_is_none_at_all(monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", " ")
    runtime.set_hub_address()
    assert "HF_ENDPOINT" not in os.environ and runtime.MISTAKEN_ENDPOINT not in os.environ


def test_a_socks_proxy_without_its_package_names_the_package(tmp_path):
    hide = "import sys; sys.modules['socksio'] = None\n"  # as where it is not installed
    row, sentence = said(tmp_path, hide + PROGRAM, ALL_PROXY="socks5://127.0.0.1:9")
    assert "| limited |" in row and "pip install socksio" in row
    assert "pip install socksio" in sentence and "what has arrived is kept" in sentence


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"HTTPS_PROXY": "gopher://127.0.0.1:9"}, "the network settings do not work"),
        ({"SSL_CERT_FILE": "/nowhere/at/all"}, "correct or unset HTTPS_PROXY, ALL_PROXY, NO_PROXY and SSL"),
        ({"HF_ENDPOINT": NOBODY}, "the hub does not answer"),
    ],
)
def test_other_settings_that_lead_nowhere_are_one_sentence(tmp_path, settings, told):
    row, sentence = said(tmp_path, **settings)
    assert told in row and "| limited |" in row
    assert sentence.startswith("SENTENCE") and told in sentence


def test_an_index_that_arrived_damaged_is_fetched_anew(tmp_path):
    """Once in the cache it would otherwise be read again at every try."""
    first = MODELS["sd15"].repositories[0]
    with serve(Hub({first: {"model_index.json": b"[1"}})) as hub:
        address = {"HF_ENDPOINT": hub.address, "NO_PROXY": "127.0.0.1"}
        assert "is damaged" in said(tmp_path, **address)[-1]
        hub.files[first] = {
            "model_index.json": b'{"unet": ["diffusers", "UNet2DConditionModel"]}',
            "unet/diffusion_pytorch_model.fp16.safetensors": b"w" * 1000,
        }
        assert not said(tmp_path, **address)[-1].startswith("SENTENCE")
