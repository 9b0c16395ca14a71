"""Places the organs of the synthetic CT in its trunk, in the portal venous phase."""

import numpy as np

from overlays.management.demo.phantom_canvas import Point
from overlays.management.demo.phantom_trunk import Structure, Trunk


class Abdomen(Trunk):
    """A trunk that can be given its organs. Attenuations are those of textbooks; the shapes are nobody's."""

    def organs(self) -> None:
        """Solid organs, stomach and pancreas."""
        canvas = self.canvas
        self.pancreas()
        self.stomach()
        spleen = canvas.ellipsoid((100, 38, 36), (34, 56, 56), turn=-0.35)
        spleen &= ~canvas.ellipsoid((62, 18, 45), (34, 40, 46)) & self.cavity
        self.paint(spleen, 122, 7)
        self.masks[Structure.SPLEEN] = spleen
        kidneys = {
            Structure.RIGHT_KIDNEY: self.kidney((-62, 46, -48), -1),
            Structure.LEFT_KIDNEY: self.kidney((64, 48, -34), 1),
        }
        self.liver(kidneys[Structure.RIGHT_KIDNEY])
        self.masks |= kidneys

    def liver(self, kidney: np.ndarray) -> None:
        """The liver with its vessels, gallbladder and one lesion."""
        canvas, x, y, z = self.canvas, self.canvas.x, self.canvas.y, self.canvas.z
        right = canvas.ellipsoid((-72, 0, 36), (80, 84, 88), power=2.3)
        right &= (x < 12 + 0.35 * y - 0.2 * (y + 60)) | (y < -25)
        left = canvas.ellipsoid((-6, -46, 52), (86, 34, 44), turn=-0.1)
        visceral = z > -62 + 0.55 * (x + 110) + 0.25 * (y + 20)
        hollow = canvas.ellipsoid((4, 42, 30), (44, 44, 130)) | canvas.ellipsoid((-60, 52, -46), (36, 40, 62))
        liver = ((right & visceral) | left) & ~hollow & self.cavity & ~kidney & (z < self.floor - 3)
        self.paint(liver, 106, 5)
        for path, radii in self._vessels():
            self.stroke(path, radii, liver, 168, 4)
        fissure = (np.abs(x + 18 + 0.25 * (y + 60)) < 2.4) & liver & (y < -38) & (z < 62)
        self.paint(fissure, -60, 6)
        box = canvas.ellipsoid((-98, -4, 38), (21, 18, 17))
        lesion = box & liver
        self.paint(canvas.ellipsoid((-98, -4, 38), (23.5, 20.5, 19)) & liver, 122, 5)
        self.paint(lesion, 66, 12)
        self.paint(canvas.ellipsoid((-96, -6, 37), (9, 7, 8)) & liver, 34, 10)
        self.paint(canvas.ellipsoid((-55, -30, 62), (5, 5, 5)) & liver, 14, 3)
        gallbladder = canvas.ellipsoid((-50, -46, -12), (17, 19, 30), turn=0.3) & self.cavity
        self.paint(canvas.ellipsoid((-50, -46, -12), (19, 21, 32), turn=0.3) & self.cavity & ~liver, 70, 4)
        self.paint(gallbladder, 9, 3)
        self.masks[Structure.LIVER] = liver & ~gallbladder & ~fissure
        self.masks[Structure.LESION] = lesion & ~gallbladder

    def _vessels(self) -> list[tuple[list[Point], list[float]]]:
        """Portal branches from the hilum and hepatic veins towards the vena cava, each forking twice."""
        rng = self.rng
        trees: list[tuple[list[Point], list[float]]] = [
            ([(-8, 8, 8), (-24, -4, 22), (-44, -8, 34)], [7.0, 7.0, 6.0]),
            ([(-44, -8, 34), (-20, -34, 48), (16, -50, 56)], [5.0, 4.4, 2.6]),
        ]
        roots: list[tuple[Point, Point, float]] = [
            ((-44, -8, 34), (-78, 14, 30), 5.2),
            ((-44, -8, 34), (-74, -34, 44), 5.0),
            ((-44, -8, 34), (-70, 6, -4), 4.6),
            ((-26, 16, 86), (-66, 34, 66), 5.4),
            ((-26, 16, 86), (-60, -20, 70), 5.6),
            ((-26, 16, 86), (-14, -38, 72), 4.8),
        ]
        while roots:
            start, end, radius = roots.pop()
            trees.append(([start, end], [radius, radius * 0.8]))
            if radius < 1.9:
                continue
            line = np.subtract(end, start)
            for _ in range(2):
                tilt = line + rng.normal(0, 0.55, 3) * np.linalg.norm(line)
                reach = tilt / np.linalg.norm(tilt) * (12 + 5 * radius)
                roots.append((end, tuple(float(value) for value in np.add(end, reach)), radius * 0.68))
        return trees

    def kidney(self, centre: Point, side: int) -> np.ndarray:
        """Cortex, pyramids, and the sinus with its fat and pelvis, open towards the middle."""
        canvas = self.canvas
        box, depth = canvas.ellipsoid_depth(centre, (28, 31, 56), turn=0.45 * side)
        inside = np.zeros(canvas.geometry.shape, bool)
        inside[box] = depth < 1
        inside &= self.cavity
        self.paint(inside, 196, 7)
        angle = np.arctan2(canvas.y[box] - centre[1], canvas.x[box] - centre[0])
        pyramids = np.zeros_like(inside)
        pyramids[box] = (depth < 0.66) & (np.sin(5 * angle + canvas.z[box] / 6) > -0.25)
        self.paint(pyramids & inside, 158, 6)
        hilum = (centre[0] - 17 * side, centre[1] - 6, centre[2])
        sinus = canvas.ellipsoid(hilum, (20, 10, 24)) & self.cavity
        self.paint(sinus & inside, -72, 10)
        pelvis = canvas.ellipsoid((hilum[0] - 2 * side, hilum[1], hilum[2] - 4), (14, 5, 12)) & self.cavity
        self.paint(pelvis, 18, 3)
        vein = canvas.tube([hilum, (centre[0] * 0.25, 24, centre[2] + 8)], [4.5, 5.5], flat=0.8)
        self.paint(vein & self.cavity & ~inside, 150, 3)
        return inside & ~sinus & ~pelvis

    def stomach(self) -> None:
        """Wall, folds, fluid that settles at the back, gas in front."""
        canvas = self.canvas
        parts = [((56, -24, 52), (44, 46, 46), 0.5), ((22, -50, 16), (44, 26, 26), 0.15)]
        wall = canvas.ellipsoid(*parts[0][:2], turn=parts[0][2]) | canvas.ellipsoid(*parts[1][:2], turn=parts[1][2])
        lumen = np.zeros_like(wall)
        for centre, radii, turn in parts:
            box, depth = canvas.ellipsoid_depth(centre, tuple(r - 5 for r in radii), turn=turn)
            angle = np.arctan2(canvas.y[box] - centre[1], canvas.x[box] - centre[0])
            lumen[box] |= depth < 1 - 0.10 * (np.sin(17 * angle + canvas.z[box] / 5) > 0.55)
        self.paint(wall & self.cavity, 78, 8)
        self.paint(lumen & self.cavity, 22, 14)
        self.paint(lumen & self.cavity & (self.plain[1] < -46), -960, 8)

    def pancreas(self) -> None:
        """Head, body and tail, lobulated by fat, with the splenic vein behind."""
        path = [(-32, -4, -26), (-14, -14, -8), (14, -16, 4), (46, 4, 18), (76, 26, 30)]
        gland = self.canvas.tube(path, [16, 12, 11, 11, 9]) & self.cavity
        self.paint(gland, 96, 12)
        self.paint(gland & (self._fine > 1.25), -20, 10)
        vein = self.canvas.tube([(-10, 6, 2), (20, 2, 10), (50, 16, 22), (82, 34, 36)], [5.5, 4.6, 4.2, 3.6])
        self.paint(vein & self.cavity, 155, 3)

    def bowel(self) -> None:
        """Loops of small bowel and colon in the lower half, some with gas."""
        canvas, rng = self.canvas, self.rng
        for _ in range(62):
            centre = (float(rng.uniform(-92, 108)), float(rng.uniform(-70, 12)), float(rng.uniform(-128, -2)))
            radius = float(rng.uniform(11, 17))
            stretch = (radius * float(rng.uniform(1, 2.3)), radius, radius * float(rng.uniform(0.9, 1.7)))
            turn = float(rng.uniform(-1.4, 1.4))
            box, depth = canvas.ellipsoid_depth(centre, stretch, turn=turn)
            here = self.cavity[box]
            lumen = (depth < (1 - 3.2 / radius) ** 2) & here
            self.paint_in(box, (depth < 1) & here, 88, 8)
            self.paint_in(box, lumen, float(rng.uniform(12, 48)), 14)
            if rng.random() < 0.22:
                self.paint_in(box, lumen & (canvas.y[box] < centre[1] - 0.35 * radius), -930, 20)
        for path in (
            [(-96, 20, -128), (-98, 14, -86), (-92, -24, -58), (-52, -66, -62), (10, -74, -70), (66, -66, -50)],
            [(66, -66, -50), (104, -20, -10), (108, 30, -44), (104, 40, -128)],
        ):
            haustra = 3 * np.sin(self.canvas.z / 5 + self.canvas.x / 6)
            colon = canvas.tube(path, [21, 20, 18, 17, 18, 17][: len(path)]) & self.cavity
            inner = canvas.tube(path, [18, 17, 15, 14, 15, 14][: len(path)]) & self.cavity & (haustra > -2.2)
            self.paint(colon, 82, 8)
            self.paint(inner, 24, 60)
            self.paint(inner & (self._coarse > -0.1), -910, 40)

    def great_vessels(self) -> None:
        """Aorta with a plaque and its first branches; inferior vena cava."""
        canvas = self.canvas
        line = [(16, 34, 130), (13, 26, 40), (11, 20, -40), (10, 18, -130)]
        self.paint(canvas.tube(line, [14.5, 13, 12, 11.5]), 70, 4)
        aorta = canvas.tube(line, [13, 11.6, 10.6, 10])
        self.paint(aorta, 168, 4)
        self.masks[Structure.AORTA] = aorta
        for path, radii in (
            ([(13, 20, 14), (10, 2, 10), (30, -6, 16)], [4.4, 4, 3]),
            ([(12, 16, -4), (8, -2, -20), (6, -8, -90)], [4.6, 4, 3.4]),
            ([(18, 20, -32), (52, 36, -36)], [3.4, 2.8]),
            ([(4, 20, -38), (-48, 36, -46)], [3.4, 2.8]),
        ):
            self.paint(canvas.tube(path, radii) & ~aorta, 165, 3)
        cava = canvas.tube([(-26, 18, 110), (-24, 20, 20), (-22, 22, -130)], [13, 12.5, 12], flat=0.75)
        self.paint(cava, 138, 5)
        plaque = canvas.tube([(4, 30, -64), (7, 31, -84)], [2.4, 2.4])
        self.paint(plaque, 640)
        for side in (-1, 1):
            crus = canvas.tube([(side * 12, 36, 90), (side * 14, 38, 10), (side * 14, 42, -60)], [5, 6, 4])
            self.paint(crus & ~aorta, 62, 6)
            gland = canvas.tube([(side * 30 + 6, 30, 18), (side * 40 + 6, 40, 10), (side * 46 + 6, 52, 4)], [3, 3, 2.4])
            self.paint(gland & (self.volume < 0), 74, 4)
