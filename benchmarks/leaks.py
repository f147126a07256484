"""How fast fragments are looked through, beside reading words and nothing else.

python -m benchmarks.leaks [--megabytes 20] [--patients 50000] [--json]
"""

from __future__ import annotations

import argparse
import base64
import datetime as dt
import json
import random
import time
import uuid
import zlib

from lab_contingency.incidents.rules import compose
from lab_contingency.oversight.matching import Caps, Known, match_streams, pieces_of

WORDS = (
    "sample haematology analyser received ward consultant potassium sodium creatinine the and of to "
    "escalated reviewed porter theatre coagulation screen urgent Smith Jones Patel Taylor Brown"
).split()
SURNAMES = [
    f"{a}{b}"
    for a in ("Smi", "Jon", "Pat", "Tay", "Bro", "Ade", "Oko", "Fair", "Wood", "Hal")
    for b in ("th", "es", "el", "lor", "wn", "yemi", "nkwo", "weather", "ley", "ford")
]
FORENAMES = ("Ann", "Bola", "Chidi", "Dara", "Ewa", "Femi", "Grace", "Hugh", "Ines", "Jack")


def nhs_number(seed: int) -> str:
    """An invented number of the 999 range with its check digit."""
    while True:
        digits = f"999{seed % 1_000_000:06d}"
        total = sum(int(d) * w for d, w in zip(digits, range(10, 1, -1), strict=True))
        check = (11 - total % 11) % 11
        if check != 10:
            return f"{digits}{check}"
        seed += 333_667


def invented(count: int, chance: random.Random) -> tuple[Known, list[str]]:
    """What is known of so many patients, and a row of each."""
    known, rows = Known(), []
    for place in range(count):
        patient = uuid.UUID(int=chance.getrandbits(128), version=4)
        surname, forename = chance.choice(SURNAMES), chance.choice(FORENAMES)
        born = dt.date(1930, 1, 1) + dt.timedelta(days=chance.randrange(30000))
        nhs, number = nhs_number(place * 7), compose(41, 1, place + 1)
        known.add_patient(patient, surname, forename, born, nhs_number=nhs)
        known.add_hospital_number(f"H{place * 131 % 10_000_000:07d}", patient)
        known.add_number(number, patient)
        rows.append(
            f"{surname},{forename},{born:%d/%m/%Y},{nhs[:3]} {nhs[3:6]} {nhs[6:]},{number}\n"
        )
    return known.ready(), rows


def decoys(size: int, chance: random.Random, *, numbers: float) -> str:
    """Words (a quarter of them common names) and numbers of every length."""
    pool = [
        chance.choice("12345678") + "".join(chance.choices("0123456789", k=chance.randrange(1, 16)))
        if chance.random() < numbers
        else chance.choice(WORDS)
        for _ in range(200_000)
    ]
    parts: list[str] = []
    length = 0
    while length < size:
        chance.shuffle(pool)
        text = " ".join(pool)
        parts.append(text)
        length += len(text)
    return "\n".join(parts)[:size]


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--megabytes", type=int, default=20)
    asked.add_argument("--patients", type=int, default=50_000)
    asked.add_argument("--json", action="store_true")
    options = asked.parse_args()
    chance = random.Random(1)
    known, rows = invented(options.patients, chance)
    figures = {}
    for name, data in inputs(options.megabytes * 1_000_000, rows, chance).items():
        begins = time.process_time()
        for start in range(0, len(data), 131072):
            data[start : start + 131072].split()
        floor = time.process_time() - begins
        begins = time.process_time()
        finding = match_streams(known, [pieces_of(data)], Caps())
        took = time.process_time() - begins
        figures[name] = {
            "bytes": len(data),
            "seconds": round(took, 3),
            "megabytes_a_second": round(len(data) / took / 1e6, 1),
            "times_splitting_into_words": round(took / floor, 1) if floor else None,
            "patients": len(finding.patients),
        }
    print(json.dumps(figures) if options.json else table(figures))


def inputs(size: int, rows: list[str], chance: random.Random) -> dict[str, bytes]:
    """The kinds of file that are measured."""
    mixed = decoys(size, chance, numbers=0.4)
    few = "".join(chance.choices(rows, k=2000))
    text = mixed[: size // 2] + few + mixed[size // 2 :]
    small = text[: size // 4]
    return {
        "words and numbers": text.encode(),
        "numbers only": decoys(size, chance, numbers=1.0).encode(),
        "rows of patients": "".join(chance.choices(rows, k=size // 60)).encode(),
        "utf-16": small.encode("utf-16-le"),
        "hexadecimal": small.encode().hex().encode(),
        "base64": base64.encodebytes(small.encode()),
        "random bytes": chance.randbytes(size // 4),
        "deflated (counted as inflated)": zlib.compress(small.encode(), 1),
    }


def table(figures: dict[str, dict[str, object]]) -> str:
    """For people."""
    lines = [f"{'input':<32}{'MB/s a core':>12}{'x split':>9}{'patients':>10}"]
    for name, one in figures.items():
        lines.append(
            f"{name:<32}{one['megabytes_a_second']:>12}{one['times_splitting_into_words']!s:>9}{one['patients']:>10}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
