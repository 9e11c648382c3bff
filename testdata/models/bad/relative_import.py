from .helpers import build

model = build()
