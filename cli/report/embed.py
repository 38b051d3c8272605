# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes files as C arrays, each with the hash that a Content-Security-Policy names it by.

embed.py HEADER FILE...: the array of name.ext is name_ext, its hash NAME_EXT_HASH. ASCII only. The
comment on top that is there for whoever reads the source is left out, but for the licence.
"""

import base64
import hashlib
import re
import sys
from pathlib import Path

with open(sys.argv[1], "w", encoding="ascii") as header:
    header.write("/* made by cli/report/embed.py */\n\n")
    for path in map(Path, sys.argv[2:]):
        text = path.read_text(encoding="ascii")
        text = re.sub(r"\n/\*\n \* .*?\*/\n", "", text, count=1, flags=re.S)
        if "</" in text:
            sys.exit(f"{path}: '</' could end its element")
        name = path.name.replace(".", "_")
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        header.write(f'#define {name.upper()}_HASH "sha256-{digest}"\n\n')
        header.write(f"static const char {name}[] = {{\n")
        codes = [str(byte) for byte in text.encode()] + ["0"]
        for i in range(0, len(codes), 24):
            header.write(" ".join(code + "," for code in codes[i : i + 24]) + "\n")
        header.write("};\n\n")
