"""Four sales played on this machine, by the real programs, with a small Stripe at their door.

Order of reading: `acts` (what is sold and what goes wrong), `verdict` (what must then be true).
"""
