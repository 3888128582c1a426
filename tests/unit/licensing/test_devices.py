"""How a request names the device it comes from."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from licensing.bodies import Binding
from licensing.devices import read_binding
from licensing.errors import Refusal


def binding(**fields: Any) -> dict[str, Any]:
    return read_binding(msgspec.convert(fields, Binding))


def test_a_machine_is_its_fingerprint() -> None:
    """Name and system are kept, but don't tell two machines apart."""
    read = binding(fingerprint="f1", hostname="ada.local", os="linux", app_version="2.0")

    assert read == {
        "binding_kind": "hardware",
        "binding_key": "f1",
        "fingerprint": "f1",
        "hostname": "ada.local",
        "os": "linux",
    }


def test_a_container_is_where_it_runs() -> None:
    """All its places together; another pod is another device."""
    one = binding(is_container=True, cluster_id="eu", pod_name="editor-0")
    two = binding(is_container=True, cluster_id="eu", pod_name="editor-1")

    assert one["binding_kind"] == two["binding_kind"] == "container"
    assert one["binding_key"] != two["binding_key"]


def test_places_are_not_mixed_up() -> None:
    """The same word as a namespace and as a pod are two devices."""
    keys = {
        binding(is_container=True, **{place: "a"})["binding_key"]
        for place in ("cluster_id", "namespace", "pod_name", "container_id")
    }

    assert len(keys) == 4


def test_places_with_slashes_are_not_mixed_up() -> None:
    """Where one place ends and the next begins is never in doubt."""
    one = binding(is_container=True, cluster_id="a/b", pod_name="c")
    two = binding(is_container=True, cluster_id="a", namespace="b/", pod_name="c")
    three = binding(is_container=True, cluster_id="a", namespace="b", container_id="c")

    assert len({row["binding_key"] for row in (one, two, three)}) == 3


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({}, "needs a fingerprint"),
        ({"fingerprint": ""}, "needs a fingerprint"),
        ({"is_container": True}, "at least one of"),
        ({"is_container": True, "fingerprint": "f"}, "at least one of"),
        ({"fingerprint": "f", "namespace": "n"}, "need is_container"),
        ({"fingerprint": "f" * 513}, "512 characters"),
    ],
)
def test_a_device_that_is_not_named_is_refused(fields: dict[str, Any], complaint: str) -> None:
    """Nobody could find it again."""
    with pytest.raises(Refusal, match=complaint) as caught:
        binding(**fields)
    assert caught.value.status == 422
