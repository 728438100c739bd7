"""The models that the local engine knows: data only, one entry a model.

Where a model's files lie on this machine is for ``places``; how they are had for ``hub``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType

from ocrx.document import Task
from ocrx.engines.local.ngrams import RepeatRule
from ocrx.errors import MissingRequirementError
from ocrx.modes import DEFAULT_TILING, ResolutionMode, Tiling

DEFAULT_MODEL = "deepseek-ocr"
QUERY = "{query}"  # stands in the prompt of task locate for what is looked for
CONFIG_FILE = "config.json"
TOKENIZER_FILE = "tokenizer.json"


class Family(StrEnum):
    """Architectures that can be loaded."""

    DEEPSEEK_OCR = "deepseek-ocr"
    DEEPSEEK_OCR_2 = "deepseek-ocr-2"
    UNLIMITED_OCR = "unlimited-ocr"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a sequence may be, and which repeats are forbidden (``strict_rule``: on a retry)."""

    max_positions: int
    max_output_tokens: int
    repeat_rule: RepeatRule
    strict_rule: RepeatRule


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file of a checkpoint: git's hash of a small one, SHA-256 of a large one, where known."""

    name: str
    git_blob: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A published checkpoint: where it is, how it is asked, what it can do.

    ``revision`` is the commit of the hub that is pulled. ``prompts`` are without the image;
    ``image_break`` stands between it and them. ``size_bytes`` is that of the weights.
    """

    name: str
    repo_id: str
    revision: str
    family: Family
    prompts: Mapping[Task, str]
    modes: frozenset[ResolutionMode]
    limits: Limits
    size_bytes: int
    files: tuple[PublishedFile, ...]
    tiling: Tiling = DEFAULT_TILING
    image_break: str = "\n"

    @property
    def tasks(self) -> frozenset[Task]:
        """What the model can be asked."""
        return frozenset(self.prompts)

    def prompt(self, task: Task, query: str | None = None) -> str:
        """Return the prompt of a task; ``query`` is put in as it is.

        Raises:
            KeyError: the model does not know the task.
        """
        return self.prompts[task].replace(QUERY, query or "")


# Ids of the published tokenizer. Cells repeat in every table, and so must not be forbidden to.
_CELLS = frozenset({128821, 128822})  # <td> </td>
_ROWS = frozenset({128823, 128824})  # <tr> </tr>


def _limits(max_positions: int, repeat_rule: RepeatRule) -> Limits:
    """Return limits with a strict rule that looks at all that a sequence can hold.

    What the published rules do not see are loops with a period beyond their window (90 tokens), so
    the strict one has none. Its 20 tokens are more than right answers repeat: two blocks at the
    same left edge share tag, box and opening for about 10 of them, as do rows with equal cells.
    """
    strict = RepeatRule(ngram=20, window=max_positions, allowed=_CELLS | _ROWS)
    return Limits(max_positions, max_positions, repeat_rule, strict)


# The published vLLM runner's rule, and that of the model card for a single page.
_DEEPSEEK_LIMITS = _limits(8192, RepeatRule(ngram=30, window=90, allowed=_CELLS))
_UNLIMITED_LIMITS = _limits(32768, RepeatRule(ngram=35, window=128))

_DEEPSEEK_PROMPTS = MappingProxyType(
    {
        Task.MARKDOWN: "<|grounding|>Convert the document to markdown.",
        Task.TEXT: "Free OCR.",
        Task.OCR: "<|grounding|>OCR this image.",
        Task.FIGURE: "Parse the figure.",
        Task.DESCRIBE: "Describe this image in detail.",
        Task.LOCATE: f"Locate <|ref|>{QUERY}<|/ref|> in the image.",
    }
)

_TWO_SIZES = frozenset({ResolutionMode.BASE, ResolutionMode.GUNDAM})
_SHARD = "model-00001-of-000001.safetensors"
_INDEX = "model.safetensors.index.json"


def _files(
    config: str, processor: str, index: str | None = None, shard_sha256: str | None = None
) -> tuple[PublishedFile, ...]:
    """Return the files of a checkpoint; the three share one tokenizer. All but the shard: git's."""
    return (
        PublishedFile(CONFIG_FILE, git_blob=config),
        PublishedFile("processor_config.json", git_blob=processor),
        PublishedFile(TOKENIZER_FILE, git_blob="c93a1c4d2ecf31bb5a9ec39eb73dfbf915aaf77e"),
        PublishedFile("tokenizer_config.json", git_blob="ba9d4175d69cde58ad9f68a76a4758df091eaffa"),
        PublishedFile(
            "special_tokens_map.json", git_blob="d59d312be868edc63b195e19e256c730dba685ad"
        ),
        PublishedFile(_INDEX, git_blob=index),
        PublishedFile(_SHARD, sha256=shard_sha256),
    )


_CARDS = (
    ModelCard(
        name=DEFAULT_MODEL,
        repo_id="deepseek-ai/DeepSeek-OCR",
        revision="9f30c71f441d010e5429c532364a86705536c53a",
        family=Family.DEEPSEEK_OCR,
        prompts=_DEEPSEEK_PROMPTS,
        modes=frozenset(ResolutionMode),
        limits=_DEEPSEEK_LIMITS,
        size_bytes=6_672_212_480,
        files=_files(
            config="0bc764cb729cfad6649038ce3b5fa6c29e0c5b34",
            processor="9153af2ad5e59ad9cf24fed29cf286fcf10d389a",
            index="76a9e9987d31aec961c934257dc0159b295fdaa6",
        ),
    ),
    ModelCard(
        name="deepseek-ocr-2",
        repo_id="deepseek-ai/DeepSeek-OCR-2",
        revision="aaa02f3811945a91062062994c5c4a3f4c0af2b0",
        family=Family.DEEPSEEK_OCR_2,
        prompts=_DEEPSEEK_PROMPTS,
        modes=_TWO_SIZES,
        limits=_DEEPSEEK_LIMITS,
        size_bytes=6_779_249_408,
        files=_files(
            config="bf67e90876829f88e146c9873e2537ba77f2d203",
            processor="9153af2ad5e59ad9cf24fed29cf286fcf10d389a",
            index="7d80f3c53327ff3fead4558299cd8786c00e34dd",
        ),
        # 256 tokens of the global view and 144 of each tile, 768 // 64 = 12 an edge
        tiling=Tiling(tile_px=768, most=6, row_ends=False),
    ),
    ModelCard(
        name="unlimited-ocr",
        repo_id="baidu/Unlimited-OCR",
        revision="07dea832e22aefee32ad281d4b80551282e1c168",
        family=Family.UNLIMITED_OCR,
        prompts=MappingProxyType({Task.MARKDOWN: "document parsing."}),
        modes=_TWO_SIZES,
        limits=_UNLIMITED_LIMITS,
        size_bytes=6_672_212_480,
        files=_files(
            config="51871434df16d1a04dbf190565e1a4e0d5f48037",
            processor="6b3c4e7b325d9ec404182a3b0585a988cc883d1f",
            shard_sha256="2bc48a7a110061ea58fff65d3169367eebe3aee371ca6968dc2219c1b2855fc6",
        ),
        tiling=Tiling(most=32),
        image_break="",
    ),
)
CATALOGUE: Mapping[str, ModelCard] = MappingProxyType({card.name: card for card in _CARDS})


def card_named(name: str) -> ModelCard | None:
    """Return the card of a model by its name or by its id on the hub, None if there is none."""
    wanted = name.strip().lower()
    return next((c for c in _CARDS if wanted in (c.name, c.repo_id.lower())), None)


def require_card(name: str) -> ModelCard:
    """Return the card of a model by its name or by its id on the hub.

    Raises:
        MissingRequirementError: there is none; the line names the nearest.
    """
    card = card_named(name)
    if card is not None:
        return card
    names = [each for card in _CARDS for each in (card.name, card.repo_id)]
    near = get_close_matches(name.lower(), [each.lower() for each in names], n=1, cutoff=0.5)
    hint = f"did you mean {_as_written(near[0], names)}?" if near else f"there are {_listed()}"
    raise MissingRequirementError(f"no model and no folder {name!r}; {hint}")


def card_of(family: Family) -> ModelCard:
    """Return the card whose prompts and limits a checkpoint of this family goes by."""
    return next(card for card in _CARDS if card.family is family)


def _as_written(lowered: str, names: list[str]) -> str:
    return next(name for name in names if name.lower() == lowered)


def _listed() -> str:
    return ", ".join(CATALOGUE)
