"""The special verbs about money: below an object, `POST /v1/disputes/{id}/close`."""

from __future__ import annotations

from collections.abc import Callable

from simulator import disputes
from simulator.api.call import Call
from simulator.books import Books
from simulator.params import Params
from simulator.values import Obj

Verb = Callable[[Books, Obj, Params], Obj]


def on(kind: str, verb: Verb) -> Callable[[Call], Obj]:
    """Do that to the object that the path names, with the parameters given."""

    def act(call: Call) -> Obj:
        found = call.books.get(kind, call.path_id)
        return verb(call.books, found, Params(call.given))

    return act


def _accept(books: Books, dispute: Obj, params: Params) -> Obj:
    params.refuse_unknown()
    return disputes.accept(books, dispute)


# Path, what it does, methods.
MONEY: tuple[tuple[str, Callable[[Call], Obj], str], ...] = (
    ("/v1/disputes/{id}/close", on("dispute", _accept), "POST"),
)
