"""Raw text of an engine to blocks, one module a dialect."""
