"""The admin routes: the verbs of `fulfill` over HTTP. The table of them all: `operations`."""
