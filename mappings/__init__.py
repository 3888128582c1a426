"""Which Stripe price or product sells which LicenseKit product and policy, and on which terms."""
