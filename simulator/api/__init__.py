"""Stripe's API over HTTP: routes, keys, pages, expansion, idempotency. No rule of commerce."""
