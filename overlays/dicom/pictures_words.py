"""Writes words across the foot of a picture, so that they cannot be taken off it."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SMALLEST, LARGEST = 9, 22
MARGIN = 3
NARROWEST = 96
"""Pixels that a picture is made wide at least, so that words can be read."""


def with_words(pixels: np.ndarray, text: str) -> np.ndarray:
    """The picture as RGB with the text on a dark band below it, on as many lines as it needs; narrow ones are widened with black."""
    picture = Image.fromarray(np.ascontiguousarray(pixels)).convert("RGB")
    width = max(picture.width, NARROWEST)
    font = ImageFont.load_default(min(LARGEST, max(SMALLEST, width // 32)))
    lines = _lines(text, font, width - 2 * MARGIN)
    step = sum(font.getmetrics()) + 1
    out = Image.new("RGB", (width, picture.height + step * len(lines) + 2 * MARGIN))
    out.paste(picture, ((width - picture.width) // 2, 0))
    draw = ImageDraw.Draw(out)
    for index, line in enumerate(lines):
        draw.text((MARGIN, picture.height + MARGIN + index * step), line, fill=(255, 255, 255), font=font)
    return np.asarray(out)


def _lines(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
