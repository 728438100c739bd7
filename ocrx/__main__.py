"""Run the command line: ``python -m ocrx``."""

from ocrx.cli.main import main

if __name__ == "__main__":  # workers import this module under another name
    main()
