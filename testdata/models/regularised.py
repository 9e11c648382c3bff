"""Every layer that draws at random, and batch statistics."""

import keras
from keras import layers, regularizers


def build():
    """Return the compiled model: series (batch, 20, 6) to probabilities (batch, 3)."""
    series = keras.Input((20, 6))
    x = layers.GaussianNoise(0.1)(series)
    x = layers.Conv1D(16, 3, kernel_regularizer=regularizers.L2(1e-3))(x)
    x = layers.BatchNormalization()(x)
    x = layers.SpatialDropout1D(0.2)(x)
    x = layers.LSTM(16, dropout=0.1, recurrent_dropout=0.2, return_sequences=True)(x)
    x = layers.GRU(16, recurrent_dropout=0.1)(x)
    x = layers.AlphaDropout(0.1)(x)
    x = layers.GaussianDropout(0.1)(x)
    x = layers.Dense(16, activation="relu", activity_regularizer=regularizers.L1(1e-4))(x)
    x = layers.Dropout(0.5)(x)
    model = keras.Model(series, layers.Dense(3, activation="softmax")(x))
    model.compile(optimizer="adam", loss="categorical_crossentropy")
    return model
