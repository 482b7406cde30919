"""Recomputes what core/character_folding.sql lists from this Python's Unicode data and prints what differs, one line each.

Characters that this Python does not know yet are passed over; Unicode never changes the folding of one that it has assigned.
"""

import re
import sys
import unicodedata

import duckdb


def key(text):
    """What of a folded text a name key can hold (fine-print 1)."""
    return re.sub(r"[\W_]+", " ", text).strip()


def is_known(code_point):
    return unicodedata.category(chr(code_point)) not in ("Cn", "Co", "Cs")


def listed(model):
    return dict(duckdb.sql(open(model, encoding="utf-8").read()).fetchall())


def lowered():
    """DuckDB's lower case of every code point outside ASCII; surrogates are no characters."""
    return dict(
        duckdb.sql(
            "select code_point, lower(nfc_normalize(chr(code_point::int))) from range(128, 1114112) as characters(code_point)"
            " where code_point not between 55296 and 57343"
        ).fetchall()
    )


def differences(model):
    folding = listed(model)
    code_points = [code_point for code_point in range(128, sys.maxunicode + 1) if is_known(code_point)]
    lower = lowered()
    # Assigned long ago, so that every Python that we support knows it: what must be listed.
    old = {code_point for code_point in code_points if unicodedata.ucd_3_2_0.category(chr(code_point)) != "Cn"}
    for code_point in code_points:
        character = chr(code_point)
        expected = unicodedata.normalize("NFKC", character).casefold()
        found = folding.get(character)
        if found is not None and found != expected:
            yield f"U+{code_point:04X}: {found!r}, not {expected!r}"
        if found is None and code_point in old and key(lower[code_point]) != key(unicodedata.normalize("NFC", expected)):
            yield f"U+{code_point:04X} is not listed: {expected!r}"


for line in differences(sys.argv[1]):
    print(line)
