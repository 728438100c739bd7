"""Engines: machinery that turns pages into raw text. They never import one another."""
