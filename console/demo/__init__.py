"""Eight sales played on this machine, by the real programs, with a small Stripe at their door.

Order of reading: `acts` (four sales, and what goes wrong), `lives` (four more, by the calendar),
`verdict` (what must then be true).
"""
