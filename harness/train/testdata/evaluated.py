"""A model whose metrics are no means over batches: two outputs, a dict of inputs, sample weights, dropout."""

import keras
import numpy as np


def build():
    """Return the compiled model."""
    picture = keras.Input((6,), name="picture")
    words = keras.Input((4,), dtype="int32", name="words")
    text = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(9, 5)(words))
    both = keras.layers.Concatenate()([keras.layers.BatchNormalization()(picture), text])
    hidden = keras.layers.Dropout(0.4, seed=5)(keras.layers.Dense(16, activation="relu")(both))
    liked = keras.layers.Dense(1, activation="sigmoid", name="liked")(hidden)
    kind = keras.layers.Dense(3, activation="softmax", name="kind")(hidden)
    model = keras.Model({"picture": picture, "words": words}, {"liked": liked, "kind": kind})
    model.compile(
        keras.optimizers.Adam(0.01),
        loss={"liked": "binary_crossentropy", "kind": "categorical_crossentropy"},
        metrics={
            "liked": ["accuracy", keras.metrics.AUC(name="auc")],
            "kind": [
                keras.metrics.MeanIoU(3, sparse_y_true=False, sparse_y_pred=False, name="iou"),
                keras.metrics.F1Score(name="f1"),
            ],
        },
        weighted_metrics={"liked": ["mae"], "kind": []},
    )
    return model


def data(n, seed):
    """Return n examples in which there is something to learn."""
    random = np.random.default_rng(seed)
    picture = random.normal(size=(n, 6)).astype("float32")
    words = random.integers(0, 9, (n, 4)).astype("int32")
    liked = (picture[:, :1] + words[:, :1] / 4 + random.normal(size=(n, 1)) > 1).astype("float32")
    kind = np.eye(3, dtype="float32")[(picture[:, 1] > 0).astype(int) + (words[:, 1] > 4)]
    weights = random.uniform(0.5, 2, (2, n)).astype("float32")
    return (
        {"picture": picture, "words": words},
        {"liked": liked, "kind": kind},
        {"liked": weights[0], "kind": weights[1]},
    )
