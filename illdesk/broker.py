"""The embedded broker: Kombu's folder of messages, made safe for a reader beside a writer.

Kombu 5 writes a message under its final name, so that a worker may take it while it is still empty, and
empties the table of bindings before it locks it; whoever reads at that moment dies of it (JSONDecodeError).
Here messages and tables appear whole, by a rename, and a message is taken by a rename.
"""

import os
import uuid
from fcntl import LOCK_EX, flock
from time import time

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.encoding import bytes_to_str, str_to_bytes
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    def _queue_bind(self, exchange, routing_key, pattern, queue):
        """Note that messages of this exchange and key go to this queue."""
        self.control_folder.mkdir(exist_ok=True)
        row = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with open(self.control_folder / f".{exchange}.lock", "w") as turn:
            flock(turn, LOCK_EX)
            rows = self.get_table(exchange)
            if row in rows:
                return
            hidden = self.control_folder / f".{uuid.uuid4()}.part"
            hidden.write_text(dumps([row, *rows]))
            os.replace(hidden, self._exchange_file(exchange))

    def _lookup(self, exchange, routing_key, default=None):
        """Names of the queues that a message goes to.

        A binding is known to all threads a moment before its table is written. With none found the message
        would be dropped without a word; our queues are direct and named by their key.
        """
        found = super()._lookup(exchange, routing_key, default)
        if found or not exchange or self.typeof(exchange).type != "direct":
            return found
        return [routing_key or exchange]

    def _put(self, queue, payload, **kwargs):  # type: ignore[override]  # its two classes above differ
        """Put one message into the folder. OSError when the disk refuses it."""
        folder = self.data_folder_out
        # Hidden until it is whole; names sort by time, so that messages are taken in order.
        name = f"{int(time() * 1_000_000):017d}_{uuid.uuid4()}.{queue}.msg"
        hidden = os.path.join(folder, f".{uuid.uuid4()}.part")
        with open(hidden, "wb") as file:
            file.write(str_to_bytes(dumps(payload)))
        os.rename(hidden, os.path.join(folder, name))

    def _get(self, queue, timeout=None):
        """The oldest message of the queue, or None; two readers never get the same one."""
        folder = self.data_folder_in
        ending = f"{queue}.msg"
        for name in sorted(entry for entry in os.listdir(folder) if entry.partition(".")[2] == ending):
            taken = os.path.join(folder, f".{uuid.uuid4()}.taken")
            try:
                os.rename(os.path.join(folder, name), taken)
            except FileNotFoundError:
                continue  # another worker was faster
            with open(taken, "rb") as file:
                payload = file.read()
            os.remove(taken)
            return loads(bytes_to_str(payload))
        raise filesystem.Empty

    def _size(self, queue):
        return sum(entry.partition(".")[2] == f"{queue}.msg" for entry in os.listdir(self.data_folder_in))

    def _purge(self, queue):
        gone = 0
        for name in os.listdir(self.data_folder_in):
            if name.partition(".")[2] == f"{queue}.msg":
                os.remove(os.path.join(self.data_folder_in, name))
                gone += 1
        return gone


class Transport(filesystem.Transport):
    Channel = Channel


TRANSPORT_ALIASES["deskfolder"] = "illdesk.broker:Transport"
