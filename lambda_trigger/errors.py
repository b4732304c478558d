"""What can go wrong on the way from an event to a job run, by who can mend it."""


class TransientError(Exception):
    """Nothing is wrong with the file; the same message may succeed later."""


class JobBusyError(TransientError):
    """Glue has no free slot, or throttles us."""


class JobUnavailableError(TransientError):
    """The job cannot be started at all: not deployed yet, no permission, wrong arguments."""


class TerminalError(Exception):
    """Trying again cannot help; somebody has to change something."""


class MalformedMessageError(TerminalError):
    """The message is not an S3 event in any form we know."""


class ConfigError(TerminalError):
    """The function's environment is incomplete or has a wrong value."""
