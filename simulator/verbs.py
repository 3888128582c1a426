"""What every group of stories shares: the books of its shop, and one turn a verb."""

from __future__ import annotations

from simulator.books import Books


class Verbs:
    """One account in one mode. Every verb is one turn: its events leave together, at its end."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self._turn = books.world.turn
