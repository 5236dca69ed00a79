"""Run a command with the network off: `python tools/offline.py COMMAND ...`.

Where Linux allows it, the command gets a network of its own that holds nothing but the loopback. Everywhere,
the guard in tools/offline_guard refuses connections inside Python, and the Hugging Face libraries are told
that they are offline.
"""

import ctypes
import fcntl
import os
import socket
import struct
import sys
from pathlib import Path

GUARD = Path(__file__).resolve().parent / "offline_guard"

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1


def leave_the_network() -> None:
    """Move this process into a network of its own with a working loopback; OSError where not allowed."""
    user, group = os.getuid(), os.getgid()
    flags = CLONE_NEWNET if user == 0 else CLONE_NEWUSER | CLONE_NEWNET
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags):
        raise OSError(ctypes.get_errno(), "no network of its own")
    if user != 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def can_leave_the_network() -> bool:
    """Try it in a child: a refused attempt can leave a process half way, where nothing works any more."""
    if sys.platform != "linux":
        return False
    child = os.fork()
    if child == 0:
        try:
            leave_the_network()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def main() -> None:
    """Replace this process by the command, offline."""
    command = sys.argv[1:]
    if not command:
        sys.exit("Name the command to run offline, for example: python tools/offline.py make notebooks")
    if can_leave_the_network():
        leave_the_network()
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(GUARD), os.environ.get("PYTHONPATH")]))
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]} could not be started: {error.strerror}.")


if __name__ == "__main__":
    main()
