"""Our Stripe App's doors: other accounts install it here, and its views in the dashboard ask us."""
