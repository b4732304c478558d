"""What moto lacks, or does differently from AWS: one file per service, one function per gap.

Written against moto 5.2.5. Every gap replaces or adds methods of moto, by `patching` and nothing else (`connections`, a
whole service, stands before it); `tests/cli/emulator` holds a test for each that fails without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gluepipe.emulator.gaps import (
    cloudwatch,
    codebuild,
    codepipeline,
    codepipeline_executions,
    dispatch,
    dynamodb,
    dynamodb_indexes,
    events,
    functions,
    glue,
    logs,
    s3,
    s3_listing,
    sqs,
)

if TYPE_CHECKING:
    from gluepipe.emulator.deliveries import Deliveries
    from gluepipe.emulator.functions import Functions
    from gluepipe.emulator.job_runs import JobRuns
    from gluepipe.emulator.targets import Targets


def fill(runner: Functions, job_runs: JobRuns, targets: Targets, deliveries: Deliveries) -> None:
    """Correct moto in this process; route invocations, job runs, events and deliveries to those who carry them out."""
    cloudwatch.accept_composite_alarms()
    codebuild.let_pipelines_bring_source_and_artifacts()
    codebuild.keep_everything_given()
    codebuild.add_update_project()
    codebuild.delete_projects_by_arn_too()
    codepipeline.give_dates_as_numbers()
    codepipeline_executions.run_executions(deliveries)
    codepipeline_executions.add_get_pipeline_state(deliveries)
    codepipeline_executions.add_put_approval_result(deliveries)
    codepipeline_executions.add_retry_stage_execution(deliveries)
    codepipeline_executions.add_stop_pipeline_execution(deliveries)
    codepipeline_executions.add_list_action_executions(deliveries)
    dispatch.find_services_once()
    dynamodb_indexes.read_indexes_by_key()
    dynamodb.make_writes_atomic()
    dynamodb.give_values_as_they_are()
    dynamodb.project_attributes_directly()
    dynamodb.count_items_at_once()
    s3.make_writes_atomic()
    s3.complete_notifications(targets)
    s3.notify_once_per_multipart_upload()
    s3.show_event_bridge_in_notifications()
    s3.tell_of_no_tags_where_there_are_none()
    s3_listing.encode_keys_of_versions()
    s3_listing.say_that_the_owner_pays()
    s3.leave_permissions_to_iam()
    s3.ask_the_queue()
    s3.tell_nothing_of_encrypted_content()
    sqs.make_queues_thread_safe()
    sqs.count_messages_quickly()
    sqs.keep_policy_when_not_set()
    functions.keep_dead_letter_queues()
    functions.leave_queues_to_the_pollers()
    functions.run_deployed_code(runner)
    glue.refuse_outdated_table_updates()
    glue.keep_job_run_queuing()
    glue.add_update_job()
    glue.describe_runs_truthfully()
    glue.run_deployed_scripts(job_runs)
    glue.add_batch_stop_job_run(job_runs)
    events.deliver_to_every_target(targets)
    logs.filter_by_stream_prefix()
    logs.ask_the_key()
