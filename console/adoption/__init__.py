"""What `fulfill adopt` is made of: rows of a file, the sales they name, and a look at each."""
