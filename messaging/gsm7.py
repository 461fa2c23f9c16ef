"""The alphabet of text messages: outside of it a segment holds 70 characters, not 160 (3GPP TS 23.038)."""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")  # each takes two places
SEGMENT = 160


def fits_one_segment(text: str) -> bool:
    """Say whether a text is sent, and paid, as one message."""
    letters = set(text)
    places = len(text) + sum(letter in EXTENDED for letter in text)
    return letters <= BASIC | EXTENDED and places <= SEGMENT
