"""A loop over train_on_batch(...): what its calls were given, as batches of an epoch."""

from pygen.author.notices import Notices
from pygen.author.origin import SETTINGS, Author, Batches
from pygen.examples.data import Settings


def author(given):
    """Return the Author of a `loops.Batches`, which has at least one batch."""
    import keras
    import tensorflow as tf

    notices = Notices()
    notices.say("loop", f"the batches of {len(given.batches)} calls of train_on_batch(...) at {given.where} are timed")
    elements = [keras.utils.pack_x_y_sample_weight(*batch) for batch in given.batches]
    first = tf.nest.map_structure(lambda leaf: tf.TensorSpec((None, *leaf.shape[1:]), leaf.dtype), elements[0])
    dataset = tf.data.Dataset.from_generator(lambda: iter(elements), output_signature=first)
    batches = Batches(dataset, len(elements), "a loop", of="train_on_batch(...)")
    settings = Settings(SETTINGS.samples, SETTINGS.batch, SETTINGS.epochs)
    return Author(given.model, settings, batches=batches, notices=notices)
