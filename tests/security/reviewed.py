"""The statements that reach beyond the project's own names, each with the reason why it must."""

KEYS = "arn:aws:kms:{region}:{account}:key/*"
TAGGED = "A key's ARN is a random id; its project tag is the condition"
NARROWEST = "AWS offers no narrower resource for these actions"
OWNER = "Without it nobody could change the key any more; it hands the account's own IAM the decision"
FAMILY = "The family of actions that AWS documents for this service; it is about this key alone"
STREAM = "The service says of no rule when it makes a stream; what is written into it is bound to our rule"
UNSAID = "The service asks for the key without saying for whom; what it sends is bound to our alarms by the topic"

# Holder, statement, and the action, resource or caller that is open -> reason.
REVIEWED: dict[tuple[str, str, str], str] = {
    ("key {project}-pipeline", "AccountPolicies", "kms:*"): OWNER,
    ("key {project}-pipeline", "LogGroups", "kms:GenerateDataKey*"): FAMILY,
    ("key {project}-pipeline", "LogGroups", "kms:ReEncrypt*"): FAMILY,
    ("key {project}-state", "AccountPolicies", "kms:*"): OWNER,
    ("key {project}-{environment}", "AccountPolicies", "kms:*"): OWNER,
    ("key {project}-{environment}", "Alarms", "cloudwatch.amazonaws.com"): UNSAID,
    ("key {project}-{environment}", "Alarms", "kms:GenerateDataKey*"): FAMILY,
    ("key {project}-{environment}", "LogGroups", "kms:GenerateDataKey*"): FAMILY,
    ("key {project}-{environment}", "LogGroups", "kms:ReEncrypt*"): FAMILY,
    ("log policy {project}-{environment}-input", "EventsMakeStreams", "delivery.logs.amazonaws.com"): STREAM,
    ("log policy {project}-{environment}-input", "EventsMakeStreams", "events.amazonaws.com"): STREAM,
    ("{project}-boundary", "Keys", KEYS): TAGGED,
    ("{project}-boundary", "Metrics", "*"): "AWS offers no resource for metrics; the namespace is the condition",
    ("{project}-deploy", "FindAliases", "*"): NARROWEST,
    ("{project}-deploy", "FindLogGroups", "*"): NARROWEST,
    (
        "{project}-deploy",
        "KeepMappings",
        "*",
    ): "A mapping's ARN is a random id; the function that it feeds is the condition",
    (
        "{project}-deploy",
        "MakeKeys",
        "*",
    ): "A key has no ARN before it exists; the project tag it asks for is the condition",
    ("{project}-deploy", "NameKeys", KEYS): "An alias is made on a key, and its own name begins with the project's",
    ("{project}-deploy", "SeeMappings", "*"): "A mapping's ARN is a random id; these look and tag",
    ("{project}-deploy", "KeepSubscriptions", "*"): NARROWEST,
    ("{project}-deploy", "LetEventsBeLogged", "*"): NARROWEST,
    ("{project}-deploy", "SeeMetrics", "*"): NARROWEST,
    ("{project}-deploy", "SumUpAlarms", "*"): NARROWEST,
    ("{project}-pipeline", "FindByName", "*"): NARROWEST,
    ("{project}-pipeline", "UseStateKey", KEYS): "A key's ARN is a random id; its alias is the condition",
    ("{project}-plan", "SeeFindAliases", "*"): NARROWEST,
    ("{project}-plan", "SeeFindLogGroups", "*"): NARROWEST,
    ("{project}-plan", "SeeKeys", KEYS): TAGGED,
    ("{project}-plan", "SeeMappings", "*"): "A mapping's ARN is a random id; these only look",
    ("{project}-plan", "SeeLetEventsBeLogged", "*"): NARROWEST,
    ("{project}-plan", "SeeSubscriptions", "*"): NARROWEST,
    ("{project}-plan", "SeeMetrics", "*"): NARROWEST,
    (
        "{project}-{environment}-glue",
        "WriteMetrics",
        "*",
    ): "AWS offers no resource for metrics; the namespace is the condition",
}
