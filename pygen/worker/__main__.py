"""`python -m pygen.worker`, which epochtime starts: a job on stdin, events on what was stdout."""

import os
import sys
import time
import traceback

BEGAN = time.perf_counter()
LEAVE = os._exit  # without waiting for threads of what was trained


def main():
    """Do one job and end the process."""
    from pygen.worker import launch, machine, protocol

    channel = protocol.take_standard_streams()
    machine.die_first()
    try:
        job = protocol.parse(channel.read_line())
        if job.worker == os.getpid() and job.parent != os.getppid():
            raise protocol.Failure("interrupted", "the parent is gone")
        channel.heed()
        launch.run(job, channel, BEGAN)
        channel.send("done")
        code = 0
    except protocol.Failure as failure:
        if failure.__cause__ is not None:
            traceback.print_exception(failure.__cause__)
        channel.fail(failure)
        code = 1
    except BaseException as error:
        traceback.print_exc()
        channel.fail(protocol.Failure("internal", f"internal error: {type(error).__name__}: {error}"))
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    LEAVE(code)


if __name__ == "__main__":
    main()
