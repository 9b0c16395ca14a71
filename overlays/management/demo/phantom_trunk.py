"""Builds the trunk of the synthetic CT: wall, spine, ribs, lungs and heart, around a cavity for the organs."""

from enum import StrEnum

import numpy as np

from overlays.management.demo.phantom_canvas import Box, Canvas, Point, smooth_noise

EVERYWHERE: Box = (slice(None), slice(None), slice(None))


class Structure(StrEnum):
    """What the phantom knows the outline of."""

    LIVER = "liver"
    SPLEEN = "spleen"
    LEFT_KIDNEY = "left kidney"
    RIGHT_KIDNEY = "right kidney"
    LESION = "liver lesion"
    AORTA = "aorta"


class Trunk:
    """The body under construction: attenuation in Hounsfield units, texture, and the outlines found on the way.

    The parts are painted one over the other: ``wall`` first; what is soft before what is hard.
    """

    def __init__(self, canvas: Canvas, rng: np.random.Generator) -> None:
        shape = canvas.geometry.shape
        self.canvas = canvas
        self.rng = rng
        self.volume = np.full(shape, -1000, np.float32)
        self.texture = np.zeros(shape, np.float32)
        self.masks: dict[Structure, np.ndarray] = {}
        x, y, z = canvas.position_axes
        self.plain = (x[None, None, :], y[None, :, None], z[:, None, None])
        self._coarse = smooth_noise(rng, shape, (20, 48, 48))
        self._fine = smooth_noise(rng, shape, (32, 110, 110))
        self.floor = self.diaphragm()
        self._grain = 0.6 * self._coarse + 0.8 * self._fine

    def paint(self, where: np.ndarray, attenuation: float, mottle: float = 0.0) -> None:
        """Fill a region; ``mottle`` is the standard deviation of its tissue's own unevenness."""
        self.paint_in(EVERYWHERE, where, attenuation, mottle)

    def paint_in(self, box: Box, where: np.ndarray, attenuation: float, mottle: float = 0.0) -> None:
        """The same within a box."""
        self.volume[box][where] = attenuation
        self.texture[box][where] = mottle * self._grain[box][where]

    def stroke(
        self, path: list[Point], radii: list[float], within: np.ndarray, attenuation: float, mottle: float
    ) -> None:
        """Draw a tube where ``within`` allows."""
        for box, near in self.canvas.tube_pieces(path, radii):
            self.paint_in(box, near & within[box], attenuation, mottle)

    def wall(self) -> None:
        """Skin, subcutaneous fat, the muscles around the cavity, and the fat within."""
        x, y, z = self.canvas.x, self.canvas.y, self.plain[2]
        waist = 1 - 0.05 * np.cos((z + 20) / 70)
        across, deep = 168 * waist, np.where(y < 0, 116 * waist, 113)
        body = self._outline(x, y, across, deep)
        self.body = body < 1
        self.paint(self.body, 15, 4)
        self.paint(self._outline(x, y, across - 2.5, deep - 2.5) < 1, -104, 7)
        rind = 17 + 5 * np.abs(x) / 120 + np.where(y < -40, 3, 0)
        self.muscle = self._outline(x, y, across - rind, deep - rind + 3) < 1
        self.paint(self.muscle, 58, 8)
        strip = 9 + 2 * np.sin(6 * np.arctan2(y, x))
        self.cavity = self._outline(x, y, across - rind - strip, deep - rind - strip) < 1
        self.paint(self._outline(x, y, across - rind - strip / 2, deep - rind - strip / 2) < 1, -85, 10)
        self.paint(self._outline(x, y, across - rind - strip / 2 - 1.6, deep - rind - strip / 2 - 1.6) < 1, 56, 8)
        self.paint(self.cavity, -98, 9)

    @staticmethod
    def _outline(x: np.ndarray, y: np.ndarray, across: np.ndarray, deep: np.ndarray) -> np.ndarray:
        # |u| to the power 2.5, the cheap way.
        across, deep = np.abs(x / across), np.abs(y / deep)
        return across * across * np.sqrt(across) + deep * deep * np.sqrt(deep)

    def diaphragm(self) -> np.ndarray:
        """z of the diaphragm: a dome under each lung, and the floor of the heart between them."""
        x, y = self.canvas.x, self.canvas.y
        height = 78 - 42 * np.square(np.square((x - 8) / 56)) - 30 * np.square(np.square((y + 24) / 92))
        for across, top in ((-70, 98), (68, 86)):
            away = (((x - across) / 78) ** 2 + ((y - 4) / 84) ** 2) * 0.94
            np.maximum(height, top - away * (20 + 42 * away * away), out=height)
        return height

    def spine(self) -> None:
        """Vertebrae and discs, the canal, processes, and the muscles beside them."""
        x, y, z = self.canvas.x, self.canvas.y, self.plain[2]
        for side in (-1, 1):
            size = 20 + 7 * np.clip((20 - z) / 120, -0.6, 1)
            psoas = ((x - side * 38) / size) ** 2 + ((y - 54) / (size * 0.95)) ** 2 < 1
            self.paint(psoas & self.cavity & (z < 40), 62, 8)
            erector = np.abs((x - side * 34) / 30) ** 2.4 + np.abs((y - 82) / 18) ** 2.4
            self.paint((erector < 1) & self.muscle, 57, 9)
            self.paint((erector < 1) & self.muscle & (self._coarse > 1.5), -60, 8)
        self.paint((np.abs(x) < 2.2) & (y > 84) & self.muscle, -70, 5)
        phase = np.mod(z + 6, 34)
        disc = phase < 7
        pinch = 1 - 0.07 * np.cos((phase - 20.5) / 34 * 2 * np.pi)
        radius = np.sqrt((x / (23 * pinch)) ** 2 + ((y - 58) / (17.5 * pinch)) ** 2)
        body = radius < 1
        self.paint(body, 190, 42)
        self.paint(body & ((radius > 0.88) | (np.abs(phase - 8) < 1.8) | (np.abs(phase - 33) < 1.8)), 430, 40)
        self.paint(body & disc, 92, 8)
        arch = np.abs(np.sqrt((x / 15) ** 2 + ((y - 80) / 12) ** 2) - 1) < 0.24
        level = (phase > 12) & (phase < 30)
        self.paint(arch & level & (y > 70), 520, 60)
        self.paint((np.abs(x) < 3.6) & (y > 88) & (y < 108) & (phase > 16) & (phase < 34), 460, 60)
        wing = (np.abs(y - 76 - 0.12 * np.abs(x)) < 3.8) & (np.abs(x) > 12) & (np.abs(x) < 42)
        self.paint(wing & (phase > 18) & (phase < 27), 420, 60)
        self.paint((x / 10.5) ** 2 + ((y - 80) / 8.5) ** 2 < 1, 28, 5)
        self.paint((x / 5.5) ** 2 + ((y - 79) / 4.5) ** 2 < 1, 44, 4)

    def lungs_and_heart(self) -> None:
        """Lung bases with their vessels above the domes of the diaphragm, and the heart between them."""
        canvas, rng = self.canvas, self.rng
        x, y, z = canvas.x, canvas.y, canvas.z
        heart = canvas.ellipsoid((22, -34, 132), (62, 44, 46), turn=0.5) & self.cavity
        middle = (np.abs(x) < 30 + 0.2 * np.abs(y - 50)) & (y > 8)
        spared = middle | heart | canvas.tube([(-26, 18, 60), (-22, 6, 130)], [16, 16])
        chest = self.cavity & (z > 0)
        above = chest & (z > self.floor)
        lung = above & ~spared & ((np.abs(x + 4) > 3) | (z < 60))
        self.paint(above & ~lung & (y < 30) & (self.volume < 0), -80, 12)
        self.paint(heart, 66, 8)
        for centre, radii in (((36, -34, 128), (26, 20, 34)), ((-8, -34, 130), (22, 20, 34))):
            self.paint(canvas.ellipsoid(centre, radii, turn=0.5) & heart, 152, 5)
        self.paint(lung, -862, 26)
        for _ in range(240):
            side = -1 if rng.random() < 0.55 else 1
            start = (side * float(rng.uniform(22, 60)), float(rng.uniform(-20, 50)), 140.0)
            end = (side * float(rng.uniform(40, 125)), float(rng.uniform(-70, 80)), float(rng.uniform(40, 128)))
            width = float(rng.uniform(1.0, 2.6))
            self.stroke([start, end], [width * 1.3, width * 0.6], lung, -40, 10)
        for structure, mask in self.masks.items():
            if structure is not Structure.AORTA:
                mask &= ~lung & ~heart
        self.paint(self.masks[Structure.AORTA], 168, 4)

    def ribs(self) -> None:
        """Ribs run down and forwards inside the muscle, so that a slice cuts several of them obliquely."""
        x, y, z = self.canvas.x, self.canvas.y, self.plain[2]
        angle = np.abs(np.arctan2(x, y)) / np.pi
        along = np.mod(z + 150 * angle - 60 * angle**2, 30)
        within = (angle > 0.12) & (z > -70 + 175 * angle)
        shell = self.muscle & ~self.cavity
        middle = self._middle_of_wall(x, y)
        across = np.sqrt(((along - 15) / 7.5) ** 2 + (middle / 5.2) ** 2)
        rib = (across < 1) & within & shell
        self.paint(rib, 560, 60)
        self.paint(rib & (across < 0.6), 190, 40)
        cartilage = (across < 1) & shell & (angle > 0.72) & within
        self.paint(cartilage, 110, 14)

    def _middle_of_wall(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Roughly the distance in millimetres from the middle of the muscle layer."""
        z = self.plain[2]
        waist = 1 - 0.05 * np.cos((z + 20) / 70)
        rind = 17 + 5 * np.abs(x) / 120 + np.where(y < -40, 3, 0) + 6
        across, deep = 168 * waist - rind, np.where(y < 0, 116 * waist, 113) - rind
        radius = self._outline(x, y, across, deep) ** 0.4
        return (radius - 1) * np.sqrt(x**2 + y**2)
