"""The emulated AWS accounts: one background process around moto, plus what moto lacks.

Accounts live in that process's memory and vanish with it; what is on disk is in the state folder
(`.gluepipe/emulator` by default): `endpoint.json` (where it listens, how to prove it is the right process),
`emulator.log`, and `work/` (unpacked functions, job runs). Nothing is ever written elsewhere.

Callers use four files, none of which imports moto:

- `process`: start, stop, find the process;
- `control`: its environment variables and credentials; make invocations fail; tell what roles asked for;
- `terraform`: the staged copy of the configuration that Terraform applies to the emulated accounts;
- `endpoint`: the record of a running emulator and the errors for people.

The rest runs inside the process: `server` assembles it; `functions`, `sandbox` and `function_worker` run Lambda zips,
`retries` tells how often, and `faults` kills some where it is asked to; `event_sources` polls queues; `job_runs`,
`job_scripts` and `job_driver` run Glue jobs; `targets` and `schedules` deliver events; `deliveries` and `builds` run
pipelines (`executions` keeps what became of them, `checkouts` what they build); `telemetry` writes logs and metrics,
`queue_metrics` those of SQS, and `alarms` judges what was recorded; `requests` reads what is asked, `iam/` lets through
what policies allow, and `constraints` and `limits` what the services take, while `refusals` says no; `repeats` answers
a request that is sent twice; `gaps/` corrects moto itself, one file per service.
"""
