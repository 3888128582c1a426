"""Where webhooks and worker meet: settings, keys, tables and the few verbs over them."""
