"""From pages to documents: what to ask, who reads, what is kept, what comes of it."""
