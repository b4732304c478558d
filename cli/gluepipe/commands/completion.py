"""completion: print a shell's completion script."""

import click
from click.shell_completion import get_completion_class

from gluepipe.commands import output as show
from gluepipe.errors import UsageProblem


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    bash:  eval "$(gluepipe completion bash)"
    zsh:   eval "$(gluepipe completion zsh)"
    fish:  gluepipe completion fish | source
    """
    complete = get_completion_class(shell)
    if complete is None:
        raise UsageProblem(f"No completion for {shell}.")
    show.data(complete(context.find_root().command, {}, "gluepipe", "_GLUEPIPE_COMPLETE").source())
