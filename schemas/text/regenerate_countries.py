#!/usr/bin/env python3
"""Prints `ASSIGNED` of country.rs: the assigned country codes of ISO 3166-1, and XK for Kosovo.

    apt-get install iso-codes
    schemas/text/regenerate_countries.py /usr/share/iso-codes/json/iso_3166-1.json
"""

import json
import sys
import textwrap
from pathlib import Path

countries = json.loads(Path(sys.argv[1]).read_text())["3166-1"]
codes = sorted({country["alpha_2"] for country in countries} | {"XK"})
print(" \\\n".join(textwrap.wrap(" ".join(codes), 75)))
