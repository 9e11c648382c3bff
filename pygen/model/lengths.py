"""Which inputs and targets have sequences of the same length, found by calling the model on shapes alone."""

from dataclasses import replace

import keras

_TRIED = (96, 24, 8)  # lengths, since a model may take only so long ones, or only so short ones


def linked(model, inputs, needs):
    """Return the needs, with `same_length` of those whose sequences are as long as those of an input before them.

    `inputs` is the nest of the model's inputs as KerasTensors; `needs` are those of its leaves, then those of the
    model's outputs, in order. A target of another length than every input's has `missing` instead.
    """
    count = len(keras.tree.flatten(inputs))
    free = [number for number, need in enumerate(needs[:count]) if _is_free(need)]
    targets = [number for number, need in enumerate(needs) if number >= count and _is_free(need)]
    if not free or len(free) + len(targets) < 2:
        return needs
    apart = {number: place + 1 for place, number in enumerate(free)}
    together = dict.fromkeys(free, 1)
    for lengths in [{n: base * times[n] for n in free} for times in (apart, together) for base in _TRIED]:
        if (outputs := _lengths_of_outputs(model, inputs, lengths)) is not None:
            break
    else:  # the model does not tell; the comparison with Keras will
        lengths, outputs = dict.fromkeys(free, 0), [0] * (len(needs) - count)
    found = list(needs)
    for number in free + targets:
        length = lengths[number] if number in lengths else outputs[number - count]
        leader = next((n for n in free if lengths[n] == length), None)
        if leader is None:
            text = "its sequences are as long as those of no input: give the file a function data(n, seed)"
            found[number] = replace(needs[number], missing=text)
        elif leader != number:
            found[number] = replace(needs[number], same_length=needs[leader].name)
    return found


def _is_free(need):
    return need.shape[:1] == (None,) and not need.missing


def _lengths_of_outputs(model, inputs, lengths):
    """Return the length of each output for inputs of these lengths, {number of the leaf: length}; None if that fails.

    The length of an output without sequences is None.
    """
    leaves = [
        keras.KerasTensor((leaf.shape[0], lengths[n], *leaf.shape[2:]), dtype=leaf.dtype) if n in lengths else leaf
        for n, leaf in enumerate(keras.tree.flatten(inputs))
    ]
    try:
        outputs = model.compute_output_spec(keras.tree.pack_sequence_as(inputs, leaves))
    except Exception:  # the author's code, which is told of where it counts
        return None
    return [output.shape[1] if len(output.shape) > 1 else None for output in keras.tree.flatten(outputs)]
