"""What may stand between this machine and the model hub: an address, a proxy, a log-in page."""

from __future__ import annotations

import os
from typing import NamedTuple

from course_utils.painters.hub.table import MODELS
from course_utils.runtime import MISTAKEN_ENDPOINT

PATIENCE = 3.0  # seconds
A_MODEL = MODELS["sd15"].repositories[
    0
]  # asked about by name, which log-in pages and plain mirrors do not know
LOG_IN_FIRST = 511  # the status of a network that wants a log-in, where it is honest (RFC 6585)


class Trouble(NamedTuple):
    """What is wrong on the way to the hub, and what a person can do about it."""

    what: str
    remedy: str


def mistaken_address() -> Trouble | None:
    """The trouble with HF_ENDPOINT, looked at without the network."""
    address = os.environ.get(MISTAKEN_ENDPOINT)
    if address is None:
        return None
    return Trouble(
        f"HF_ENDPOINT is {address!r}, which is not an address",
        "write the whole address, as in https://huggingface.co, or unset it, then start again",
    )


def trouble() -> Trouble | None:
    """Ask the hub for a few words about one model, with the client that downloads; None if it answers."""
    mistaken = mistaken_address()
    if mistaken:
        return mistaken
    from huggingface_hub import constants
    from huggingface_hub.utils import get_session

    try:
        session = get_session()
    except ImportError:  # the client speaks to such proxies through a package of its own
        return Trouble(
            "a SOCKS proxy is set, and the package socksio that it needs is not installed",
            "run `pip install socksio`, or unset ALL_PROXY and HTTPS_PROXY",
        )
    except Exception as error:  # of the client's library, which differs between versions of the hub's
        reason = (str(error) or type(error).__name__).splitlines()[0][:80]
        return Trouble(
            f"the network settings do not work ({reason})",
            "correct or unset HTTPS_PROXY, ALL_PROXY, NO_PROXY and SSL_CERT_FILE",
        )
    try:
        answer = session.get(f"{constants.ENDPOINT}/api/models/{A_MODEL}", timeout=PATIENCE)
    except Exception:
        return Trouble("the hub does not answer", "check the network, and the proxy if there is one")
    # An error is an answer all the same; what is fine and yet no data is somebody else's page.
    fine = answer.status_code < 400
    if answer.status_code == LOG_IN_FIRST or (fine and "json" not in answer.headers.get("content-type", "")):
        return Trouble(
            "a web page answers in place of the hub",
            "log in to this network in a browser, or correct HF_ENDPOINT if it is set",
        )
    return None
