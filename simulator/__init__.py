"""A small Stripe with a clock, over real HTTP, for the demo, the tests and the benchmarks.

Start with `simulator.server.serve` (in this process) or `python -m simulator` (one of its own).
It imports nothing of ours and not Stripe's SDK, so that it can't share our mistakes.
"""
