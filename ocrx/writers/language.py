"""A guess at a document's language, for the ``lang`` attribute: hyphenation and screen readers."""

from __future__ import annotations

import re
from collections import Counter

from ocrx.document import Document

SAMPLE_CHARACTERS = 20_000
_SCRIPTS = (  # the first whose letters make up a fifth of the text
    ("ja", re.compile("[\u3040-\u30ff]"), 0.05),
    ("ko", re.compile("[\uac00-\ud7af]"), 0.2),
    ("zh", re.compile("[\u4e00-\u9fff]"), 0.2),
    ("ru", re.compile("[\u0400-\u04ff]"), 0.2),
    ("el", re.compile("[\u0370-\u03ff]"), 0.2),
    ("ar", re.compile("[\u0600-\u06ff]"), 0.2),
    ("he", re.compile("[\u0590-\u05ff]"), 0.2),
    ("hi", re.compile("[\u0900-\u097f]"), 0.2),
    ("th", re.compile("[\u0e00-\u0e7f]"), 0.2),
)
RIGHT_TO_LEFT = frozenset({"ar", "he"})
_WORDS = {
    "en": "the of and to in is that for with as are was this by from",
    "de": "der die und das ist nicht mit den von ein eine für auf zu im",
    "fr": "le la les et des est une dans pour que qui sur par pas du",
    "es": "el los las y del una que por con para es se como más su",
    "it": "il di che la e per un una con non del della sono gli dei",
    "pt": "o a os que de não uma com para do da em por se mais",
    "nl": "de het een en van is dat niet met voor op zijn te aan bij",
}
_WORD = re.compile(r"[^\W\d_]+")
MIN_VOTES = 5


def guess_language(document: Document) -> str:
    """Return a language code, ``und`` where the text does not say."""
    text = _sample(document)
    letters = sum(character.isalpha() for character in text) or 1
    for code, pattern, share in _SCRIPTS:
        if len(pattern.findall(text)) / letters > share:
            return code
    words = Counter(word.lower() for word in _WORD.findall(text))
    votes = {code: sum(words[word] for word in known.split()) for code, known in _WORDS.items()}
    best = max(votes, key=lambda code: votes[code])
    return best if votes[best] >= MIN_VOTES else "und"


def _sample(document: Document) -> str:
    pieces: list[str] = []
    length = 0
    for page in document.pages:
        for block in page.blocks:
            pieces.append(block.text[:SAMPLE_CHARACTERS])
            length += len(pieces[-1])
            if length > SAMPLE_CHARACTERS:
                return " ".join(pieces)
    return " ".join(pieces)
