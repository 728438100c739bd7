"""From pages to a document: what only shows over several blocks, columns or pages."""
