import numpy as np
import tf_keras as keras

model = keras.Sequential([keras.layers.Dense(2, input_shape=(3,))])
model.compile("sgd", "mse")
model.fit(np.zeros((10, 3)), np.zeros((10, 2)))
