"""The command line: one module a command; ``main.py`` maps errors to exit codes."""
