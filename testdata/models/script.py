"""An ordinary script: data, model, compile, fit, all at the top."""

import keras
import numpy as np
from keras import layers

print("making data")
random = np.random.default_rng(1)
x_train = random.normal(size=(200, 12)).astype("float32")
y_train = (x_train.sum(axis=1) > 0).astype("int32")

model = keras.Sequential(
    [
        keras.Input((12,)),
        layers.Dense(16, activation="relu"),
        layers.Dropout(0.1),
        layers.Dense(2),
    ]
)
model.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.summary()
history = model.fit(x_train, y_train, batch_size=20, epochs=4, validation_split=0.1, verbose=2)
print("accuracy", history.history["accuracy"][-1])
