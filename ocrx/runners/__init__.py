"""Where recognition runs: this process, or worker processes."""
