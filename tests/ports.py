import secrets
import socket


def free_ports() -> tuple[int, int]:
    """Two neighbouring free ports, as run.sh uses them."""
    for _ in range(200):
        # Below the ports that outgoing connections get; not `random`, whose seed is the same in every
        # test process.
        first = 20000 + 2 * secrets.randbelow(6000)
        with socket.socket() as one, socket.socket() as two:
            try:
                one.bind(("127.0.0.1", first))
                two.bind(("127.0.0.1", first + 1))
            except OSError:
                continue
            return first, first + 1
    raise AssertionError("There are no two neighbouring free ports.")
