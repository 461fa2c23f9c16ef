"""How hard a text is to read: the grade of Flesch and Kincaid (1975), with syllables counted by their vowels."""

from __future__ import annotations

import re


def grade(text: str) -> float:
    """The school grade at which a text can be read; every line and every sentence is one sentence."""
    sentences = [part for part in re.split(r"[.!?:\n]+", text) if re.search(r"[A-Za-z]", part)]
    words = [word for sentence in sentences for word in re.findall(r"[A-Za-z']+", sentence)]
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    """Groups of vowels; a silent e at the end counts for none."""
    plain = re.sub(r"[^a-z]", "", word.lower())
    plain = re.sub(r"(?<=[^aeiouyl])es?$|(?<=[^aeiouytd])ed$", "", plain)
    return max(1, len(re.findall(r"[aeiouy]+", plain)))
