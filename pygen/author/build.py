"""Build the model that a request names, of any kind."""

from pygen.author import applications, arguments, keras2, origin, reasons, saved, userfile
from pygen.author.origin import Author
from pygen.errors import ExportError
from pygen.examples.source import SEED


def begin(request):
    """Do what is asked before any code of the author runs: its dtype policy, its files. Raises ExportError."""
    import keras

    keras2.refuse()
    logical_cpus(request.replicas)
    keras.utils.set_random_seed(SEED)
    if request.precision:
        keras.config.set_dtype_policy(request.precision)
    for path in request.imports:
        userfile.load(path)


def logical_cpus(count):
    """Make so many logical CPUs of this machine's one, if more than one, before TensorFlow begins."""
    if count > 1:
        import tensorflow as tf

        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * count)


def author(request):
    """Return the `Author` of the model that an `options.Request` names. Runs its code. Raises ExportError."""
    begin(request)
    return _BY_KIND[request.spec.kind](request)


def _built_in(request):
    module = origin.module_of(request.spec)
    given = request.build_arguments() | request.arguments
    given = arguments.widened(module.build, given, request.width)
    arguments.check(module.build, given)
    try:
        model = module.build(**given)
    except (ValueError, TypeError) as error:
        told = ", ".join(f"{key}={value}" for key, value in given.items())
        raise ExportError(f"{request.spec.text} cannot be built with {told}: {reasons.of(error)[1]}") from error
    return Author(model, module.SETTINGS, recipe=module.DATA)


_BY_KIND = {
    "built-in": _built_in,
    "file": userfile.author,
    "saved": saved.author,
    "application": applications.author,
}
