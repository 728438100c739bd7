"""ocrx: PDFs, scans and photos to Markdown, HTML, LaTeX and JSON."""
