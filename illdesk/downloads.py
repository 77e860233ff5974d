"""Files too large for the memory, through the same door as everything else from outside (outside.py)."""

from collections.abc import Callable
from typing import BinaryIO
from urllib.parse import urljoin

import requests

from illdesk import hosts, outside

_CHUNK = 256 * 1024


def download(
    url: str, file: BinaryIO, *, most: int, headers: dict[str, str] | None = None, timeout: float = 3600,
    silent: float = 60, inside: bool = False, told: Callable[[int], None] | None = None, hops: int = 5,
) -> outside.Answer:
    """GET a large file into `file`, piece by piece; the answer's `content` stays empty.

    Redirects are followed, each looked at like the first address; `inside` holds only for the host that was
    entered. `timeout`: seconds for the whole; `silent`: how long it may say nothing. `told(bytes)`: called while
    it comes; what it raises ends the download. Only an answer 200 is written. Raises AdapterError as
    `outside.fetch` does.
    """
    entered = hosts.of(url)
    for _hop in range(hops + 1):
        ours = inside and hosts.of(url) == entered
        with outside.asked("GET", url, None, headers, timeout, silent, ours) as (response, door):
            onward = response.headers.get("location", "")
            if response.status_code in outside.REDIRECTS and onward:
                url = urljoin(url, onward)
                continue
            if response.status_code == 200:
                _pour(response, file, most, told)
            if not door.closed:  # cut off by the watch, an answer without a length only looks complete
                return outside.said(response, b"", url)
        raise outside.too_late(timeout)
    raise outside.endless()


def _pour(response: requests.Response, file: BinaryIO, most: int, told: Callable[[int], None] | None) -> None:
    size = 0
    for chunk in response.iter_content(_CHUNK):
        size += len(chunk)
        if size > most:
            raise outside.too_long(most, permanent=True)
        file.write(chunk)
        if told is not None:
            told(size)
