"""Numbers as contracts write them: 12, 十二, 拾贰, xii, l, ⑫; both ways."""

import re
from collections.abc import Callable

DIGITS = "〇一二三四五六七八九"
_READ = {char: no for no, char in enumerate(DIGITS)} | {
    "零": 0, "两": 2, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9
}  # fmt: skip
_PLACES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_CHINESE = frozenset(
    ("chineseCounting", "chineseCountingThousand", "ideographDigital", "japaneseCounting", "taiwaneseCounting",
     "taiwaneseCountingThousand", "japaneseDigitalTenThousand", "koreanDigital2")
)  # fmt: skip
CHINESE = "".join(_READ) + "".join(_PLACES)
ROMAN_SIGNS = "".join(map(chr, range(0x2160, 0x216C)))
CIRCLED = "".join(map(chr, range(0x2460, 0x2474)))
_MOST = 9999
_LEGAL = str.maketrans("一二三四五六七八九十百千〇", "壹贰叁肆伍陆柒捌玖拾佰仟零")
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def shown(number: int, form: str) -> str:
    """A number in one of Word's number formats; those that are rare in contracts as plain digits."""
    circled = form.startswith("decimalEnclosedCircle") and 0 < number <= len(CIRCLED)
    form = "chineseCounting" if form in _CHINESE else "circled" if circled else form
    write = _FORMS.get(form) if 0 < number <= _MOST else None
    return str(number) if write is None else write(number)


def chinese(number: int) -> str:
    """1 to 9999 in Chinese: 十二, 一百〇三, 二百一十."""
    parts, gap = "", False
    for place, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, place)
        if digit:
            parts += ("〇" if gap else "") + DIGITS[digit] + sign
            gap = False
        else:
            gap = bool(parts)
    return parts[1:] if parts.startswith("一十") else parts


def roman(number: int) -> str:
    """In small Roman numerals."""
    found = ""
    for value, sign in _ROMAN:
        found += sign * (number // value)
        number %= value
    return found


def of_roman(text: str) -> int | None:
    """What Roman numerals stand for, also those that are one character; None where they are not written properly."""
    if len(text) == 1 and text in ROMAN_SIGNS:
        return ROMAN_SIGNS.index(text) + 1
    values = {sign: value for value, sign in _ROMAN if len(sign) == 1}
    signs = [values.get(sign, 0) for sign in text.lower()]
    number = sum(-one if one < after else one for one, after in zip(signs, [*signs[1:], 0], strict=True))
    return number if 0 < number <= _MOST and roman(number) == text.lower() else None


def _legal(number: int) -> str:
    return chinese(number).translate(_LEGAL)


def _letters(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


_FORMS: dict[str, Callable[[int], str]] = {
    "chineseCounting": chinese,
    "chineseLegalSimplified": _legal,
    "circled": lambda number: CIRCLED[number - 1],
    "lowerLetter": _letters,
    "upperLetter": lambda number: _letters(number).upper(),
    "lowerRoman": roman,
    "upperRoman": lambda number: roman(number).upper(),
    "decimalFullWidth": lambda number: str(number).translate(_WIDE),
    "decimalZero": lambda number: f"{number:02}",
}


def read(text: str) -> int | None:
    """The number that digits, Chinese numerals or a circled number stand for; None where they stand for none."""
    if len(text) == 1 and text in CIRCLED:
        return CIRCLED.index(text) + 1
    if re.fullmatch(r"[0-9]{1,4}", text):
        return int(text)
    if not text or len(text) > 9 or any(char not in CHINESE for char in text):
        return None
    if not any(char in _PLACES for char in text):
        return int("".join(str(_READ[char]) for char in text)) if len(text) <= 4 else None
    total, digit = 0, None
    for char in text:
        if char in _PLACES:
            total += (1 if digit is None else digit or 1) * _PLACES[char]
            digit = None
        else:
            digit = _READ[char]
    return total + (digit or 0)
