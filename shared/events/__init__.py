"""What an event of Stripe's hints at: read alike whether it was delivered or fetched."""
