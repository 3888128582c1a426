"""Brings sales to rest: QUEUE > SNAPSHOT > PLAN > APPLY > JOURNAL. Read `reconcile.py` first."""
