"""Documents to text, one module a format."""
