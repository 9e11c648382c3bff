"""What a process prints, of which only the beginning and the end are kept: it may print without end."""

import os
import threading
from multiprocessing import connection

KEPT = 1 << 16  # bytes, of the beginning and of the end
_LATE = 1 << 20  # bytes that are still read after the end of the process, whose children may go on printing


class Printed:
    """A pipe that a process prints to, and its output. Close it after use.

    The process gets `writer`, a connection, when it is started; `drain` is then called.
    """

    def __init__(self, context):
        """Take the multiprocessing context of the process."""
        self._reader, self.writer = context.Pipe(duplex=False)
        self._stop, self._stopping = context.Pipe(duplex=False)
        self._first, self._last, self._count = b"", b"", 0
        self._thread = None

    def drain(self):
        """Begin to read, in a thread; this process lets go of `writer`."""
        self.writer.close()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def close(self):
        """Stop reading, once what was printed until now is read. What prints later gets a broken pipe."""
        if self._thread is not None and self._thread.is_alive():
            self._stopping.send_bytes(b"")
            self._thread.join()
        for end in (self.writer, self._reader, self._stop, self._stopping):
            end.close()

    def text(self):
        """Stop reading; return the first and the last 64 KiB, and between them a line that says how much is missing."""
        self.close()
        missing = self._count - len(self._first) - len(self._last)
        between = f"\n… {missing} bytes are left out …\n".encode() if missing else b""
        return (self._first + between + self._last).decode(errors="replace")

    def _read(self):
        late = 0
        while late < _LATE:
            ready = connection.wait([self._reader, self._stop])
            if self._reader not in ready:
                return
            data = os.read(self._reader.fileno(), KEPT)
            if not data:
                return
            late += len(data) if self._stop in ready else 0
            self._keep(data)

    def _keep(self, data):
        self._count += len(data)
        if room := KEPT - len(self._first):
            self._first, data = self._first + data[:room], data[room:]
        self._last = (self._last + data)[-KEPT:]
