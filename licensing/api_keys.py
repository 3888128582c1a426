"""Management tokens and the scopes they carry. How a token is checked: `access`."""

from __future__ import annotations

from ipaddress import ip_network

import sqlalchemy as sa

from licensing import records
from licensing.bodies import ApiKeyCreate, given
from licensing.call import Call, Data, record
from licensing.errors import invalid
from licensing.identifiers import digest, new_id, new_token
from licensing.tables import api_keys

TOKEN_PREFIX_CHARACTERS = 10  # enough to tell two tokens apart, far from enough to guess one


def list_api_keys(call: Call) -> list[Data]:
    return [records.present(api_keys, row) for row in records.newest(call, api_keys)]


def create_api_key(call: Call, body: ApiKeyCreate) -> Data:
    """A new token, shown this once. Without scopes it may do everything, as the contract says."""
    values, token = given(body), new_token()
    cidrs = [_network(text) for text in values.get("allowed_cidrs", [])]
    row = values | {
        "id": new_id("key"),
        "scopes": list(dict.fromkeys(values.get("scopes", ["admin"]))),
        "allowed_cidrs": cidrs,
        "token_hash": digest(token),
        "key_prefix": token[:TOKEN_PREFIX_CHARACTERS],
        "created_at": call.now,
    }
    stored = call.tx.execute(sa.insert(api_keys).values(row).returning(api_keys)).mappings().one()
    record(call, "api_key.created", row["id"], {"scopes": row["scopes"]})
    return {"api_key": records.present(api_keys, dict(stored)), "token": token}


def _network(text: str) -> str:
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        raise invalid("allowed_cidrs holds a text that is not an IP network") from None
