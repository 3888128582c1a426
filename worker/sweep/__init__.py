"""What nobody told us of: events that never arrived, and objects as they stand in Stripe.

A sweep decides nothing: it makes sales due, and passes do the rest.
"""
