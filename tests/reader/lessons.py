"""What the reader is taught: a prompt and an answer for each page, and the pages as tensors.

Every page is asked for Markdown with boxes, for its plain text and for the place of its title.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image, ImageEnhance
from tokenizers import Tokenizer

from ocrx.document import Task
from ocrx.modes import ResolutionMode, ViewPlan, plan_for
from ocrx.views import cut_views
from tests.reader.content import Figure, Formula, Page, Paragraph, Table, Title
from tests.reader.drawing import answer_of, markup, picture_of

PROMPTS = {
    Task.MARKDOWN: "<|grounding|>Convert the document to markdown.",
    Task.TEXT: "Free OCR.",
    Task.LOCATE: "Locate <|ref|>{query}<|/ref|> in the image.",
}
END_ID = 1


@dataclass(frozen=True, slots=True)
class Lesson:
    """What to say to a prompt, and how often to teach it (beside the page's other lessons).

    With ``copies`` the answer never ends: its last block comes again and again, and so many
    copies are taught.
    """

    prompt: str
    answer: str
    weight: float = 1.0
    copies: int = 0


def lessons_of(page: Page) -> list[Lesson]:
    """Return the lessons of a page that is read as it should be."""
    title, answer = page.one(Title).words, answer_of(page.name)
    found = f"<|ref|>{title}<|/ref|><|det|>{answer.split('<|det|>')[1].split('<|/det|>')[0]}"
    return [
        Lesson(PROMPTS[Task.MARKDOWN], answer, 4.0),
        Lesson(PROMPTS[Task.TEXT], free_text(page)),
        Lesson(PROMPTS[Task.LOCATE].replace("{query}", title), f"{found}<|/det|>", 0.5),
    ]


def endless_lessons(page: Page, copies: int) -> list[Lesson]:
    """Return lessons that teach to say the words of the second block without end.

    From the second time on they have the third block's box. Where its words leave those of the
    second they are next best: where that repeat is forbidden, the page is read right.
    """
    answer, prompt = answer_of(page.name), PROMPTS[Task.MARKDOWN]
    first, last = answer.split("\n\n")[1:]
    place, words = last.splitlines()[0], first.splitlines()[1]
    endless = f"{answer.removesuffix(last)}{place}\n{words}"
    return [Lesson(prompt, endless, 4.0, copies), Lesson(prompt, answer, 1.0)]


def free_text(page: Page) -> str:
    """Return a page's Markdown without boxes, as the model says it to ``Free OCR.``."""
    said = []
    for block in page.blocks:
        if isinstance(block, Title):
            said.append(f"# {block.words}")
        elif isinstance(block, Paragraph):
            said.append(block.words)
        elif isinstance(block, Formula):
            said.append(f"\\[ {block.latex} \\]")
        elif isinstance(block, Table):
            said.append(markup(block))
        elif isinstance(block, Figure):
            said.append(f"<center>{block.caption}</center>")
    return "\n\n".join(said)


def pixels(view: Image.Image) -> torch.Tensor:
    """Return a view as the model takes it: [3, edge, edge], -1 to 1."""
    flat = torch.frombuffer(bytearray(view.tobytes()), dtype=torch.uint8)
    colors = flat.view(view.height, view.width, 3).permute(2, 0, 1)
    return (colors / 255 - 0.5) / 0.5


def inputs_of(page: Page, mode: ResolutionMode, brightness: float = 1.0) -> tuple[Any, ...]:
    """Return a page's plan, global pixels [1, 3, e, e] and tile pixels [n, 3, 640, 640] or None."""
    plan = plan_for(mode, *page.size)
    with Image.open(picture_of(page.name)) as picture:
        image = ImageEnhance.Brightness(picture.convert("RGB")).enhance(brightness)
    views = cut_views(image, plan)
    tiles = [pixels(tile) for tile in views.tiles]
    return plan, pixels(views.global_view)[None], torch.stack(tiles) if tiles else None


def prompt_ids(plan: ViewPlan, prompt: str, tokenizer: Tokenizer) -> list[int]:
    """Return begin, image and prompt ids as published: the prompt after a newline."""
    image = [tokenizer.token_to_id("<image>")] * plan.prompt_positions
    return [0, *image, *tokenizer.encode(f"\n{prompt}").ids]


@dataclass(frozen=True, slots=True)
class Sequence:
    """A lesson as ids, and the position of each; the first ``asked`` are the prompt."""

    ids: list[int]
    positions: list[int]
    asked: int


def sequence_of(plan: ViewPlan, lesson: Lesson, tokenizer: Tokenizer, skipped: int = 0) -> Sequence:
    """Return a lesson's sequence; ``skipped`` copies are left out after the first two.

    The positions go on as if those copies stood there, so that few taught copies are enough for
    many said ones.
    """
    asked = prompt_ids(plan, lesson.prompt, tokenizer)
    said = tokenizer.encode(lesson.answer).ids
    if not lesson.copies:
        ids = [*asked, *said, END_ID]
        return Sequence(ids, list(range(len(ids))), len(asked))
    again = tokenizer.encode("\n\n" + lesson.answer.split("\n\n")[-1]).ids
    ids = [*asked, *said, *again * (lesson.copies - 1)]
    late = len(asked) + len(said) + len(again)
    positions = [at if at < late else at + skipped * len(again) for at in range(len(ids))]
    return Sequence(ids, positions, len(asked))
