"""An optimizer with everything: schedule, clipping, weight decay, moving averages, accumulated gradients."""

import keras
from keras import layers


def build(kind="adamw"):
    """Return the compiled model: (batch, 12) to (batch, 1)."""
    model = keras.Sequential([keras.Input((12,)), layers.Dense(24, activation="relu"), layers.Dense(1)])
    schedule = keras.optimizers.schedules.CosineDecay(0.0, 20, warmup_target=0.01, warmup_steps=4)
    common = {"weight_decay": 0.01, "use_ema": True, "ema_overwrite_frequency": 3}
    optimizers = {
        "adamw": lambda: keras.optimizers.AdamW(schedule, global_clipnorm=1.0, gradient_accumulation_steps=2, **common),
        "sgd": lambda: keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True, clipvalue=0.5, **common),
        "lion": lambda: keras.optimizers.Lion(0.001, clipnorm=1.0, **common),
    }
    model.compile(optimizer=optimizers[kind](), loss="huber")
    return model
