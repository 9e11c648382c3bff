"""The types of numbers that Go knows."""

NUMBERS = {"bool", "bfloat16", "float16", "float32", "float64"}
NUMBERS |= {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
