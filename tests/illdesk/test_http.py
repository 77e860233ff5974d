"""Where a web request comes from."""

from illdesk.http import client_address


def test_the_senders_address_is_what_our_own_proxy_saw(rf, settings):
    request = rf.get("/", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}, REMOTE_ADDR="10.0.0.1")
    assert client_address(request) == "10.0.0.1"  # nobody stands in front: the header is the sender's own word
    settings.TRUSTED_PROXIES = 1
    assert client_address(request) == "198.51.100.7"
    settings.TRUSTED_PROXIES = 2
    assert client_address(request) == "203.0.113.9"
    settings.TRUSTED_PROXIES = 3
    assert client_address(request) == "10.0.0.1"
