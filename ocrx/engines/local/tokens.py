"""Text to token ids and back, with the tokenizer of a checkpoint.

What is asked of a model for ``catalogue``; how many positions an image takes for ``ViewPlan``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer

from ocrx.engines.local.catalogue import TOKENIZER_FILE
from ocrx.errors import MissingRequirementError

# The published tokenizers' names of the tokens that carry no text.
_BEGIN = "<｜begin▁of▁sentence｜>"  # noqa: RUF001 - the bars are part of the name
_END = "<｜end▁of▁sentence｜>"  # noqa: RUF001
_PAD = "<｜▁pad▁｜>"  # noqa: RUF001
_IMAGE = "<image>"


class Tokens:
    """The tokenizer of a checkpoint folder."""

    def __init__(self, folder: Path) -> None:
        """Read ``tokenizer.json``.

        Raises:
            MissingRequirementError: it is missing, broken, or lacks a token that a prompt needs.
        """
        path = folder / TOKENIZER_FILE
        try:
            self._tokenizer = Tokenizer.from_str(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise MissingRequirementError(f"no tokenizer at {path}: {error.strerror}") from error
        except Exception as error:  # the library raises nothing narrower
            raise MissingRequirementError(f"{path} is no tokenizer: {error}") from error
        self._path = path
        self._begin = self.id_of(_BEGIN)
        self.image_id = self.id_of(_IMAGE)
        self.end_ids = frozenset({self.id_of(_END)})
        self._silent = self.end_ids | {self._begin, self.id_of(_PAD)}

    def id_of(self, token: str) -> int:
        """Return the id of a token by its name.

        Raises:
            MissingRequirementError: the tokenizer does not have it.
        """
        found = self._tokenizer.token_to_id(token)
        if found is None:
            raise MissingRequirementError(f"{self._path} has no token {token!r}")
        return found

    def prompt_ids(self, prompt: str, image_positions: int, image_break: str = "\n") -> list[int]:
        """Return the ids of a whole prompt: begin, the image's positions, the question.

        The published runners end a prompt at its last letter, and write no other special token.
        """
        question = self._tokenizer.encode(image_break + prompt.rstrip(), add_special_tokens=False)
        return [self._begin, *[self.image_id] * image_positions, *question.ids]

    def text(self, ids: Iterable[int]) -> str:
        """Return the text of generated ids.

        Tags of tables and boxes are special tokens and stay; begin, end and padding go. Bytes that
        are no UTF-8 become U+FFFD.
        """
        kept = [token for token in ids if token not in self._silent]
        return self._tokenizer.decode(kept, skip_special_tokens=False)
