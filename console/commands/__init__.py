"""One module a command of `fulfill`, each with its own `app`. The list of them: `console.cli`."""
