from typing import Any

from gluepipe.deployment.drift import Drift, find


def drift(kind: str, before: dict[str, Any], after: dict[str, Any] | None, **others: Any) -> dict[str, Any]:
    actions = ["update"] if after is not None else ["delete"]
    change = {"actions": actions, "before": before, "after": after, **others}
    return {"address": f"{kind}.x", "type": kind, "change": change}


def found(*entries: dict[str, Any]) -> list[Drift]:
    return find("infrastructure", {"resource_drift": list(entries)})


def test_a_changed_setting_is_named_with_both_values() -> None:
    (only,) = found(drift("aws_glue_job", {"timeout": 60}, {"timeout": 2880}))
    assert only.details == ("timeout: 60 → 2880",)
    assert str(only) == "aws_glue_job.x\n  timeout: 60 → 2880"


def test_a_resource_that_is_gone_is_named() -> None:
    (only,) = found(drift("aws_sqs_queue", {"name": "files"}, None))
    assert str(only) == "aws_sqs_queue.x\n  is gone"


def test_what_the_service_fills_in_is_no_drift() -> None:
    lake_formation = [{"permissions": ["ALL"]}]
    filled = {"create_table_default_permission": lake_formation}
    assert found(drift("aws_glue_catalog_database", {"create_table_default_permission": []}, filled)) == []


def test_what_mirrors_another_resource_is_compared_there_only() -> None:
    on, off = [{"enabled": True}], [{"enabled": False}]
    assert found(drift("aws_s3_bucket", {"versioning": on}, {"versioning": off})) == []
    before, after = ({"versioning_configuration": [{"status": status}]} for status in ("Enabled", "Suspended"))
    assert len(found(drift("aws_s3_bucket_versioning", before, after))) == 1


def test_the_same_document_in_other_words_is_no_drift() -> None:
    assert (
        found(drift("aws_sqs_queue", {"redrive_policy": '{"a":1,"b":2}'}, {"redrive_policy": '{"b": 2, "a": 1}'})) == []
    )
    assert len(found(drift("aws_sqs_queue", {"redrive_policy": '{"a":1}'}, {"redrive_policy": '{"a":2}'}))) == 1


def test_a_value_never_set_and_read_back_as_zero_is_no_drift() -> None:
    assert found(drift("aws_cloudwatch_metric_alarm", {"period": None}, {"period": 0})) == []
    assert len(found(drift("aws_cloudwatch_metric_alarm", {"period": None}, {"period": 60}))) == 1
    assert len(found(drift("aws_cloudwatch_metric_alarm", {"period": 60}, {"period": 0}))) == 1


def test_sensitive_values_are_not_shown() -> None:
    secret = {"default_arguments": {"--token": True}}
    before, after = ({"default_arguments": {"--token": token}} for token in ("old", "new"))
    (only,) = found(drift("aws_glue_job", before, after, before_sensitive=secret))
    assert only.details == ("default_arguments.--token: (sensitive) → (sensitive)",)


def test_nothing_drifted() -> None:
    assert found() == []
