"""Explores every interleaving of actors that share a ledger, running the real code.

An actor is ordinary code whose calls to the outside are steps. To advance it by one step it is run again from its
beginning: the calls it has made already answer what they answered then, the next one happens, and the actor is stopped.
So a state is plain data (the world, and what each actor has been told), and states reached twice are explored once.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from tests.lambda_trigger.memory_table import ConditionalCheckFailedException, MemoryTable

START = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Stopped(BaseException):
    """The actor has made its step."""


@dataclass
class World:
    """What all actors share. `runs` are manifests with their entries, by run id.

    `digits` are the first ones of the file ids in play: reading any other shard of an index is not worth a step.
    """

    digits: str = "0123456789abcdef"

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    runs: dict[str, tuple[str, list[Any]]] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    queue: list[str] = field(default_factory=list)
    dead_letters: list[str] = field(default_factory=list)

    def copy(self) -> World:
        return pickle.loads(pickle.dumps(self))  # noqa: S301 - our own bytes, and much faster than deepcopy

    @property
    def table(self) -> MemoryTable:
        return MemoryTable(self.items)


@dataclass
class Actor:
    """`code` is called with the actor and the world; `heard` is what its steps answered so far."""

    name: str
    code: Callable[[Actor, World], None]
    heard: list[tuple[str, Any]] = field(default_factory=list)
    done: bool = False
    on_crash: Callable[[World], None] = lambda _: None

    def effects(self) -> list[str]:
        """How the steps that others can see ended: `answered` or `refused`."""
        return [kind for kind, _ in self.heard]

    def advance(self, world: World) -> None:
        self._position = 0
        self._names = 0
        try:
            self.code(self, world)
            self.done = True
        except Stopped:
            pass

    def step(self, action: Callable[[], Any]) -> Any:
        """Do something the others can see; returns or raises what it did when it was done first."""
        if self._position == len(self.heard):
            self.heard.append(_outcome(action))
            raise Stopped
        self._position += 1
        kind, value = self.heard[self._position - 1]
        if kind == "refused":
            raise ConditionalCheckFailedException(value)
        return value

    def fresh_name(self) -> str:
        self._names += 1
        return f"{self.name}-{self._names}"

    def finish(self, world: World) -> Actor:
        """Make all the steps that are left, with nobody in between."""
        while not self.done:
            self.advance(world)
        return self


def _outcome(action: Callable[[], Any]) -> tuple[str, Any]:
    try:
        return "answered", action()
    except ConditionalCheckFailedException as refusal:
        return "refused", refusal.item


class SteppingTable:
    """The world's table, each call of it a step of one actor."""

    exceptions = MemoryTable.exceptions

    def __init__(self, actor: Actor, world: World) -> None:
        self._actor = actor
        self._table = world.table
        self._digits = world.digits

    def put_item(self, **arguments: Any) -> None:
        self._actor.step(lambda: self._table.put_item(**arguments))

    def update_item(self, **arguments: Any) -> Any:
        return self._actor.step(lambda: self._table.update_item(**arguments))

    def get_paginator(self, _: str) -> SteppingTable:
        return self

    def paginate(self, **arguments: Any) -> Any:
        if arguments["ExpressionAttributeValues"][":shard"][-1] not in self._digits:
            return []
        return self._actor.step(lambda: list(self._table.paginate(**arguments)))


@dataclass(frozen=True)
class State:
    """A moment: the world, the actors, and how many of them may still crash."""

    world: World
    actors: tuple[Actor, ...]
    crashes_left: int
    path: tuple[str, ...] = ()

    def identity(self) -> str:
        """Two states of the same identity have the same future. What an actor heard ends with it, but for its end."""
        actors = [(actor.name, actor.heard[-1:] if actor.done else actor.heard) for actor in self.actors]
        done = [actor.done for actor in self.actors]
        return repr((self.world, actors, done, self.crashes_left))


def explore(actors: list[Actor], world: World, spawn: Callable[[World], list[Actor]], crashes: int) -> Iterator[State]:
    """Yield every state that can be reached. `spawn` names actors the world has brought into being."""
    stack = [State(world, tuple(actors), crashes)]
    known: set[str] = set()
    while stack:
        state = stack.pop()
        identity = state.identity()
        if identity in known:
            continue
        known.add(identity)
        yield state
        for number, actor in enumerate(state.actors):
            if not actor.done:
                stack.append(_successor(state, number, spawn))
                if state.crashes_left:
                    stack.append(_crash(state, number))


def _copy(state: State) -> tuple[World, list[Actor]]:
    return state.world.copy(), [replace(actor, heard=list(actor.heard)) for actor in state.actors]


def _successor(state: State, number: int, spawn: Callable[[World], list[Actor]]) -> State:
    world, actors = _copy(state)
    actors[number].advance(world)
    present = {actor.name for actor in actors}
    actors += [actor for actor in spawn(world) if actor.name not in present]
    return State(world, tuple(actors), state.crashes_left, (*state.path, actors[number].name))


def _crash(state: State, number: int) -> State:
    world, actors = _copy(state)
    actors[number].done = True
    actors[number].on_crash(world)
    return State(world, tuple(actors), state.crashes_left - 1, (*state.path, f"{actors[number].name} crashes"))
