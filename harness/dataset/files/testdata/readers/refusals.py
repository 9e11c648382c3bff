"""Tells whether a refusal says what to do."""

import re

# A refusal says what to do by one of these verbs in the imperative, or by a flag.
WAY_OUT = re.compile(
    r"(?:[:;,(]|\b(?:or|and|to|then)) "
    r"(?:cast|choose|convert|copy|download|drop|export|fill|flatten|give|install|leave|lower|make|merge|name|put"
    r"|remove|rename|repair|save|say|set|split|store|try|unpack|use|write)\b"
    r"|--\w"
)


def has_way_out(text: str) -> bool:
    """Report whether a refusal says what to do, in words that are no path's."""
    return WAY_OUT.search(re.sub(r"(?<!\w)/\S*", "", text)) is not None


def judge(text: str, name: str) -> tuple[str, list[str]]:
    """Judge the refusal of a whole file, whose name and what to do it has to say."""
    good = name in text and has_way_out(text)
    return ("refused" if good else "NO WAY OUT"), [text]
