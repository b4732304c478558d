"""Every derived name, in one place; docs/architecture.md, "Names", is the table these follow."""

from dataclasses import dataclass
from enum import StrEnum

BOOTSTRAP_STATE_KEY = "bootstrap.tfstate"
PIPELINE_STATE_KEY = "pipeline.tfstate"


class Role(StrEnum):
    """The two roles that an account is worked on through."""

    DEPLOY = "deploy"
    PLAN = "plan"


class Stack(StrEnum):
    """The two stacks of an environment, in the order they are applied."""

    INFRASTRUCTURE = "infrastructure"
    APPLICATION = "application"


@dataclass(frozen=True)
class AccountNames:
    """Names of what stands once per account."""

    project: str
    account: str
    account_id: str
    region: str

    @property
    def state_bucket(self) -> str:
        """Bucket of every Terraform state of the account."""
        return f"{self.project}-{self.account}-state-{self.account_id}-{self.region}"

    @property
    def artifact_bucket(self) -> str:
        """Bucket of the delivery pipelines' artifacts, where the account is theirs."""
        return f"{self.project}-pipeline-artifacts-{self.account_id}-{self.region}"

    def role(self, role: Role) -> str:
        """Name of the role that deployments, or plans, assume."""
        return f"{self.project}-{role}"

    def role_arn(self, role: Role) -> str:
        """ARN of the role that deployments, or plans, assume."""
        return f"arn:aws:iam::{self.account_id}:role/{self.role(role)}"

    @property
    def external_id(self) -> str:
        """What the pipeline account has to say to assume these roles; `terraform/bootstrap` sets it."""
        return self.project


@dataclass(frozen=True)
class EnvironmentNames:
    """Names of what stands in one environment."""

    project: str
    environment: str
    account_id: str
    region: str

    def component(self, name: str) -> str:
        """Return `{project}-{environment}-{name}`."""
        return f"{self.project}-{self.environment}-{name}"

    def bucket(self, name: str) -> str:
        """Return the bucket of a component: account id and region make it unique in the world."""
        return f"{self.component(name)}-{self.account_id}-{self.region}"

    def state_key(self, stack: str) -> str:
        """Return the key of a stack's state in the account's state bucket."""
        return f"{self.environment}/{stack}.tfstate"

    @property
    def input_bucket(self) -> str:
        return self.bucket("input")

    @property
    def output_bucket(self) -> str:
        return self.bucket("output")

    @property
    def assets_bucket(self) -> str:
        return self.bucket("assets")

    @property
    def buckets(self) -> list[str]:
        return [self.input_bucket, self.output_bucket, self.assets_bucket]

    @property
    def data_buckets(self) -> list[str]:
        """The buckets that hold people's data; the assets bucket holds only what can be built again."""
        return [self.input_bucket, self.output_bucket]

    @property
    def database(self) -> str:
        """Glue database; Athena wants underscores."""
        return f"{self.project}_{self.environment}".replace("-", "_")

    @property
    def ledger(self) -> str:
        return self.component("ledger")

    @property
    def job(self) -> str:
        return self.component("file-processor")

    @property
    def trigger_function(self) -> str:
        return self.component("trigger")

    @property
    def sweep_function(self) -> str:
        return self.component("sweep")

    @property
    def alert_function(self) -> str:
        return self.component("alert")

    @property
    def standby_function(self) -> str:
        """Function that tells of what keeps the alert function from telling."""
        return self.component("alert-standby")

    @property
    def arrivals_log_group(self) -> str:
        """Log group of every event of the input bucket."""
        return f"/aws/events/{self.component('input')}"

    @property
    def queue(self) -> str:
        return self.component("files")

    @property
    def dead_letter_queue(self) -> str:
        return self.component("files-dead")

    @property
    def undelivered_queue(self) -> str:
        """Queue of the events that did not reach their target."""
        return self.component("events-dead")

    @property
    def alarm_topic(self) -> str:
        return self.component("alarms")
