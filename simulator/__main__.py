"""`python -m simulator`: the simulator as a process of its own, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence

from simulator.server import Server, listen, url_of
from simulator.stripe import Stripe


def read_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port; 0 takes any free one")
    parser.add_argument("--webhook-url", help="where deliveries go")
    parser.add_argument(
        "--webhook-secret", action="append", default=[], help="whsec_…; repeat to sign with several"
    )
    parser.add_argument(
        "--api-key", action="append", default=[], help="accept this key too; repeatable"
    )
    parser.add_argument("--seed", type=int, help="the same ids and accidents each time")
    parser.add_argument(
        "--test-clock", action="store_true", help="objects say that they live on a test clock"
    )
    parser.add_argument("--senders", type=int, default=1, help="deliveries at once")
    return parser.parse_args(arguments)


def make_stripe(options: argparse.Namespace) -> Stripe:
    stripe = Stripe(seed=options.seed, senders=options.senders, test_clock=options.test_clock)
    for key in options.api_key:
        stripe.add_key(key)
    if options.webhook_url:
        stripe.deliver_to(options.webhook_url, *options.webhook_secret)
    return stripe


def main() -> None:
    """Print one line when the port is open: `{"url": "http://127.0.0.1:…"}`."""
    options = read_arguments()
    try:
        stripe = make_stripe(options)
    except ValueError as wrong:
        sys.exit(f"simulator: {wrong}")
    for stopping in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stopping, lambda *_: sys.exit(0))  # after uvicorn's own clean stop
    listener = listen(options.host, options.port)
    stripe.start()
    print(json.dumps({"url": url_of(listener)}), flush=True)  # connections wait in the backlog
    try:
        Server(stripe).run(sockets=[listener])
    finally:
        stripe.stop()
        listener.close()


if __name__ == "__main__":
    main()
