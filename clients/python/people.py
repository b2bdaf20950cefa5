"""A handful of people for the suites, written as the CSV that `syncline import` reads."""

from __future__ import annotations

from pathlib import Path

HEADER = (
    "userPrincipalName,displayName,givenName,surname,department,jobTitle,accountEnabled,manager"
)
PEOPLE = [
    ("ada", "Ada Lovelace", "Marketing", "Analyst", "true", "grace"),
    ("grace", "Grace Hopper", "Marketing", "Head of Marketing", "true", ""),
    ("mia", "Mia Møller", "Marketing", "Writer", "true", "grace"),
    ("linus", "Linus Ångström", "Sales", "Seller", "true", "grace"),
    ("emil", "Emil Gone", "Marketing", "Writer", "false", "grace"),
]


def write_people(folder: Path, domain: str) -> Path:
    """Writes users.csv for `domain`; Emil has left the company."""
    lines = [HEADER]
    for name, display_name, department, title, enabled, manager in PEOPLE:
        given, surname = display_name.split(" ")
        head = f"{manager}@{domain}" if manager else ""
        lines.append(
            f"{name}@{domain},{display_name},{given},{surname},{department},{title},{enabled},{head}"
        )
    file = folder / f"users-{domain}.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file
