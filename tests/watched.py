"""Watch a command from outside, native code included: whom it contacts, and which files it writes."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from programs import needs

ADDRESS = re.compile(r'sin6?_port=htons\((\d+)\).*?(?:inet_addr\("|inet_pton\(AF_INET6, ")([^"]+)"')
RESOLVER = re.compile(r'sun_path="(/run/systemd/resolve/[^"]+)"')
LOOPBACK = re.compile(r"127\.|::1$|0\.0\.0\.0$|::$|::ffff:127\.")


@dataclass(frozen=True)
class Seen:
    """What a command did: its output, whom it contacted or asked for a name, what lies in its home."""

    out: str
    contacted: list[str]
    left: list[Path]


def watched(command: list[str], home: Path, **environment: str) -> Seen:
    """Run a command under strace, with a fresh and empty home, and see what it does.

    The network is on for it, and neither hub nor anything else is told to stay offline.
    """
    strace = needs("strace", "to see what native code sends")
    home.mkdir()
    log = home.with_suffix(".strace")
    # connect is TCP, and UDP as resolvers do; the others name an address where no connection was made
    trace = ["-f", "-qq", "-s", "96", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", str(log)]
    kept = ("PATH", "PYTHONPATH", "LANG", "VIRTUAL_ENV")
    run = subprocess.run(
        [strace, "--seccomp-bpf", *trace, *command],
        cwd=home.parent,
        env={
            **{name: os.environ[name] for name in kept if name in os.environ},
            "HOME": str(home),
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if "ptrace" in run.stdout and not log.read_text():
        pytest.skip("This machine lets nobody watch a process.")
    assert run.returncode == 0, run.stdout
    return Seen(
        run.stdout,
        _contacted(log.read_text()),
        sorted(path.relative_to(home) for path in home.rglob("*") if path.is_file()),
    )


def _contacted(log: str) -> list[str]:
    """Addresses beyond the loopback, and name servers wherever they are."""
    addresses = {
        f"{address} port {port}"
        for port, address in ADDRESS.findall(log)
        if port == "53" or not LOOPBACK.match(address)
    }
    return sorted(addresses | set(RESOLVER.findall(log)))
