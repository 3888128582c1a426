"""Starts programs stage by stage, starts again what dies, and stops all of them in order."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from console.supervision.program import Program, Running, Say, Stage

LOOK_SECONDS = 0.1  # how often a stage is asked whether it is ready
BACKOFF_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # a program that dies at once must not spin
HEALTHY_SECONDS = 60.0  # who lived so long starts again from the first back-off
STOP_SECONDS = 25.0  # a pass in work takes 20 s at the most
SETTINGS_FAULT = 2  # the exit status that says: starting again can't help


@dataclass(slots=True)
class _Slot:
    """One program's place: what runs there now, and how often it died."""

    program: Program
    running: Running
    started: float
    deaths: int = 0
    due: float | None = None  # when to start it again


@dataclass(slots=True)
class Supervisor:
    """Runs until `stop` is called, from a signal or another thread, or a setting is at fault."""

    stages: Sequence[Stage]
    say: Say
    ready: Callable[[dict[str, int]], None]  # once, with the pid of each program
    _events: SimpleQueue[Running | signal.Signals] = field(default_factory=SimpleQueue)
    _slots: dict[str, _Slot] = field(default_factory=dict)
    _stages_started: int = 0
    _status: int = 0

    def run(self) -> int:
        """The exit status: 0 when told to stop, 2 when a program found its settings at fault."""
        try:
            while self._turn():
                pass
        finally:
            self._stop_all()
        return self._status

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End everything in order. Safe in a signal's own code; a second call ends it at once."""
        self._events.put(number)

    def _turn(self) -> bool:
        """One look at what happened; False when it is time to stop."""
        self._advance()
        self._revive()
        try:
            event = self._events.get(timeout=self._patience())
        except Empty:
            return True
        return isinstance(event, Running) and self._bury(event)

    def _advance(self) -> None:
        """Start the next stage once the one before is ready; tell when the last one is."""
        if self._stages_started > len(self.stages):
            return
        if self._stages_started and not self.stages[self._stages_started - 1].ready():
            return
        if self._stages_started == len(self.stages):
            self.ready({name: slot.running.pid for name, slot in self._slots.items()})
        else:
            for program in self.stages[self._stages_started].programs:
                self._slots[program.name] = self._start(program)
        self._stages_started += 1

    def _start(self, program: Program) -> _Slot:
        running = Running(program, say=self.say, exited=self._events.put)
        return _Slot(program, running, started=time.monotonic())

    def _bury(self, running: Running) -> bool:
        """A program died: plan its next life. False when that would be of no use."""
        slot = self._slots[running.program.name]
        if running.status == SETTINGS_FAULT:
            self._status = SETTINGS_FAULT
            return False
        lived = time.monotonic() - slot.started
        slot.deaths = 1 if lived > HEALTHY_SECONDS else slot.deaths + 1
        wait = BACKOFF_SECONDS[min(slot.deaths, len(BACKOFF_SECONDS)) - 1]
        slot.due = time.monotonic() + wait
        self.say(running.program.name, f"{_ending(running.status)}; starts again in {wait:g} s")
        return True

    def _revive(self) -> None:
        now = time.monotonic()
        for name, slot in self._slots.items():
            if slot.due is not None and slot.due <= now:
                fresh = self._start(slot.program)
                fresh.deaths = slot.deaths
                self._slots[name] = fresh

    def _patience(self) -> float | None:
        """Seconds until something is to be done without being told; None: nothing."""
        if self._stages_started <= len(self.stages):
            return LOOK_SECONDS
        due = [slot.due for slot in self._slots.values() if slot.due is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _stop_all(self) -> None:
        """The last stage first: a pass in work still needs the web process and Redis."""
        hurry = False
        for stage in reversed(self.stages[: self._stages_started]):
            living = [
                self._slots[program.name].running
                for program in stage.programs
                if program.name in self._slots
            ]
            hurry = self._end(living, hurry=hurry)
        for slot in self._slots.values():
            slot.running.close()

    def _end(self, living: Sequence[Running], *, hurry: bool) -> bool:
        """Ask, wait, insist. True when somebody asked again to stop, so that all must end now."""
        for running in living:
            running.signal(signal.SIGKILL if hurry else signal.SIGTERM)
        give_up = time.monotonic() + STOP_SECONDS
        while any(running.status is None for running in living):
            try:
                event = self._events.get(timeout=max(0.0, give_up - time.monotonic()))
                hurry = hurry or not isinstance(event, Running)
            except Empty:
                hurry = True
            if hurry:
                for running in living:
                    running.signal(signal.SIGKILL)
                give_up = time.monotonic() + STOP_SECONDS
        return hurry


def _ending(status: int | None) -> str:
    if status is not None and status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"
