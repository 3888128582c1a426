"""License keys in escrow: whose they are, giving them out by hand, and sealing them anew."""

from console.license_keys.giving import Given, give_out, mark_all_until, mark_given, take_back
from console.license_keys.kept import Kept, find_kept, list_kept

__all__ = [
    "Given",
    "Kept",
    "find_kept",
    "give_out",
    "list_kept",
    "mark_all_until",
    "mark_given",
    "take_back",
]
