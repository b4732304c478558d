"""`python -m gluepipe.emulator`: what `process.up` starts, and what then lives on in the background."""

import argparse
import json
import os
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(prog="gluepipe.emulator")
    parser.add_argument("--state-dir", type=Path, required=True)
    parser.add_argument("--accounts", type=json.loads, required=True, help='{"pipeline": "111111111111", ...}')
    parser.add_argument("--region", required=True)
    arguments = parser.parse_args()
    if os.fork():
        os._exit(0)  # nobody waits for the emulator, so it must not be the caller's child
    os.setsid()

    from gluepipe.emulator import server

    server.serve(arguments.state_dir, arguments.accounts, arguments.region)


if __name__ == "__main__":
    main()
