"""Keras's own training on several devices of this machine, with which a step in replicas is compared.

A variable belongs to a strategy of TensorFlow from where it is made. Here those of a model that stands are replaced by
ones that are made within MirroredStrategy, which is all that a model knows of it but two attributes.
"""

import contextlib
from unittest import mock

import keras
import tensorflow as tf
from tensorflow.python.distribute.mirrored_strategy import MirroredStrategy  # a script that runs may not have one

from pygen.model import replicas as own


def strategy_of(replicas):
    """Return MirroredStrategy on so many logical CPUs, which adds up gradients in the order of the replicas.

    By default it adds each stretch of a gradient in another order, from three replicas on. That changes last bits,
    which normalization and the first steps of Adam magnify until nothing can be compared.
    """
    in_order = tf.distribute.ReductionToOneDevice()
    return MirroredStrategy([f"CPU:{k}" for k in range(replicas)], cross_device_ops=in_order)


@contextlib.contextmanager
def moved(model, variables, replicas):
    """Within it, a compiled and built model trains by MirroredStrategy on logical CPUs, from its values of now.

    `variables` are its Keras variables, its optimizer's and its metrics'. What it trains is lost afterwards. Yields the
    function that cuts a nest of tensors into the values of the replicas. With one replica the model stays as it is.
    """
    if replicas == 1:
        yield lambda nest: nest
        return
    strategy = strategy_of(replicas)
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.object(model, "train_function", None))
        stack.enter_context(mock.patch.object(model, "_distribute_strategy", strategy))
        with strategy.scope():
            for variable in {id(each): each for each in variables}.values():
                stack.enter_context(mock.patch.object(variable, "_value", _mirror(variable)))
        for optimizer in filter(None, [model.optimizer, getattr(model.optimizer, "inner_optimizer", None)]):
            stack.enter_context(mock.patch.object(optimizer, "_distribution_strategy", strategy))
            places = {optimizer._var_key(v): place for place, v in enumerate(optimizer._trainable_variables)}
            stack.enter_context(mock.patch.object(optimizer, "_trainable_variables_indices", places))

        def cut(nest):
            def of(context):
                def rows(column):
                    low, high = own.ranges(column, replicas)[context.replica_id_in_sync_group]
                    return column[low:high]

                return keras.tree.map_structure(lambda c: None if c is None else rows(c), nest)

            return strategy.experimental_distribute_values_from_function(of)

        yield cut


def _mirror(variable):
    return tf.Variable(
        variable.value,
        dtype=variable.value.dtype,
        trainable=variable.trainable,
        name=variable.name,
        aggregation=variable._map_aggregation(variable.aggregation),
        synchronization=variable._map_synchronization(variable.synchronization),
    )
