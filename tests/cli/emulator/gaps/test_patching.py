"""A change of moto is made where moto is as expected, and refused where it is not."""

from __future__ import annotations

import threading
from types import ModuleType

import pytest

from gluepipe.emulator.gaps.patching import MotoChangedError, adds, replaces, take_turns


class Service:
    """What a class of moto is like."""

    def answer(self) -> str:
        return "as moto does"

    @property
    def state(self) -> str:
        return "as moto has it"


def test_a_method_is_replaced_by_its_name() -> None:
    class Changed(Service):
        pass

    @replaces(Changed)
    def answer(self: Service) -> str:
        return "as AWS does"

    assert Changed().answer() == "as AWS does"


def test_what_is_not_there_cannot_be_replaced() -> None:
    def reply(self: Service) -> str:
        return "never asked"

    with pytest.raises(MotoChangedError, match=r"moto has no .*Service\.reply"):
        replaces(Service)(reply)


def test_a_function_of_a_module_is_named_with_it() -> None:
    with pytest.raises(MotoChangedError, match=r"moto has no responses\.check "):
        replaces(ModuleType("responses"), "check")(print)


def test_a_property_is_not_replaced_by_a_method_nor_the_other_way_round() -> None:
    with pytest.raises(MotoChangedError, match="state"):
        replaces(Service, "state")(lambda self: "a method")
    with pytest.raises(MotoChangedError, match="answer"):
        replaces(Service, "answer")(property(lambda self: "a property"))


def test_what_moto_has_by_now_cannot_be_added() -> None:
    def answer(self: Service) -> str:
        return "ours"

    with pytest.raises(MotoChangedError, match=r"Service\.answer now"):
        adds(Service)(answer)


def test_only_one_call_is_under_way_under_a_lock() -> None:
    class Counted:
        lock = threading.Lock()

        def held(self) -> bool:
            return self.lock.locked()

    take_turns(lambda counted: counted.lock, Counted, "held")

    assert Counted().held()
    assert not Counted.lock.locked()
    with pytest.raises(MotoChangedError, match="gone"):
        take_turns(lambda counted: counted.lock, Counted, "gone")
