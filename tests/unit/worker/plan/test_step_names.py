"""A step names itself twice: for people, and for machines by the target that it states."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.worlds.sales import ADA, on
from worker.apply.runner import kind_of
from worker.plan.ids import Ref, ref_at, slot_of
from worker.plan.steps import (
    Adopt,
    AssignFeature,
    EnsureCustomer,
    IssueLicense,
    NoteLifted,
    RecordOrder,
    RecordSubscription,
    ReinstateLicense,
    RemoveFeature,
    RenewLicense,
    ReuseLicense,
    RevokeLicense,
    RevokeOrphan,
    Step,
    SubscriptionRecord,
    SuspendLicense,
    UpdateCustomer,
    WriteBack,
)
from worker.state import TargetKind

LICENSE, ORDER = ref_at("si_1", 2, 1), Ref("order", "in_1/prod_app")
WHO, SUB = Ref("customer", "cus_ada"), Ref("subscription", "sub_1/prod_app")
RECORD = SubscriptionRecord("past_due", on(2026), on(2027), False, None)
ISSUE = IssueLicense(LICENSE, "si_1", "prod_app", "pol_sub", on(2027), WHO, ADA, "why")

STEPS: list[tuple[Step, str, str]] = [
    (EnsureCustomer(ADA, "why"), "ensure-customer/cus_ada", "find or create customer cus_ada"),
    (
        UpdateCustomer(ADA, "lkc_1", "why"),
        "update-customer/cus_ada",
        "update name and e-mail of customer cus_ada",
    ),
    (
        RecordSubscription(SUB, "sub_1", "prod_app", RECORD, "why"),
        "record-subscription/sub_1/prod_app/past_due/2027-01-01T00:00:00Z",
        "record subscription sub_1 of prod_app: past_due until 2027-01-01",
    ),
    (
        RecordOrder(ORDER, "in_1", "prod_app", "why", "refunded"),
        "record-order/in_1/prod_app/refunded",
        "record order in_1 of prod_app: refunded",
    ),
    (
        ISSUE,
        "issue-license/si_1/2/pol_sub",
        "issue license si_1/2 under pol_sub until 2027-01-01",
    ),
    (
        replace(ISSUE, ref=ref_at("si_1", 2, 3), expires_at=None, replaces="lic_1"),
        "issue-license/si_1/2/3/pol_sub",
        "issue license si_1/2/3 under pol_sub for ever in place of lic_1",
    ),
    (
        ReuseLicense(LICENSE, "lic_1", ref_at("si_0", 1, 1), "why"),
        "reuse-license/si_1/2/lic_1",
        "reuse lic_1 of si_0/1 as si_1/2",
    ),
    (
        Adopt(LICENSE, "lic_1", {}, "found on order ord_1"),
        "adopt-license/si_1/2/lic_1",
        "adopt lic_1 as si_1/2, found on order ord_1",
    ),
    (
        Adopt(ORDER, "ord_1", {}, "found in LicenseKit's list"),
        "adopt-order/in_1/prod_app/ord_1",
        "adopt order ord_1 as in_1/prod_app, found in LicenseKit's list",
    ),
    (
        RenewLicense("lic_1", "si_1", on(2028), "why"),
        "renew-license/lic_1/2028-01-01T00:00:00Z",
        "renew lic_1 (si_1) until 2028-01-01",
    ),
    (
        RenewLicense("lic_1", "si_1", on(2026, 2), "why", move=3, shortens=True),
        "renew-license/lic_1/2026-02-01T00:00:00Z",
        "shorten lic_1 (si_1) until 2026-02-01",
    ),
    (
        SuspendLicense(LICENSE, "unpaid", "why"),
        "suspend-license/si_1/2/unpaid",
        "suspend license si_1/2: unpaid",
    ),
    (
        ReinstateLicense(LICENSE, "unpaid", "why"),
        "reinstate-license/si_1/2/unpaid",
        "reinstate license si_1/2: no longer unpaid",
    ),
    (
        NoteLifted(LICENSE, "unpaid", "why"),
        "note-lifted/si_1/2/unpaid",
        "note that a person lifted the hold of si_1/2: unpaid",
    ),
    (
        NoteLifted(LICENSE, "", "why"),
        "note-lifted/si_1/2/over",
        "forget that a person lifted a hold of license si_1/2",
    ),
    (
        RevokeLicense(LICENSE, "lic_1", "refunded", "why"),
        "revoke-license/si_1/2/refunded",
        "revoke lic_1 (si_1/2): refunded",
    ),
    (
        AssignFeature(LICENSE, "feat_seats", 3, "why"),
        "assign-feature/si_1/2/feat_seats/3",
        "assign feature feat_seats up to 3 to license si_1/2",
    ),
    (
        AssignFeature(LICENSE, "feat_api", None, "why"),
        "assign-feature/si_1/2/feat_api/None",
        "assign feature feat_api to license si_1/2",
    ),
    (
        AssignFeature(LICENSE, "feat_seats", 0, "why"),
        "assign-feature/si_1/2/feat_seats/0",
        "assign feature feat_seats up to 0 to license si_1/2",
    ),
    (
        RemoveFeature(LICENSE, "feat_api", "why"),
        "remove-feature/si_1/2/feat_api",
        "remove feature feat_api from license si_1/2",
    ),
    (
        RevokeOrphan("lic_1", LICENSE, "why"),
        "revoke-orphan/lic_1",
        "revoke lic_1, made for si_1/2 but its key was lost",
    ),
    (
        WriteBack("payment_intent", "pi_1", {}, "why"),
        "write-back/payment_intent/pi_1",
        "write ids to payment intent pi_1",
    ),
]


@pytest.mark.parametrize(("step", "key", "text"), STEPS, ids=[key for _, key, _ in STEPS])
def test_each_step_says_what_will_stand_when_it_is_done(step: Step, key: str, text: str) -> None:
    """The page shows the sentence; the journal, the log and the counters go by the key."""
    assert (step.key, str(step)) == (key, text)


def test_the_kind_of_a_step_names_nobody() -> None:
    """It is a label of our counters, so that there are few of them."""
    kinds = {kind_of(step) for step, _, _ in STEPS}

    assert kinds == {key.partition("/")[0] for _, key, _ in STEPS}
    assert not any(character in kind for kind in kinds for character in "/_0123456789")


@pytest.mark.parametrize(
    ("place", "name"),
    [(("si_1", 1, 1), "si_1/1"), (("si_1", 12, 1), "si_1/12"), (("li_1", 1, 3), "li_1/1/3")],
)
def test_the_name_of_a_license_leads_back_to_line_unit_and_issue(
    place: tuple[str, int, int], name: str
) -> None:
    """The first license of a unit says no number, as it did before there were others."""
    assert ref_at(*place).stripe_key == name
    assert slot_of(name) == place


@pytest.mark.parametrize(
    "kind", ["customer", "checkout_session", "payment_intent", "subscription", "invoice"]
)
def test_a_kind_of_object_is_written_as_people_say_it(kind: TargetKind) -> None:
    """Without the underscore of Stripe's own name."""
    text = str(WriteBack(kind, "x_1", {}, "why"))

    assert text == f"write ids to {' '.join(kind.split('_'))} x_1"
