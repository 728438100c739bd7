"""Many documents into one folder: plan, skip what is done, convert, write, record."""
