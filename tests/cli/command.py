"""Running the command as a user's shell does: a real process, real pipes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode("utf-8")


@dataclass(slots=True)
class Command:
    """``python -m ocrx`` in a folder and an environment of its own."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        foreign = ("OCRX_", "HF_", "HUGGINGFACE_", "TRANSFORMERS_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        home = self.folder / ".home"
        own = {
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")]),
            "PYTHONWARNINGS": "",
            "TERM": "xterm",
        }
        return kept | own | self.variables

    def argv(self, *words: str | bytes | Path) -> list[str | bytes]:
        shown = [str(word) if isinstance(word, Path) else word for word in words]
        return [sys.executable, "-m", "ocrx", *shown]

    def __call__(self, *words: str | bytes | Path, stdin: bytes = b"") -> Result:
        done = subprocess.run(
            self.argv(*words),
            input=stdin,
            capture_output=True,
            cwd=self.folder,
            env=self.environment,
            timeout=90,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))

    def start(self, *words: str | bytes | Path, **streams: int) -> subprocess.Popen[bytes]:
        """Start it and go on."""
        return subprocess.Popen(
            self.argv(*words),
            cwd=self.folder,
            env=self.environment,
            **{"stdin": subprocess.DEVNULL, **streams},
        )


def draw(path: Path | str | bytes, pages: int = 1, shade: int = 255) -> None:
    """Write a picture, or a TIFF of several pages; ``shade`` makes its bytes its own."""
    images = []
    for number in range(1, pages + 1):
        image = Image.new("L", (200, 100 + number), shade)
        ImageDraw.Draw(image).text((20, 40), f"page {number}", fill=0)
        images.append(image)
    file = io.BytesIO()
    if pages == 1:
        images[0].save(file, "PNG")
    else:
        images[0].save(file, "TIFF", save_all=True, append_images=images[1:])
    with open(path, "wb") as out:
        out.write(file.getvalue())
