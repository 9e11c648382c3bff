"""What shows that a file has changed, where hashing it would take too long."""

import datetime
import os


def stamp(path):
    """Return {"bytes", "modified"} of a file: its size, and its time in RFC 3339 with nanoseconds. Raises OSError."""
    status = os.stat(path)
    seconds, nanoseconds = divmod(status.st_mtime_ns, 10**9)
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return {"bytes": status.st_size, "modified": f"{moment}.{nanoseconds:09}Z"}
