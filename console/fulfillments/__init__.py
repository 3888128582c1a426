"""The passes that were made, for people: found by any id, told as rows. Nothing here writes."""

from console.fulfillments.rows import read_fulfillments, read_page
from console.fulfillments.values import Filters, Fulfillment, Page

__all__ = ["Filters", "Fulfillment", "Page", "read_fulfillments", "read_page"]
