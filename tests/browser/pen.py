"""A hand that draws on the canvas, with a mouse or a finger, and a picture that is brought."""

import io

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from ui.strokes import SIDE

Lines = list[list[tuple[float, float]]]
UP = {"type": "touchEnd", "touchPoints": []}


def canvas(page: Page) -> Locator:
    """Return what one draws on."""
    return page.locator("canvas.upper-canvas")


def places_of(
    page: Page, lines: Lines, height: float, left: float, top: float
) -> list[list[tuple[float, float]]]:
    """Return where on the page lines of a box of 1 by 1 go, in a box so tall on the canvas."""
    expect(canvas(page)).to_have_count(1)
    box = canvas(page).bounding_box()
    assert box["width"] == SIDE
    x, y = box["x"] + left, box["y"] + top
    return [[(x + 0.75 * height * a, y + height * b) for a, b in line] for line in lines]


def draw(
    page: Page, lines: Lines, *, height: float = 200, left: float = 70, top: float = 50
) -> None:
    """Draw lines with the mouse."""
    for line in places_of(page, lines, height, left, top):
        page.mouse.move(*line[0])
        page.mouse.down()
        for place in line[1:]:
            page.mouse.move(*place, steps=2)
        page.mouse.up()


def draw_with_a_finger(page: Page, lines: Lines) -> None:
    """Draw lines with a finger, after bringing the canvas into view."""
    canvas(page).scroll_into_view_if_needed()
    touch = page.context.new_cdp_session(page)

    def finger(kind: str, place: tuple[float, float]) -> None:
        points = [{"x": place[0], "y": place[1]}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    for line in places_of(page, lines, 200, 70, 50):
        finger("touchStart", line[0])
        for (x, y), (next_x, next_y) in zip(line, line[1:], strict=False):
            for part in (0.25, 0.5, 0.75, 1):
                finger("touchMove", (x + part * (next_x - x), y + part * (next_y - y)))
        touch.send("Input.dispatchTouchEvent", UP)


def picture_of_a_one() -> dict[str, object]:
    """Return a file to be brought: a 1 in black on white."""
    pixels = np.full((120, 120), 255, np.uint8)
    pixels[25:95, 56:64] = 0
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return {"name": "one.png", "mimeType": "image/png", "buffer": content.getvalue()}
