"""The OpenAPI 3.1 document, made from the table that the routes are made from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec.structs import fields

from console.admin import shapes
from console.admin.fields import object_schema, schema_of
from console.admin.values import PREFIX, Body, Name, Operation

Document = dict[str, Any]

REF = "#/components/schemas/"
IN_PATH: dict[str, Document] = {
    "sale": {
        "description": "Any id of the sale, or its key: own/test/subscription/sub_1, as it is or "
        "with its slashes percent-encoded.",
        "schema": msgspec.json.schema(Name),
    },
    "number": {
        "description": "Its number.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
    },
}
ALWAYS = {
    400: "The query or the body is not what this document says; every fault is named.",
    401: "No token, or one that nobody knows, that expired or that was revoked.",
    403: "The token lacks the scope that `detail` names.",
    503: "The database or a service is down, or a setting lacks: the message says what to do.",
}
ABOUT = (
    "The verbs of `fulfill` over HTTP. Answers come in LicenseKit's envelope. Lists go newest "
    "first and on with `cursor`. Scopes: `product:read` reads, `product:write` writes, and "
    "`admin` satisfies both; none implies another. Answers may get further fields."
)


def describe(operations: Sequence[Operation], *, version: str) -> Document:
    """The whole document. It holds no secret, so it is served to everybody."""
    paths: dict[str, Document] = {}
    for one in operations:
        paths.setdefault(PREFIX + one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Fulfillment admin", "version": version, "description": ABOUT},
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(operations),
        },
        "security": [{"token": []}],
    }


def _operation(one: Operation) -> Document:
    described: Document = {
        "operationId": one.name,
        "summary": one.summary,
        "description": f"{one.summary} Requires the scope `{one.scope}`.",
        "x-required-scopes": [one.scope],
        "parameters": [*_in_path(one), *_in_query(one)],
        "responses": _responses(one),
    }
    if one.body is not None:
        described["requestBody"] = {"required": True, "content": _json(_ref(_body_name(one.body)))}
    return described


def _in_path(one: Operation) -> Iterable[Document]:
    for name in re.findall(r"\{(\w+)\}", one.path):
        yield {"name": name, "in": "path", "required": True, **IN_PATH[name]}


def _in_query(one: Operation) -> Iterable[Document]:
    for field in fields(one.query):
        schema = schema_of(field, in_query=True)
        about = schema.pop("description", None)
        parameter = {"name": field.name, "in": "query", "required": False, "schema": schema}
        yield parameter if about is None else {**parameter, "description": about}


def _responses(one: Operation) -> Document:
    good = {
        "type": "object",
        "properties": {"data": _schema(one.data), "meta": _schema(one.meta)},
        "required": ["data", "meta"],
    }
    failures = {**ALWAYS, **one.others}
    if one.body is not None:
        failures[413] = "The body is over 1 MiB."
    answers = {status: _response(says, good) for status, says in one.success.items()}
    answers |= {status: _response(says, _ref("Failure")) for status, says in failures.items()}
    return {str(status): answers[status] for status in sorted(answers)}


def _response(says: str, schema: Document) -> Document:
    return {"description": says, "content": _json(schema)}


def _schemas(operations: Sequence[Operation]) -> Document:
    answers = [one.data for one in operations] + [one.meta for one in operations]
    _, found = msgspec.json.schema_components(
        [*answers, shapes.Failure], ref_template=REF + "{name}"
    )
    for body in (one.body for one in operations):
        if isinstance(body, Body):
            found[body.name] = body.schema()
        elif body is not None:
            found[body.__name__] = object_schema(body)
    return dict(sorted(found.items()))


def _schema(kind: Any) -> Document:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=REF + "{name}")
    return schema


def _body_name(body: Any) -> str:
    return str(body.name if isinstance(body, Body) else body.__name__)


def _ref(name: str) -> Document:
    return {"$ref": REF + name}


def _json(schema: Document) -> Document:
    return {"application/json": {"schema": schema}}
