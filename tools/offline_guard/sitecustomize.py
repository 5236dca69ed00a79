"""Refuse the network to a Python process: loaded at start-up by whoever has this folder on PYTHONPATH.

An audit hook sees every connection before the system does, so nothing leaves the machine, not even a question
to a name server. Loopback and local sockets stay open: kernels, JupyterLab and browsers talk through them.
"""

import errno
import ipaddress
import sys

WITH_ADDRESS = {"socket.connect", "socket.sendto", "socket.sendmsg"}  # arguments: socket, address
WITH_HOST = {"socket.getaddrinfo", "socket.gethostbyname"}  # arguments: host, ...


def is_local(host: object) -> bool:
    """True for the wildcard and the loopback; `host` is what the socket functions receive."""
    if isinstance(host, bytes):
        host = host.decode()
    if host in (None, "", "localhost"):
        return True
    try:
        ip = ipaddress.ip_address(str(host).split("%")[0])
    except ValueError:
        return False
    return ip.is_loopback or ip.is_unspecified


def refuse_the_network(event: str, arguments: tuple) -> None:
    """Raise the error of an unplugged cable for every host that is not local."""
    if event in WITH_HOST:
        host = arguments[0]
    elif event in WITH_ADDRESS and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:  # not the network, a Unix socket's path, or the peer of an earlier connect
        return
    if not is_local(host):
        raise OSError(errno.ENETUNREACH, f"The network is off in this run, so {host} was not contacted.")


sys.addaudithook(refuse_the_network)
