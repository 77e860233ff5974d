"""Barcodes as North American libraries print them: 14 digits in Codabar, the last a check digit."""

from zlib import crc32


def barcode(kind: str, owner: str, serial: int) -> str:
    """`kind` 2 is a person, 3 an item; `owner` gives the four digits of the library (from its symbol)."""
    digits = f"{kind}{1000 + crc32(owner.encode()) % 9000}{serial % 10**8:08d}"
    # Mod 10 as on bank cards: every other digit doubled, beginning with the first.
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(digits))
    return digits + str(-total % 10)
