"""`python -m console` is `fulfill`, for whoever has no command of that name on the path."""

from console.cli import main

main()
