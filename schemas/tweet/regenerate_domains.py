#!/usr/bin/env python3
"""Regenerates generic_domains.txt and country_domains.txt, the top-level domains that count as addresses in a post.

They come from npm twitter-text (Apache-2.0), so that a post is counted as the network's own library counts it:

    npm pack twitter-text@3.1.0 && tar xf twitter-text-3.1.0.tgz
    schemas/tweet/regenerate_domains.py package

`tests/interop/counting.mjs` compares the counts with the same version.
"""

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LISTS = {"validGTLD": "generic_domains.txt", "validCCTLD": "country_domains.txt"}


def names(source: str) -> list[str]:
    # '(?:(?:' + 'com|net|' + 'org' + ')(?=…)': one alternation, written as several strings.
    alternation = re.search(r"'\(\?:\(\?:' \+ (.*?) \+ '\)\(\?=", source, re.DOTALL)
    return sorted("".join(re.findall(r"'([^']*)'", alternation.group(1))).split("|"))


for module, target in LISTS.items():
    source = (Path(sys.argv[1]) / "dist/regexp" / f"{module}.js").read_text()
    (HERE / target).write_text("".join(f"{name}\n" for name in names(source)))
