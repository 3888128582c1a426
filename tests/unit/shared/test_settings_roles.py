"""What each program can't start without, what follows from the settings, and what never shows."""

from __future__ import annotations

import pytest

from shared.settings import NEEDS, Role, SettingsError, read_settings

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
WHOLE = {
    "STRIPE_WEBHOOK_SECRET": "whsec_very_secret",
    "STRIPE_SECRET_KEY": "sk_test_very_secret",
    "LICENSEKIT_API_TOKEN": "lk_very_secret",
    "FULFILL_ADMIN_TOKEN": "admin_very_secret",
    "FULFILL_ENCRYPTION_KEYS": KEY,
    "DATABASE_URL": "postgresql+psycopg://ada:very_secret@db/fulfill",
    "LICENSING_DATABASE_URL": "postgresql+psycopg://ada:very_secret@db/licensekit",
    "REDIS_URL": "redis://:very_secret@h/0",
    "FULFILL_METRICS_TOKEN": "metrics_very_secret",
}
# no form, so no fault
ANY_TEXT = {"LICENSEKIT_API_TOKEN", "FULFILL_ADMIN_TOKEN", "FULFILL_METRICS_TOKEN"}


def faults_of(environ: dict[str, str], role: Role = "command") -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read_settings(environ, role=role)
    return caught.value.faults


def test_all_faults_are_told_at_once() -> None:
    """Whoever mends the settings starts the program once more, and not once a fault."""
    environ = {"PORT": "http", "REDIS_URL": "h", "STRIPE_SECRET_KEY": "pk_test_1"}

    with pytest.raises(SettingsError) as caught:
        read_settings(environ, role="worker")

    named = {fault.partition(" ")[0] for fault in caught.value.faults}
    assert named == {*environ, "LICENSEKIT_API_TOKEN", "FULFILL_ENCRYPTION_KEYS"}
    assert str(caught.value).startswith("5 faults in the settings: ")
    assert all(fault in str(caught.value) for fault in caught.value.faults)


def test_one_fault_is_told_in_the_singular() -> None:
    """A small thing, read in a bad moment."""
    with pytest.raises(SettingsError, match=r"^1 fault in the settings: PORT must"):
        read_settings({"PORT": "0"})


@pytest.mark.parametrize("role", NEEDS)
def test_each_program_starts_with_what_it_needs_and_says_why_without(role: Role) -> None:
    """Another program's secrets need not be there: the receiver never sees Stripe's API key."""
    assert read_settings({name: WHOLE[name] for name in NEEDS[role]}, role=role)

    for name, why in NEEDS[role].items():
        rest = {other: text for other, text in WHOLE.items() if other != name}
        assert faults_of(rest, role) == [f"{name} is missing: {why}"]


def test_a_worker_needs_both_services_a_key_for_what_it_keeps_and_redis() -> None:
    """A list, so that a need more is a decision."""
    assert {role: set(needs) for role, needs in NEEDS.items()} == {
        "receiver": {"STRIPE_WEBHOOK_SECRET"},
        "web": set(),
        "worker": {
            "STRIPE_SECRET_KEY",
            "LICENSEKIT_API_TOKEN",
            "FULFILL_ENCRYPTION_KEYS",
            "REDIS_URL",
        },
        "scheduler": {"REDIS_URL"},
        "command": set(),
    }


@pytest.mark.parametrize("empty", ["", "   ", None])
def test_an_empty_signing_secret_refuses_to_start(empty: str | None) -> None:
    """With an empty key anyone could sign."""
    environ = {} if empty is None else {"STRIPE_WEBHOOK_SECRET": empty}

    assert faults_of(environ, "receiver") == [
        "STRIPE_WEBHOOK_SECRET is missing: no delivery could be verified"
    ]


def test_a_web_program_that_was_told_to_take_deliveries_needs_their_secret() -> None:
    """Without being told so, it serves the rest and takes none."""
    assert read_settings({}, role="web").stripe_routes_mounted is False

    assert faults_of({"STRIPE_INTEGRATION_ENABLED": "true"}, "web") == [
        "STRIPE_WEBHOOK_SECRET is missing: no delivery could be verified"
    ]


@pytest.mark.parametrize(
    ("names", "mounted"),
    [
        ((), False),
        (("STRIPE_WEBHOOK_SECRET",), False),
        (("STRIPE_SECRET_KEY",), False),
        (("STRIPE_WEBHOOK_SECRET", "STRIPE_SECRET_KEY"), True),
    ],
)
def test_the_stripe_routes_are_there_when_both_of_stripes_secrets_are(
    names: tuple[str, ...], mounted: bool
) -> None:
    """Or when they are switched on, whatever else is set."""
    environ = {name: WHOLE[name] for name in names}

    assert read_settings(environ).stripe_routes_mounted is mounted
    switched_on = {**environ, "STRIPE_INTEGRATION_ENABLED": "true"}
    assert read_settings(switched_on).stripe_routes_mounted is True


@pytest.mark.parametrize(
    ("key", "livemode"),
    [
        ("", None),
        ("sk_test_1", False),
        ("rk_test_1", False),
        ("sk_live_1", True),
        ("rk_live_1", True),
    ],
)
def test_the_stripe_key_says_which_mode_is_served(key: str, livemode: bool | None) -> None:
    """Without a key no mode is refused."""
    assert read_settings({"STRIPE_SECRET_KEY": key}).livemode is livemode


def test_without_a_licensekit_of_its_own_address_the_embedded_one_is_used() -> None:
    """It answers on our own port; a hosted one answers where it was said to."""
    inside = read_settings({"PORT": "8123"})
    hosted = read_settings({"LICENSEKIT_BASE_URL": "https://licensekit.example/"})

    assert (inside.embedded, inside.licensekit_url) == (True, "http://127.0.0.1:8123")
    assert (hosted.embedded, hosted.licensekit_url) == (False, "https://licensekit.example")


def test_a_port_for_metrics_that_nobody_could_open_is_a_fault() -> None:
    """It would show itself only on the day on which somebody looks for numbers."""
    assert faults_of({"FULFILL_METRICS_PORT": "9100"}) == [
        "FULFILL_METRICS_TOKEN is missing: FULFILL_METRICS_PORT would let nobody in"
    ]

    both = {"FULFILL_METRICS_PORT": "9100", "FULFILL_METRICS_TOKEN": "letmein"}
    assert read_settings(both).metrics_port == 9100


def test_no_secret_stands_in_the_settings_text() -> None:
    """Settings end up in tracebacks; URLs of databases hold passwords too."""
    for text in (repr(read_settings(WHOLE)), str(read_settings(WHOLE))):
        assert "very_secret" not in text
        assert KEY not in text


@pytest.mark.parametrize("name", sorted(WHOLE.keys() - ANY_TEXT))
def test_a_fault_never_repeats_what_was_typed(name: str) -> None:
    """A secret in the wrong place, or cut off when pasted, is still a secret."""
    typed = f"postgresql+psycopg://ada:very_secret@h:{WHOLE[name]}/db,"

    (fault,) = faults_of({name: typed})

    assert "very_secret" not in fault
