"""Where the server listens, and what is said when it cannot."""

from __future__ import annotations

import socket

import pytest

from connector.errors import Misconfigured, Refused
from connector.web.server import bound


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "localhost:0", "[::1]:0"])
def test_it_listens_where_it_is_told(listen: str) -> None:
    with bound(listen) as listening:
        assert listening.getsockname()[0] in ("127.0.0.1", "::1")
        assert listening.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)


def test_a_port_that_is_taken_is_refused_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        place = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(Refused) as caught:
            bound(place)

    assert str(caught.value) == (
        f"web.listen: {place} is taken by another process; expected a free port, or another address"
    )


@pytest.mark.parametrize("listen", ["192.0.2.1:80", "no-such-host.invalid:80"])
def test_an_address_of_another_machine_is_a_fault_of_the_settings(listen: str) -> None:
    with pytest.raises(Misconfigured, match=rf"web.listen: cannot listen on {listen} \(.+\); expected an address of"):
        bound(listen)
