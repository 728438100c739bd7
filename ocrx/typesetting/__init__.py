"""How print is set: hyphens at line ends, list marks, page numbers, repeated heads."""
