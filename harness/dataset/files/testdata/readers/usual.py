"""What the usual reader of a public file makes of it, as columns to compare with.

Parquet and Arrow are read by pyarrow, CSV by pandas, TFRecord by TensorFlow's own parser of tf.train.Example and
tf.train.SequenceExample, images by Pillow.
"""

import dataclasses
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import feather, ipc, parquet

IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp")
LISTS = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
TEXTS = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_fixed_size_binary,
    pa.types.is_string_view,
    pa.types.is_binary_view,
)


@dataclasses.dataclass
class Column:
    """The values of one column, row after row."""

    kind: str  # number, text, or the name of another type
    values: np.ndarray | list  # without nulls
    lengths: np.ndarray | None = None  # values of each row; None: one
    gaps: bool = False  # a row has no value, or a null in its list
    deep: bool = False  # lists of lists
    names: tuple[str, ...] = ()  # what else it may be called
    written: list[bytes] | None = None  # the text of each value, where it is one

    def trains(self) -> bool:
        """Report whether each row has numbers or texts, so that a graph can be fed."""
        full = self.lengths is None or bool((self.lengths > 0).all())
        return self.kind in ("number", "text") and len(self.values) > 0 and full and not self.gaps and not self.deep


def kind_of(path: str) -> str:
    """Return which reader a file usually has, by its name."""
    name = path.lower().rsplit("/", 1)[-1]
    if name.endswith(IMAGES):
        return "image"
    if name.endswith((".csv", ".tsv", ".csv.gz")):
        return "CSV"
    if name.endswith(".parquet"):
        return "Parquet"
    if name.endswith((".arrow", ".feather", ".stream", ".arrow_file")):
        return "Arrow"
    return "TFRecord"


def read(path: Path) -> dict[str, Column]:
    """Return the columns of a table by name."""
    readers = {"CSV": by_pandas, "Parquet": by_parquet, "Arrow": by_arrow}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return readers.get(kind_of(str(path)), by_tensorflow)(path)


def by_pandas(path: Path) -> dict[str, Column]:
    """Return numbers as pandas makes them, and the text of what it takes for others."""
    options = {"sep": "\t"} if path.name.lower().endswith(".tsv") else {}
    # The default parser of pandas is off by a unit in the last place now and then.
    table = pd.read_csv(path, float_precision="round_trip", **options)
    texts = pd.read_csv(path, dtype=str, keep_default_na=False, **options)
    out = {}
    for name in table.columns:
        column, written = table[name], [v.encode() for v in texts[name]]
        made = Column("text", written, gaps=bool(column.isna().any()), written=written)
        if pd.api.types.is_numeric_dtype(column) and column.dtype != bool:
            made.kind, made.values = "number", column.dropna().to_numpy()
        out[name] = made
    return out


def by_parquet(path: Path) -> dict[str, Column]:
    """Return the leaves of a Parquet file's columns, as pyarrow reads them."""
    with parquet.ParquetFile(path) as f:
        table = f.read()
        paths = [f.schema.column(i).path for i in range(len(f.schema))]
    out = from_arrow(table)
    if len(paths) == len(out):
        for column, name in zip(out.values(), paths, strict=True):
            column.names += (name,)
    return out


def by_arrow(path: Path) -> dict[str, Column]:
    """Return the leaves of an Arrow file, stream or Feather file."""
    try:
        with ipc.open_file(path) as f:
            return from_arrow(f.read_all())
    except pa.ArrowInvalid:
        pass
    try:
        with path.open("rb") as stream, ipc.open_stream(stream) as f:
            return from_arrow(f.read_all())
    except pa.ArrowInvalid:
        return from_arrow(feather.read_table(path))


def from_arrow(table: pa.Table) -> dict[str, Column]:
    """Return the leaves of a table in the order of its columns."""
    out = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if not known(column):
            out[name] = Column("a type that pyarrow has no class for", [])
            continue
        whole = column.combine_chunks()
        if isinstance(whole, pa.ChunkedArray):
            whole = pa.concat_arrays(whole.chunks) if whole.chunks else pa.nulls(0)
        for leaf, made in leaves(name, whole, None, False):
            while leaf in out:  # two of one name
                leaf += "'"
            out[leaf] = made
    return out


def known(column: pa.ChunkedArray) -> bool:
    """Report whether pyarrow has a class of arrays of the type."""
    try:
        return column.num_chunks == 0 or column.chunk(0) is not None
    except KeyError:
        return False


def leaves(
    name: str, array: pa.Array, lengths: np.ndarray | None, gaps: bool, deep=False
) -> Iterator[tuple[str, Column]]:
    """Yield the columns of numbers and strings below an array; lengths are those of the lists around it."""
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        yield from leaves(name, array.storage, lengths, gaps, deep)
    elif pa.types.is_dictionary(kind):
        yield from leaves(name, array.dictionary_decode(), lengths, gaps, deep)
    elif pa.types.is_run_end_encoded(kind):
        decoded = pc.run_end_decode(array)
        yield from leaves(name, decoded, lengths, gaps, deep)
    elif pa.types.is_struct(kind):
        for field, child in zip(kind, array.flatten(), strict=True):
            yield from leaves(f"{name}.{field.name}", child, lengths, gaps, deep)
    elif pa.types.is_map(kind) or any(is_list(kind) for is_list in LISTS):
        yield from below_list(name, array, lengths, gaps, deep)
    else:
        yield name, leaf_of(array, lengths, gaps, deep)


def below_list(name, array, lengths, gaps, deep) -> Iterator[tuple[str, Column]]:
    """Yield the columns below a list or a map."""
    gaps = gaps or array.null_count > 0
    if pa.types.is_map(array.type):
        pairs = [v or [] for v in array.to_pylist(maps_as_pydicts=None)]
        own = np.array([len(v) for v in pairs], dtype=np.int64)
        for part, child in enumerate((array.type.key_type, array.type.item_type)):
            below = pa.array([p[part] for v in pairs for p in v], child)
            leaf = f"{name}.{('key', 'value')[part]}"
            yield from leaves(leaf, below, own, gaps, deep or lengths is not None)
        return
    own = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    yield from leaves(name, array.flatten(), own, gaps, deep or lengths is not None)


def leaf_of(array: pa.Array, lengths, gaps: bool, deep: bool) -> Column:
    """Return the values of an array that has no others below it."""
    kind, gaps = array.type, gaps or array.null_count > 0
    if any(is_text(kind) for is_text in TEXTS):
        values = [v.encode() if isinstance(v, str) else v for v in array.to_pylist()]
        values = [v for v in values if v is not None]
        return Column("text", values, lengths, gaps, deep)
    if not pa.types.is_primitive(kind) and not pa.types.is_decimal(kind):
        return Column(str(kind), [], lengths, gaps, deep)
    array = array.drop_null()
    if pa.types.is_boolean(kind):
        values = np.array(array.to_pylist(), dtype=np.uint8)
        return Column("number", values, lengths, gaps, deep)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return Column("number", array.to_numpy(zero_copy_only=False), lengths, gaps, deep)
    if pa.types.is_decimal(kind):
        values = np.array([float(v) for v in array.to_pylist()])
        return Column("number", values, lengths, gaps, deep)
    return Column(str(kind), [], lengths, gaps, deep)


def by_tensorflow(path: Path) -> dict[str, Column]:
    """Return the features of a TFRecord file of examples or sequence examples."""
    import tensorflow as tf

    kind = "GZIP" if path.read_bytes()[:2] == b"\x1f\x8b" else ""
    records = [r.numpy() for r in tf.data.TFRecordDataset(str(path), kind)]
    if not records:
        raise ValueError("no records")
    features: dict[str, list] = {}
    for i, record in enumerate(records):
        for name, value in parse(record):
            features.setdefault(name, [[]] * i).append(value)
        for of_name in features.values():
            of_name.extend([[]] * (i + 1 - len(of_name)))
    return {name: from_lists(values) for name, values in features.items()}


def parse(record: bytes) -> Iterator[tuple[str, list]]:
    """Yield the features of an example, or of a sequence's context and its steps, which are lists of lists."""
    import tensorflow as tf

    # The context of a sequence has the number that the features of an example have.
    for name, feature in tf.train.Example.FromString(record).features.feature.items():
        yield name, values_of(feature)
    sequence = tf.train.SequenceExample.FromString(record)
    for name, steps in sequence.feature_lists.feature_list.items():
        yield name, [values_of(step) for step in steps.feature]


def values_of(feature) -> list:
    """Return the values of a feature, which may have none of any type."""
    kind = feature.WhichOneof("kind")
    return list(getattr(feature, kind).value) if kind else []


def from_lists(rows: list[list]) -> Column:
    """Return a column of lists of one type."""
    deep = any(isinstance(v, list) for row in rows for v in row)
    flat = [v for row in rows for v in row]
    lengths = np.array([len(row) for row in rows])
    if deep:
        return Column("lists", [], lengths, deep=True)
    if flat and isinstance(flat[0], bytes):
        return Column("text", flat, lengths)
    floats = any(isinstance(v, float) for v in flat)
    kind = np.float32 if floats else np.int64
    return Column("number", np.array(flat, dtype=kind), lengths)


def pixels(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the first frame of an image by Pillow, height × width × 3 values, and which pixels have a colour.

    A transparent pixel of a GIF has none.
    """
    from PIL import Image

    with Image.open(path) as image:
        image.load()
        if image.mode.startswith("I"):  # 16 bits: Pillow would cut values off at 255
            grey = (np.asarray(image).astype(np.int64) >> 8).astype(np.uint8)
            return np.repeat(grey[:, :, None], 3, axis=2), np.ones(grey.shape, bool)
        values = np.asarray(image.convert("RGB"))
        if image.format != "GIF":
            return values, np.ones(values.shape[:2], bool)
        return values, np.asarray(image.convert("RGBA"))[:, :, 3] > 0


def keras_pixels(path: Path) -> np.ndarray | None:
    """Return the first frame of an image as Keras decodes it, or None if it does not."""
    import tensorflow as tf

    try:
        decoded = tf.io.decode_image(path.read_bytes(), channels=3, expand_animations=False)
    except tf.errors.InvalidArgumentError:  # as for WebP with alpha
        return None
    return decoded.numpy()
