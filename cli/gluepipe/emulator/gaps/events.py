"""EventBridge: rules that are disabled or scheduled stay silent, and every kind of target is served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.events.models import Rule

from gluepipe.emulator.gaps.patching import replaces

if TYPE_CHECKING:
    from gluepipe.emulator.targets import Targets


def deliver_to_every_target(targets: Targets) -> None:
    """moto serves disabled rules, sends every event to scheduled rules, and has no Lambda and SNS targets."""

    @replaces(Rule)
    def send_to_targets(self: Rule, original_event: dict[str, Any], transform_input: bool = True) -> None:
        has_pattern = bool(self.event_pattern.get_pattern())
        if self.state == "ENABLED" and has_pattern and self.event_pattern.matches_event(original_event):
            targets.deliver(self, original_event)
