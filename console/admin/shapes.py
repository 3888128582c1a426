"""What the answers look like, for the OpenAPI document. Further fields may come with a release."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta as Says

from console.fulfillments.values import Status
from shared.keys import ObjectKind

Stamp = Annotated[str, Says(extra_json_schema={"format": "date-time"})]
Plain = dict[str, Any]
OfPass = TypedDict("OfPass", {"pass": int})  # a word that a class can't have
OfAnyPass = TypedDict("OfAnyPass", {"pass": int | None})


class Meta(TypedDict):
    """Beside every answer. `request_id` is also in the header X-Request-Id."""

    request_id: str
    timestamp: Stamp


class PageMeta(Meta):
    """`next_cursor` is the `cursor` of the next page; null on the last."""

    limit: int
    next_cursor: str | None


class CatalogMeta(PageMeta):
    """`read_at` is when the service was asked; ask with fresh=true to have it asked again."""

    read_at: Stamp


class LicenseKitMeta(CatalogMeta):
    """LicenseKit lists 200 of a kind at the most: `complete` says whether these are all."""

    complete: bool


class Error(TypedDict):
    """`code` is for programs, `message` for people, `detail` the particulars."""

    code: str
    message: str
    detail: NotRequired[str]


class Failure(TypedDict):
    """LicenseKit's error envelope."""

    error: Error
    meta: Meta


class Sale(TypedDict):
    """Which sale. `account` is "" for your own."""

    account: str
    livemode: bool
    kind: ObjectKind
    id: str


class Step(TypedDict):
    """A step as the journal has it."""

    step: str
    key: str
    status: Literal["started", "done", "failed"]
    error: str | None


class StepWithReason(Step):
    """A step, and why the plan asked for it."""

    why: str


class Problem(TypedDict):
    """What waits for a person."""

    cause: str
    subject: str
    message: str


class Fulfillment(OfPass):
    """One pass over one sale. `pass` is its number; the ids are LicenseKit's."""

    sale: Sale
    events: list[str]
    status: Status
    steps: list[Step]
    problems: list[Problem]
    customer_id: str | None
    order_ids: list[str]
    subscription_id: str | None
    license_ids: list[str]
    started_at: Stamp
    finished_at: Stamp | None


class FulfillmentInFull(Fulfillment):
    """One pass with its reasons, and the mapping version that each price was sold under."""

    steps: list[StepWithReason]  # type: ignore[misc]  # more than the list has
    worker: str
    notes: list[str]
    error: str | None
    mapping_versions: dict[str, int]


class Story(TypedDict):
    """All that is known of a sale. `now` says where it stands and what to do."""

    sale: Sale
    status: Status | None
    customer_id: str | None
    now: str
    bought: Plain
    terms: list[Plain]
    queue: Plain
    story: list[Plain]
    links: list[Plain]
    problems: list[Plain]


class Told(TypedDict):
    """The sales that an id stands for, newest first, and events of it that belong to no sale."""

    id: str
    sales: list[Story]
    events: list[Plain]


class Plan(TypedDict):
    """What a pass would do now. `guard` is why it would be refused, or null."""

    sale: Sale
    bought: str
    category: str | None
    steps: list[Plain]
    problems: list[Plain]
    notes: list[str]
    mapping_versions: dict[str, int]
    terms: list[Plain]
    guard: str | None


class Outcome(OfAnyPass):
    """How a pass ended; `busy` means that a worker is at the sale, which will do."""

    sale: Sale
    status: str
    steps: list[str]
    error: str | None


class Retried(TypedDict):
    """How many sales a retry raised, or in a dry run would raise, and the first of them."""

    dry_run: bool
    count: int
    first: list[Plain]
    by_status: NotRequired[dict[str, int]]


class Sweep(TypedDict):
    """A sweep over Stripe's objects. `report` is there once it has looked at everything."""

    id: int
    since: Stamp | None
    dry_run: bool
    forced: bool
    state: Literal["wanted", "running", "stopped", "done", "refused", "failed"]
    progress: Plain
    report: Plain | None
    error: str | None
    asked_by: str
    asked_at: Stamp
    finished_at: Stamp | None


class ProblemGroup(TypedDict):
    """All that waits for one act of a person: `first` what to do, then `command` releases it."""

    cause: str
    subject: str
    account: str
    livemode: bool | None
    happened: str
    means: str
    first: str
    command: str
    count: int
    unit: str
    waiting: Plain
    since: Stamp | None
    ids: list[str]
    says: str


class Event(TypedDict):
    """An event as the inbox has it. `delivered` is false for one that a sweep had to fetch."""

    number: int
    event: str
    type: str
    account: str
    livemode: bool
    api_version: str | None
    state: Literal["recorded", "ignored", "refused"]
    reason: str | None
    object: str | None
    sale: Sale | None
    delivered: bool
    created_at: Stamp
    received_at: Stamp
    payload: NotRequired[Plain | None]


class MappedBy(TypedDict):
    """The mapping that sells a price."""

    version: int
    by: Literal["price", "product"]
    product_id: str
    policy_id: str


class Price(TypedDict):
    """An active price of Stripe's. `amount` is for people; `mapping` null where none sells it."""

    id: str
    amount: str
    currency: str
    unit_amount: int | None
    type: str
    nickname: str | None
    mapping: MappedBy | None


class StripeProduct(TypedDict):
    """An active product of Stripe's with its active prices."""

    id: str
    name: str
    account: str
    livemode: bool
    prices: list[Price]


class Named(TypedDict):
    """A policy's or a feature's names."""

    id: str
    name: str
    code: str


class Policy(Named):
    """What a license of it is."""

    license_type: str


class LicenseKitProduct(Named):
    """A product of LicenseKit's with what a mapping may name."""

    policies: list[Policy]
    features: list[Named]


class Mapping(TypedDict):
    """One version of a mapping. With all=true also who set and ended it, and when."""

    version: int
    account: str
    livemode: bool
    stripe_price_id: str | None
    stripe_product_id: str | None
    product_id: str
    policy_id: str
    terms: Plain
    retired: bool
    state: NotRequired[Literal["current", "replaced", "retired"]]
    set_at: NotRequired[Stamp]
    set_by: NotRequired[str]
    ended_at: NotRequired[Stamp | None]
    ended_by: NotRequired[str | None]


class MappingSet(Mapping):
    """The mapping as it stands now, and how many sales had waited for it."""

    released: int
