"""Plan reports in the looks of several planning systems, with what is true of them, reviewed and scored.

    python eval/plan_layouts.py [--count N] [--look NAME] [--wrong] [--out DIR]

Wording, layout and drawing order imitate how such reports are built; names, plans and hospitals are
invented. ``HELD_OUT`` looks are scored apart and were not used to mend the extractors.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 612.0, 792.0


@dataclass(frozen=True)
class Spec:
    """A plan before it is printed. ``approval``: approved, reviewed, unapproved or physicist."""

    label: str
    target: str
    organs: tuple[tuple[str, float], ...]
    technique: str
    arcs: int
    fields: int
    isocenters: int
    fractions: int
    dose_gy: float
    energy: str
    created: dt.date
    signed: dt.date
    first: str
    last: str
    planner: str
    approval: str
    iso: tuple[float, float, float]
    dvh: bool

    @property
    def inverse(self) -> bool:
        """Whether the plan was optimised inversely."""
        return self.technique in ("VMAT", "IMRT", "TOMOTHERAPY")

    @property
    def login(self) -> str:
        """Login name of the physician."""
        return (self.first[0] + self.last).lower()


SITES = (
    ("Prostate", "PTV_7000", (("Bladder", 38.2), ("Rectum", 34.1), ("FemoralHead_L", 18.4)), 70.0, 28),
    ("HN", "PTV70", (("Rückenmark", 38.9), ("Parotis li", 24.4), ("Hirnstamm", 41.2)), 70.0, 35),
    ("Lung", "PTV_60", (("Moelle", 31.0), ("Pulmon izq", 14.8), ("Oesophage", 22.7)), 60.0, 30),
    ("Rectum", "PTV_A", (("Vessie", 29.3), ("Bowel Bag", 21.9), ("TeteFem D", 15.5)), 50.4, 28),
    ("Breast", "PTV_Br_L", (("Heart", 2.4), ("Lung_L", 8.9), ("LAD", 9.6)), 42.56, 16),
)
DOCTORS = (("Ruth", "Hale"), ("Tomas", "Verbeek"), ("Ines", "Quintero"), ("Owen", "Lindqvist"))
PLANNERS = ("Paula Krantz, CMD", "Deniz Arslan, CMD")
PHYSICIST = "Milo Sandoval, PhD"


def spec(seed: int, techniques: Sequence[str]) -> Spec:
    """A plan by chance."""
    rng = random.Random(seed)
    site, target, organs, dose, fractions = rng.choice(SITES)
    technique = rng.choice(techniques)
    if technique == "FIF":
        site, target, organs, dose, fractions = SITES[4]
    created = dt.date(2025, rng.randint(1, 12), rng.randint(1, 24))
    first, last = rng.choice(DOCTORS)
    return Spec(
        label=f"{site}_{rng.choice(['V1', 'P1', 'A2', 'Init'])}",
        target=target,
        organs=organs,
        technique=technique,
        arcs=rng.choice([1, 2, 3]) if technique == "VMAT" else 0,
        fields=0 if technique == "VMAT" else 1 if technique == "TOMOTHERAPY" else rng.choice([4, 5, 7]),
        isocenters=1,
        fractions=fractions,
        dose_gy=dose,
        energy=rng.choice(["6X", "10X", "6 MV"]),
        created=created,
        signed=created + dt.timedelta(days=rng.randint(1, 4)),
        first=first,
        last=last,
        planner=rng.choice(PLANNERS),
        approval=rng.choice(["approved", "approved", "approved", "reviewed", "unapproved", "physicist"]),
        iso=(round(rng.uniform(-5, 5), 2), round(rng.uniform(-9, 9), 2), round(rng.uniform(-30, 30), 2)),
        dvh=rng.random() < 0.9,
    )


# ---------------------------------------------------------------- drawing


@dataclass
class Sheet:
    """A report being drawn: ``top`` and ``bottom`` lines repeat on every page."""

    top: str
    bottom: str
    size: float = 9
    font: str = "Helvetica"
    rotate: int = 0
    y: float = 0
    number: int = 0
    buffer: io.BytesIO = field(default_factory=io.BytesIO)

    def __post_init__(self) -> None:
        size = (HEIGHT, WIDTH) if self.rotate % 180 else (WIDTH, HEIGHT)  # turned over by reportlab
        self.canvas = Canvas(self.buffer, pagesize=size, invariant=1)
        self._begin()

    def _begin(self) -> None:
        self.number += 1
        self.canvas.setPageRotation(self.rotate)
        self.canvas.setFont(self.font, 7)
        self.canvas.drawString(40, HEIGHT - 28, self.top)
        self.canvas.drawString(40, 24, f"{self.bottom}   Page {self.number}")
        self.canvas.setFont(self.font, self.size)
        self.y = HEIGHT - 54

    def page(self) -> None:
        """Begin the next page."""
        self.canvas.showPage()
        self._begin()

    def room(self, lines: int) -> None:
        """Go to the next page where so many lines do not fit."""
        if self.y - lines * self.size * 1.4 < 50:
            self.page()

    def line(self, text: str, x: float = 40, big: bool = False) -> None:
        """A line of text."""
        self.room(2)
        if big:
            self.canvas.setFont(self.font, self.size + 3)
            self.y -= 4
        self.canvas.drawString(x, self.y, text)
        self.canvas.setFont(self.font, self.size)
        self.y -= self.size * 1.4 + (3 if big else 0)

    def gap(self) -> None:
        """Half a line of space."""
        self.y -= self.size * 0.8

    def pairs(self, pairs: Sequence[tuple[str, str]], x: float = 40, wide: float = 110, apart: bool = False, keep: bool = False) -> None:  # fmt: skip
        """Labels with values beside them; ``apart`` draws all labels before all values."""
        self.room(len(pairs))
        step = self.size * 1.4
        rows = [(self.y - at * step, label, value) for at, (label, value) in enumerate(pairs)]
        if apart:
            for y, label, _ in rows:
                self.canvas.drawString(x, y, label)
            for y, _, value in rows:
                self.canvas.drawString(x + wide, y, value)
        else:
            for y, label, value in rows:
                self.canvas.drawString(x, y, label)
                self.canvas.drawString(x + wide, y, value)
        if not keep:
            self.y -= step * len(pairs) + 4

    def table(self, xs: Sequence[float], rows: Sequence[Sequence[str]], ruled: bool = False, down: bool = False) -> None:  # fmt: skip
        """Cells at fixed places, drawn row by row or (``down``) column by column."""
        self.room(len(rows) + 1)
        step = self.size * 1.5
        cells = [(x, self.y - at * step, cell) for at, row in enumerate(rows) for x, cell in zip(xs, row, strict=False)]  # fmt: skip
        if down:
            cells.sort(key=lambda cell: (cell[0], -cell[1]))
        for x, y, cell in cells:
            self.canvas.drawString(x, y, cell)
        if ruled:
            edges = [*xs, WIDTH - 40]
            for at in range(len(rows) + 1):
                self.canvas.line(xs[0] - 3, self.y + step - 4 - at * step, WIDTH - 40, self.y + step - 4 - at * step)  # fmt: skip
            for x in edges:
                self.canvas.line(x - 3, self.y + step - 4, x - 3, self.y + step - 4 - len(rows) * step)
        self.y -= step * len(rows) + 6

    def done(self) -> bytes:
        """The PDF."""
        self.canvas.save()
        return self.buffer.getvalue()


def comma(value: float, digits: int = 2) -> str:
    """A number with a decimal comma."""
    return f"{value:.{digits}f}".replace(".", ",")


def rows_of_beams(s: Spec) -> list[tuple[str, str, str, str]]:
    """Name, gantry start, gantry stop and rotation of each beam."""
    if s.arcs:
        pairs = [("181.0", "179.0", "CW"), ("179.0", "181.0", "CCW"), ("200.0", "160.0", "CW")]
        return [(f"A{at + 1}", *pairs[at]) for at in range(s.arcs)]
    step = 360 // max(1, s.fields)
    return [(f"F{at + 1}", f"{at * step:.1f}", "", "") for at in range(s.fields)]


Look = Callable[[Spec], bytes]


def eclipse(s: Spec) -> bytes:
    """Treatment plan report: labels first, a field table read down, an approval history with logins."""
    sheet = Sheet("Ostrava Valley Cancer Center    Orlin, Greta   ID 90417733", "Treatment Plan Report")
    sheet.line("Treatment Plan Report", big=True)
    when = s.created.strftime("%m/%d/%Y")
    sheet.pairs([("Patient Name:", "Orlin, Greta"), ("Patient ID:", "90417733"), ("Course:", "C1"), ("Plan:", s.label),
                 ("Plan created:", when + " 10:21:08 AM"), ("Image:", f"CT_{s.created:%Y%m%d}")], apart=True)  # fmt: skip
    sheet.line("Prescription", big=True)
    per = s.dose_gy / s.fractions
    sheet.pairs([("Prescribed Dose [cGy]", f"{s.dose_gy * 100:.1f}"), ("Dose per Fraction [cGy]", f"{per * 100:.1f}"),
                 ("Number of Fractions", str(s.fractions)), ("Primary Reference Point", s.target)], apart=True, wide=150)  # fmt: skip
    sheet.line("Fields in plan", big=True)
    name = {"VMAT": "ARC", "IMRT": "STATIC", "3DCRT": "STATIC", "FIF": "STATIC"}[s.technique]
    mlc = {"VMAT": "VMAT", "IMRT": "Dose Dynamic", "3DCRT": "Static", "FIF": "Static"}[s.technique]
    rows = [
        ["Field ID", "Technique", "Energy", "MLC", "Gantry Rtn", "Coll Rtn", "MU", "X Iso", "Y Iso", "Z Iso"]
    ]
    for at, (n, a, b, turn) in enumerate(rows_of_beams(s)):
        gantry = f"{a} {turn} {b}" if turn else a
        rows.append([n, name, s.energy, mlc, gantry, "10.0", f"{180 + 13.7 * at:.1f}", *(f"{v:.2f}" for v in s.iso)])  # fmt: skip
    sheet.table((40, 85, 140, 180, 250, 335, 385, 425, 470, 515), rows, down=True)
    if s.inverse:
        sheet.line("Calculation models: Photon Optimizer 15.6, AAA 15.6; MU objective off")
    elif s.technique == "FIF":
        sheet.line("Field-in-field, forward planned subfields; no optimization")
    else:
        sheet.line("3D conformal fields; calculation model AAA 15.6")
    if s.dvh:
        sheet.page()
        sheet.line("Dose Statistics", big=True)
        rows = [["Structure", "Volume [cm3]", "Min Dose [cGy]", "Max Dose [cGy]", "Mean Dose [cGy]"]]
        rows.append([s.target, "212.4", f"{s.dose_gy * 91:.1f}", f"{s.dose_gy * 107:.1f}", f"{s.dose_gy * 101:.1f}"])  # fmt: skip
        rows += [[n, "88.1", "12.0", f"{v * 140:.1f}", f"{v * 100:.1f}"] for n, v in s.organs]
        sheet.table((40, 150, 240, 330, 430), rows)
    sheet.line("Approval History", big=True)
    stamp = s.signed.strftime("%m/%d/%Y") + " 4:12:55 PM"
    rows = [["Approval Status", "Approved By", "User", "Date"], ["UnApproved", s.planner, "pkrantz", when + " 11:02:10 AM"]]  # fmt: skip
    if s.approval in ("approved", "reviewed"):
        rows.append(["Reviewed", f"{s.first} {s.last}, MD", s.login, s.signed.strftime("%m/%d/%Y") + " 3:50:01 PM"])  # fmt: skip
    if s.approval == "approved":
        rows.append(["Planning Approved", f"{s.first} {s.last}, MD", s.login, stamp])
        rows.append(["Treatment Approved", PHYSICIST, "msandoval", (s.signed + dt.timedelta(1)).strftime("%m/%d/%Y") + " 8:00:41 AM"])  # fmt: skip
    if s.approval == "physicist":
        rows.append(["Planning Approved", PHYSICIST, "msandoval", stamp])
    sheet.table((40, 170, 310, 400), rows, ruled=True)
    return sheet.done()


def pinnacle(s: Spec) -> bytes:
    """Fixed-width report: dotted labels, trial name, one block per beam."""
    sheet = Sheet("PLAN DOCUMENTATION   NORTH QUAY ONCOLOGY", "RTP report", font="Courier", size=8.5)
    day = s.created.strftime("%d-%b-%Y")
    sheet.line("=" * 78)
    sheet.line("Patient Name ...... Fenn, Jory            Medical Record ...... 5518820")
    sheet.line(f"Plan Name ......... {s.label:<20} Plan date ........... {day}")
    sheet.line(f"Trial ............. Trial_1               Planner ............. {s.planner}")
    sheet.line("=" * 78)
    per = s.dose_gy * 100 / s.fractions
    sheet.line(f"Prescription ...... {per:.0f} cGy per fraction to {s.target}, {s.fractions} fractions")
    sheet.line(f"                    Total dose {s.dose_gy * 100:.0f} cGy")
    how = {"VMAT": "SmartArc, inverse (DMPO)", "IMRT": "IMRT step and shoot, DMPO inverse", "3DCRT": "3D conformal, optimizer: none",
           "FIF": "Field-in-field, forward plan, optimizer: none"}[s.technique]  # fmt: skip
    sheet.line(f"Technique ......... {how}")
    sheet.gap()
    for at, (n, a, b, turn) in enumerate(rows_of_beams(s)):
        sheet.line(f"Beam {n}   Energy {s.energy}   Modality Photons")
        sheet.line(f"   Gantry start {a:>6}  Gantry stop {b or '--':>6}  {('Rotation ' + turn) if turn else 'Static beam'}")  # fmt: skip
        sheet.line(f"   Control points {114 if turn else 8}   MU/fx {210.4 + at:.1f}   Isocenter iso  ({s.iso[0]}, {s.iso[1]}, {s.iso[2]})")  # fmt: skip
    sheet.gap()
    if s.dvh:
        sheet.line("DVH statistics (cGy)")
        sheet.line(f"{'ROI':<16}{'Min':>9}{'Max':>9}{'Mean':>9}{'% > Rx':>9}")
        sheet.line(
            f"{s.target:<16}{s.dose_gy * 92:>9.1f}{s.dose_gy * 108:>9.1f}{s.dose_gy * 101:>9.1f}{95.2:>9.1f}"
        )
        for n, v in s.organs:
            sheet.line(f"{n:<16}{12.0:>9.1f}{v * 140:>9.1f}{v * 100:>9.1f}{0.0:>9.1f}")
    sheet.gap()
    sheet.line("PLAN APPROVAL")
    stamp = s.signed.strftime("%d-%b-%Y") + " 16:40"
    if s.approval == "approved":
        sheet.line(f"   Approved by ....... {s.first} {s.last}, M.D. ({s.login})   {stamp}")
    elif s.approval == "reviewed":
        sheet.line(f"   Reviewed by ....... {s.first} {s.last}, M.D.   {stamp}")
        sheet.line("   Approved by ....... ______________________   Date ____________")
    elif s.approval == "physicist":
        sheet.line(f"   Approved by ....... {PHYSICIST}, physicist   {stamp}")
    else:
        sheet.line("   Approved by ....... ______________________   Date ____________")
    return sheet.done()


def monaco(s: Spec) -> bytes:
    """Two columns of labels and values, a constraint table, approvals with state and user in lines."""
    sheet = Sheet("Saltmarsh Radiotherapy   Plan Report", "printed on request")
    sheet.line("Plan Report", big=True)
    y = sheet.y
    sheet.pairs([("Patient", "Quill, Basil"), ("Patient ID", "771-20-4"), ("Plan", s.label), ("Plan Status", "Approved" if s.approval == "approved" else "Not approved")], wide=80, apart=True)  # fmt: skip
    low, sheet.y = sheet.y, y
    sheet.pairs([("Last saved", s.created.strftime("%d/%b/%Y") + " 09:44"), ("Delivery", {"VMAT": "VMAT", "IMRT": "Step & Shoot IMRT", "3DCRT": "3D", "FIF": "3D, field in field (forward)"}[s.technique]), ("Algorithm", "Monte Carlo Photon")], x=320, wide=80, apart=True)  # fmt: skip
    sheet.y = min(low, sheet.y)
    sheet.line("Prescription", big=True)
    sheet.table((40, 140, 220, 320, 430), [["Rx Site", "Rx Dose (Gy)", "Number of Fractions", "Fractional Dose (Gy)", "Structure"],
                [s.label.split("_")[0], f"{s.dose_gy:.3f}", str(s.fractions), f"{s.dose_gy / s.fractions:.3f}", s.target]])  # fmt: skip
    if s.inverse:
        sheet.line("Optimization: fluence and segment shape, Target EUD, Serial, Parallel cost functions")
    rows = [["Beam", "Isocenter", "Energy", "Start angle", "Arc", "Increment", "# CPs", "MU"]]
    for n, a, _, turn in rows_of_beams(s):
        rows.append([n, f"{s.iso[0]:.2f} / {s.iso[1]:.2f} / {s.iso[2]:.2f}", s.energy, a, "358.0" if turn else "0.0", "20.0" if turn else "-", "182" if turn else "2", "402.11"])  # fmt: skip
    sheet.table((40, 90, 200, 260, 330, 390, 450, 500), rows, ruled=True)
    if s.dvh:
        sheet.line("DVH Statistics", big=True)
        sheet.table((40, 150, 230, 310, 390), [["Structure", "Min (Gy)", "Max (Gy)", "Mean (Gy)", "V95 (%)"],
                    [s.target, f"{s.dose_gy * 0.9:.2f}", f"{s.dose_gy * 1.07:.2f}", f"{s.dose_gy * 1.01:.2f}", "97.44"],
                    *[[n, "0.41", f"{v * 1.5:.2f}", f"{v:.2f}", "-"] for n, v in s.organs]], ruled=True)  # fmt: skip
    sheet.line("Approvals", big=True)
    if s.approval == "approved":
        sheet.line(f"Plan approved by Dr. {s.first} {s.last} on {s.signed:%d/%b/%Y} at 13:05")
    elif s.approval == "physicist":
        sheet.line(f"Plan approved by {PHYSICIST} (Medical Physicist) on {s.signed:%d/%b/%Y} at 13:05")
    elif s.approval == "reviewed":
        sheet.line(f"Plan reviewed by Dr. {s.first} {s.last} on {s.signed:%d/%b/%Y}; approval pending")
    else:
        sheet.line("Plan not approved")
    return sheet.done()


def raystation(s: Spec) -> bytes:
    """Beam set sections, clinical goals with fulfilled or not, footnotes on values, signature lines at the end."""
    sheet = Sheet("Plan report   Hollis, Edda   (PID 1200482)", f"Beam set {s.label}", size=9)
    sheet.line(f"Plan report: {s.label}", big=True)
    approved = s.approval == "approved"
    state = f"Approved by {s.first} {s.last} MD ({s.login}), {s.signed:%d %b %Y}, 14:22:31 (hr:min:sec)" if approved else (
        f"Approved by {PHYSICIST} (msandoval), {s.signed:%d %b %Y}, 14:22:31 (hr:min:sec)" if s.approval == "physicist" else "Not approved")  # fmt: skip
    sheet.pairs([("Plan name:", s.label), ("Beam set name:", s.label), ("Plan created:", f"{s.created:%d %b %Y}, 08:15:44 (hr:min:sec)"), ("Approval status:", state), ("Planned by:", s.planner)], apart=True, wide=120)  # fmt: skip
    if s.approval == "reviewed":
        sheet.line(f"Reviewed by: {s.first} {s.last} MD, {s.signed:%d %b %Y}")
    tech = {"VMAT": "VMAT", "IMRT": "SMLC (IMRT)", "3DCRT": "Conformal (3D-CRT)", "FIF": "Conformal, field-in-field, forward planned"}[s.technique]  # fmt: skip
    sheet.pairs([("Treatment technique:", tech), ("Machine:", "LA3_2019"), ("Number of fractions:", str(s.fractions)),
                 ("Prescription (1):", f"{s.dose_gy * 100:.0f} cGy average dose to {s.target}*"), ("Number of beams:", str(s.arcs or s.fields))], wide=120)  # fmt: skip
    if s.inverse:
        sheet.line("Optimization: 40 iterations before conversion, final tolerance 1E-5")
    rows = [
        [
            "#",
            "Name",
            "Energy [MV]",
            "Gantry start/stop [deg]",
            "Rotation",
            "Coll. [deg]",
            "MU/fx",
            "Iso. name",
        ]
    ]
    for at, (n, a, b, turn) in enumerate(rows_of_beams(s), 1):
        rows.append([str(at), n, s.energy[:2].strip("X "), f"{a} / {b}" if b else a, {"CW": "Clockwise", "CCW": "Counter-clockwise"}.get(turn, "None"), "15.0", "240.12", "Iso 1"])  # fmt: skip
    sheet.table((40, 60, 110, 180, 310, 400, 460, 510), rows)
    sheet.pairs(
        [("Isocenter Iso 1:", f"R-L: {s.iso[0]:.2f} cm  I-S: {s.iso[1]:.2f} cm  P-A: {s.iso[2]:.2f} cm")],
        wide=120,
    )
    if s.dvh:
        sheet.line("Clinical goals", big=True)
        sheet.table((40, 140, 330, 420, 500), [["ROI/POI", "Clinical goal", "Value", "Result", "% outside"],
                    [s.target, f"At least 95.00 % volume at {s.dose_gy * 95:.0f} cGy dose", "97.31 %", "Fulfilled", "0"],
                    *[[n, f"At most {v * 120:.0f} cGy average dose", f"{v * 100:.0f} cGy", "Fulfilled" if v < 39 else "Not fulfilled", "1"] for n, v in s.organs]])  # fmt: skip
        sheet.line("Dose statistics", big=True)
        sheet.table((40, 140, 200, 260, 320, 380, 440), [["ROI", "Vol. [cm3]", "D99 [cGy]", "D98 [cGy]", "Average", "D2 [cGy]", "D1 [cGy]"],
                    [s.target, "310.2", f"{s.dose_gy * 94:.0f}", f"{s.dose_gy * 95:.0f}", f"{s.dose_gy * 100:.0f}", f"{s.dose_gy * 104:.0f}", f"{s.dose_gy * 105:.0f}"],
                    *[[n, "55.9", "20", "31", f"{v * 100:.0f}", f"{v * 130:.0f}", f"{v * 140:.0f}"] for n, v in s.organs]])  # fmt: skip
    sheet.line("* average dose, see clinic protocol; 1 primary prescription of the beam set")
    return sheet.done()


def tomo(s: Spec) -> bytes:
    """Helical delivery: pitch, modulation factor, decimal commas, landscape by rotation."""
    sheet = Sheet("Bramwell Institute   Planning Summary", "Planning Station", rotate=90)
    sheet.line("Planning Summary", big=True)
    sheet.pairs([("Patient", "Aster, Lionel"), ("Plan Name", s.label), ("Plan Date", s.created.strftime("%Y-%m-%d")), ("Plan Type", "Helical TomoTherapy IMRT"), ("Jaw Mode", "Dynamic 2,5 cm"), ("Pitch", "0,430"), ("Modulation Factor", "2,400")], apart=True)  # fmt: skip
    sheet.line(
        f"Prescription: {comma(95, 0)} % of {s.target} receives {comma(s.dose_gy)} Gy in {s.fractions} fractions"
    )
    sheet.line("Optimization: 120 iterations, inverse")
    sheet.line(f"Isocenter (mm): {s.iso[0]} / {s.iso[1]} / {s.iso[2]}   Number of isocenters: 1")
    if s.dvh:
        sheet.table((40, 150, 240, 330), [["Structure", "Max Dose (Gy)", "Min Dose (Gy)", "Average (Gy)"],
                    [s.target, comma(s.dose_gy * 1.06), comma(s.dose_gy * 0.93), comma(s.dose_gy)],
                    *[[n, comma(v * 1.5), "0,40", comma(v)] for n, v in s.organs]])  # fmt: skip
    stamp = s.signed.strftime("%Y-%m-%d") + " 15:10"
    rows = [["Action", "User", "Time"], ["Plan saved", s.planner, s.created.strftime("%Y-%m-%d") + " 10:10"]]
    who = f"{s.first} {s.last}, MD"
    if s.approval == "approved":
        rows.append(["Plan approved", who, stamp])
    elif s.approval == "physicist":
        rows.append(["Plan approved", PHYSICIST, stamp])
    elif s.approval == "reviewed":
        rows.append(["Plan reviewed", who, stamp])
    sheet.table((40, 150, 330), rows, down=True)
    if s.approval in ("reviewed", "unapproved"):
        sheet.line("Physician approval: pending")
    return sheet.done()


def iplan(s: Spec) -> bytes:
    """Boxed parameter page; signature fields by role, side by side, at the foot."""
    sheet = Sheet("Treatment Parameters  -  Ellery Point Hospital", "for clinical use", size=8.5)
    sheet.line("Treatment Parameters", big=True)
    kind = {"VMAT": "VMAT", "IMRT": "IMRT (dynamic)", "3DCRT": "Conformal Beam", "FIF": "Field in Field"}[
        s.technique
    ]
    sheet.table((40, 150, 300, 400), [["Patient", "Marl, Odette", "ID", "30-99-417"], ["Treatment Plan", s.label, "Date", s.created.strftime("%d.%m.%Y")],
                ["Treatment Technique", kind, "Energy", s.energy], ["Number of Fractions", str(s.fractions), "Prescribed Dose", f"{comma(s.dose_gy)} Gy"],
                ["Isocenters", "1", "Number of Arcs" if s.arcs else "Number of Beams", str(s.arcs or s.fields)]], ruled=True)  # fmt: skip
    if s.inverse:
        sheet.line("Inverse planning with dose volume objectives for target and organs at risk")
    elif s.technique == "3DCRT":
        sheet.line("3D conformal, MLC shaped")
    else:
        sheet.line("Forward planned, no inverse optimization")
    if s.dvh:
        sheet.line("Dose volume results", big=True)
        sheet.table((40, 160, 260, 360), [["Object", "Dmean", "Dmax", "Volume"], [s.target, f"{comma(s.dose_gy * 1.01)} Gy", f"{comma(s.dose_gy * 1.07)} Gy", "182,4 cm3"],
                    *[[n, f"{comma(v)} Gy", f"{comma(v * 1.4)} Gy", "60,2 cm3"] for n, v in s.organs]])  # fmt: skip
    sheet.line("Approval", big=True)
    signed = s.signed.strftime("%d.%m.%Y")
    md = f"{s.first} {s.last}, MD" if s.approval == "approved" else "________________"
    ph = PHYSICIST if s.approval in ("approved", "physicist") else "________________"
    sheet.table((40, 250, 440), [["Radiation Oncologist", md, f"Approved {signed}" if s.approval == "approved" else "Date ________"],
                ["Medical Physicist", ph, f"Checked {signed}" if ph[0] != "_" else "Date ________"]])  # fmt: skip
    if s.approval == "reviewed":
        sheet.line(f"Reviewed by {s.first} {s.last}, MD, {signed}")
    return sheet.done()


def xio(s: Spec) -> bytes:
    """Held out: a line-printer report of equal signs."""
    sheet = Sheet("SOURCE DATA REPORT   CANNERY ROW CANCER CTR", "end of page", font="Courier", size=8)
    sheet.line("PATIENT = NORRIS, PIET        ID = 66120")
    sheet.line(f"TREATMENT PLAN ID = {s.label}      CREATION DATE = {s.created:%m-%d-%Y}")
    sheet.line(f"TECHNIQUE = { {'IMRT': 'IMRT, SEGMENTED MLC, INVERSE', '3DCRT': '3D CONFORMAL', 'VMAT': 'VMAT, INVERSE OPTIMIZED', 'FIF': 'FIELD-IN-FIELD, FORWARD PLANNED'}[s.technique] }")  # fmt: skip
    sheet.line(f"RX DOSE = {s.dose_gy * 100:.0f} CGY   FRACTIONS = {s.fractions}   DOSE/FX = {s.dose_gy * 100 / s.fractions:.0f} CGY   TARGET = {s.target}")  # fmt: skip
    for n, a, b, turn in rows_of_beams(s):
        sheet.line(f"BEAM {n:<4} {s.energy:<5} GANTRY {a:>6}{(' TO ' + b + ' ' + turn) if turn else ''}  ISO X={s.iso[0]} Y={s.iso[1]} Z={s.iso[2]}")  # fmt: skip
    if s.dvh:
        sheet.line("DVH SUMMARY             MIN     MAX    MEAN")
        for n, v in ((s.target, s.dose_gy), *s.organs):
            sheet.line(f"  {n.upper():<18}{v * 60:>8.0f}{v * 130:>8.0f}{v * 100:>8.0f}")
    stamp = f"{s.signed:%m-%d-%Y}"
    if s.approval == "approved":
        sheet.line(f"PHYSICIAN APPROVAL = {s.first.upper()} {s.last.upper()} MD      DATE = {stamp}")
    elif s.approval == "physicist":
        sheet.line(f"PHYSICS APPROVAL = {PHYSICIST.upper()}      DATE = {stamp}")
        sheet.line("PHYSICIAN APPROVAL = ______________    DATE = ________")
    else:
        sheet.line("PHYSICIAN APPROVAL = ______________    DATE = ________")
    return sheet.done()


def oncentra(s: Spec) -> bytes:
    """Held out: two halves of a page read down, decimal commas, approvals as a role-by-role list."""
    sheet = Sheet("Plan Evaluation   Klinik Am Weiher", "Seite", size=8.5)
    y = sheet.y
    sheet.pairs([("Name", "Brandt, Ilse"), ("Plan ID", s.label), ("Plan date", s.created.strftime("%d.%m.%Y")), ("Fractions", str(s.fractions)), ("Total dose", f"{comma(s.dose_gy)} Gy"), ("Target", s.target)], apart=True, wide=90)  # fmt: skip
    sheet.y = y
    tech = {"VMAT": "VMAT", "IMRT": "IMRT sliding window", "3DCRT": "3D-CRT", "FIF": "Field-in-field (forward)"}[s.technique]  # fmt: skip
    sheet.pairs([("Technique", tech), ("Optimizer", "inverse, 60 iterations" if s.inverse else "none"), ("Arcs" if s.arcs else "Beams", str(s.arcs or s.fields)), ("Isocentre", "single"), ("Energy", s.energy), ("Grid", "0,25 cm")], x=320, apart=True, wide=90)  # fmt: skip
    if s.dvh:
        sheet.table((40, 150, 230, 310), [["VOI", "D95 %", "Dmean", "Dmax"], [s.target, f"{comma(s.dose_gy * 0.96)} Gy", f"{comma(s.dose_gy)} Gy", f"{comma(s.dose_gy * 1.06)} Gy"],
                    *[[n, "-", f"{comma(v)} Gy", f"{comma(v * 1.5)} Gy"] for n, v in s.organs]], down=True)  # fmt: skip
    stamp = s.signed.strftime("%d.%m.%Y")
    rows = [
        ["Role", "Name", "Status", "Date"],
        ["Dosimetrist", s.planner, "Prepared", s.created.strftime("%d.%m.%Y")],
    ]
    rows.append(["Physicist", PHYSICIST, *(("Approved", stamp) if s.approval in ("approved", "physicist") else ("open", "-"))])  # fmt: skip
    state = {"approved": ("Approved", stamp), "reviewed": ("Reviewed", stamp)}.get(s.approval, ("open", "-"))
    rows.append(["Physician", f"Dr. {s.first} {s.last}", *state])
    sheet.table((40, 150, 320, 420), rows)
    return sheet.done()


LOOKS: dict[str, Look] = {"eclipse": eclipse, "pinnacle": pinnacle, "monaco": monaco, "raystation": raystation, "tomo": tomo, "iplan": iplan, "xio": xio, "oncentra": oncentra}  # fmt: skip
HELD_OUT = ("xio", "oncentra")
_TECHNIQUES = {"tomo": ("TOMOTHERAPY",)}


def reports(look: str, count: int) -> list[tuple[Spec, bytes]]:
    """Reports of one look with what is true of them."""
    kinds = _TECHNIQUES.get(look, ("VMAT", "VMAT", "IMRT", "3DCRT", "FIF"))
    made = [spec(1000 + seed, (kinds[seed % len(kinds)],)) for seed in range(count)]
    return [(one, LOOKS[look](one)) for one in made]


def told(pdf: bytes) -> dict[str, object] | None:
    """The one plan that a review reads from a report; ``None`` where it finds none or several."""
    from doc_review.case import open_cases
    from doc_review.review import review_case

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan_report.pdf"
        path.write_bytes(pdf)
        review = review_case(open_cases(path).cases[0]).review
    plans = [plan for course in review.courses for plan in course.plans]
    if len(plans) != 1:
        return None
    plan = plans[0]
    return {
        "label": plan.label,
        "date": plan.date,
        "technique": plan.technique,
        "inverse": bool(plan.inverse),
        "arcs": plan.arcs or 0,
        "isocenters": plan.isocenters or 1,
        "fractions": plan.fractions,
        "dose_gy": plan.dose_gy,
        "dvh_target": plan.dvh_target,
        "dvh_organ": plan.dvh_critical,
        "approved": plan.approval.state == "approved",
        "by": (plan.approval.by or "").replace(",", " ").split()
        if plan.approval.state == "approved"
        else None,
        "approved_on": plan.approval.date if plan.approval.state == "approved" else None,
    }


def truth(s: Spec) -> dict[str, object]:
    """What ``told`` should say."""
    signed = s.approval == "approved"
    return {
        "label": s.label,
        "date": s.created,
        "technique": s.technique,
        "inverse": s.inverse,
        "arcs": s.arcs if s.technique != "TOMOTHERAPY" else 1,
        "isocenters": s.isocenters,
        "fractions": s.fractions,
        "dose_gy": s.dose_gy,
        "dvh_target": s.dvh,
        "dvh_organ": s.dvh,
        "approved": signed,
        "by": s.last if signed else None,
        "approved_on": s.signed if signed else None,
    }


def right(name: str, found: object, true: object) -> bool:
    """Whether a field is right; a signer by surname."""
    if name == "by" and isinstance(found, list):
        return isinstance(true, str) and true.lower() in [part.lower() for part in found]
    return found == true


def main() -> int:
    """Print the share of right fields per look."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=12, help="reports per look")
    parser.add_argument("--look", choices=sorted(LOOKS), action="append", help="only these looks")
    parser.add_argument("--wrong", action="store_true", help="list what is wrong (not for held-out looks)")
    parser.add_argument("--out", type=Path, help="write the reports here")
    options = parser.parse_args()
    names = list(truth(spec(0, ("VMAT",))))
    print(f"{'look':<12}{'none':>5}" + "".join(f"{name[:10]:>11}" for name in names))
    for look in options.look or LOOKS:
        hits: Counter[str] = Counter()
        lost = 0
        for at, (made, pdf) in enumerate(reports(look, options.count)):
            if options.out:
                options.out.mkdir(parents=True, exist_ok=True)
                (options.out / f"{look}-{at:02}.pdf").write_bytes(pdf)
            found, true = told(pdf), truth(made)
            lost += found is None
            for name in names:
                good = found is not None and right(name, found[name], true[name])
                hits[name] += good
                if options.wrong and not good and look not in HELD_OUT:
                    print(f"  {look}-{at:02} {name}: {found and found[name]!r}, true {true[name]!r} ({made.technique}, {made.approval})")  # fmt: skip
        mark = "*" if look in HELD_OUT else ""
        print(
            f"{look + mark:<12}{lost:>5}" + "".join(f"{hits[n]:>8}/{options.count}" for n in names),
            flush=True,
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
