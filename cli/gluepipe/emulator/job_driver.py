"""Runs one Glue script in a process of its own. Runs outside the emulator.

Arguments: a file for the error message that Glue would report, the script, the script's own arguments. The packages of
this repository that an editable installation would offer are hidden, so that the script imports what was deployed.
"""

import os
import runpy
import signal
import sys
import threading
import traceback
from pathlib import Path


def main(error_file: str, script: str, *arguments: str) -> None:
    sys.meta_path[:] = [f for f in sys.meta_path if not getattr(f, "__module__", "").startswith("__editable__")]
    sys.path[0] = str(Path(script).parent)
    sys.argv[:] = [script, *arguments]
    threading.Thread(target=die_with_the_emulator, daemon=True).start()
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as leaving:
        if leaving.code not in (None, 0):
            Path(error_file).write_text(f"SystemExit: {leaving.code}")
        raise
    except BaseException as error:
        Path(error_file).write_text(f"{type(error).__name__}: {error}")
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "runpy" not in frame.filename]
        sys.stderr.write("Traceback (most recent call last):\n")
        sys.stderr.writelines(traceback.format_list(frames[1:]))
        sys.stderr.writelines(traceback.format_exception_only(error))
        sys.exit(1)


def die_with_the_emulator() -> None:
    """The emulator holds the other end of stdin open for as long as it lives."""
    os.read(0, 1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
