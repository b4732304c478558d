"""The Glue script: turns the CSV files of a manifest into rows of typed tables."""

import logging
import sys
from collections.abc import Sequence

from awsglue.utils import GlueArgumentError, getResolvedOptions

from glue_jobs import clients, logs
from glue_jobs.manifest import ManifestError
from glue_jobs.run import run
from glue_jobs.settings import OPTIONAL, REQUIRED, Settings, SettingsError

log = logging.getLogger("glue_jobs.file_processor")


def main(argv: Sequence[str]) -> int:
    """Run the job; 1 when something has to be tried again or set right, 0 when every file has its final verdict."""
    logs.configure()
    try:
        given = [name for name in OPTIONAL if f"--{name}" in argv]
        settings = Settings.from_options(getResolvedOptions(list(argv), [*REQUIRED, *given]))
        logs.configure(run_id=settings.run_id, release=settings.release)
        clients.use_region(settings.region)
        outcomes = run(settings)
    except (GlueArgumentError, SettingsError, ManifestError) as error:
        log.error("%s", error)
        return 1
    to_retry = [outcome for outcome in outcomes if outcome.needs_retry]
    log.info("Run ended: %d files, %d to try again", len(outcomes), len(to_retry))
    return 1 if to_retry else 0


if __name__ == "__main__":
    if status := main(sys.argv):
        sys.exit(status)
