package files

import (
	"bytes"
	"encoding/binary"
	"regexp"

	"epochtime/harness/dataset/images"
)

// foreign is a format that is not read, but known, so that its refusal says how to
// convert it.
type foreign struct {
	name    string   // with its article, as in "an HDF5 file"
	endings []string // of its files, in lower case
	marks   []mark   // any of them tells
	holds   []string // files of which a folder of the format holds one

	// text says that its files are text: where their names say another format, they count.
	text bool

	// wraps says that files of a format that is read may begin so too.
	wraps bool

	// looks reports whether a file is of the format where no mark tells: head is how it
	// begins, decompressed.
	looks func(head []byte) bool

	// Python that converts the file sys.argv[1] to sys.argv[2], which is called alike
	// with another ending. It has no single quotes.
	code   string
	ending string
	opens  bool   // the line opens compressed files too
	module string // of the standard library that unpacks it instead: python -m MODULE -e
	advice string // what to do where no line of Python does it
}

// mark is what a file has at an offset.
type mark struct {
	at    int
	bytes string
}

// begins are marks at the start of a file.
func begins(texts ...string) []mark {
	var out []mark
	for _, text := range texts {
		out = append(out, mark{0, text})
	}
	return out
}

// savesArrays is Python that makes arrays of what is in x: of dicts and tuples in each other,
// under joined names.
const savesArrays = `w = lambda v, n="": {k: a for i, p in (v.items() if isinstance(v, dict) else enumerate(v)) for k, a in w(p, (n + "_" + str(i)).strip("_")).items()} if isinstance(v, (dict, tuple)) else {n or "x": v}; numpy.savez(sys.argv[2], **w(x))`

// The lines that formats share.
const (
	hdf5Code  = `import sys, h5py, numpy; a = {}; h5py.File(sys.argv[1]).visititems(lambda k, v: a.update({k.replace("/", "_"): v[()]}) if isinstance(v, h5py.Dataset) else None); numpy.savez(sys.argv[2], **a)`
	zipBegins = "PK\x03\x04"
)

// foreigners lists the formats that are known and not read. The first that a file
// is of names it.
var foreigners = []foreign{
	{
		name: "a pointer of Git LFS", marks: begins("version https://git-lfs.github.com/spec/"),
		advice: "it stands for the file, which 'git lfs pull' fetches",
	},
	{
		name: "a MATLAB 7.3 file", marks: begins("MATLAB 7.3 MAT-file"), ending: ".npz",
		code: `import sys, h5py, numpy; numpy.savez(sys.argv[2], **{k: v[()].T for k, v in h5py.File(sys.argv[1]).items() if isinstance(v, h5py.Dataset)})`,
	},
	{
		name: "a MATLAB file", marks: begins("MATLAB 5.0 MAT-file"), endings: []string{".mat"}, ending: ".npz",
		code: `import sys, scipy.io, numpy; numpy.savez(sys.argv[2], **{k: v for k, v in scipy.io.loadmat(sys.argv[1]).items() if not k.startswith("__")})`,
	},
	{
		name: "an HDF5 file", marks: []mark{{0, "\x89HDF\r\n\x1a\n"}, {512, "\x89HDF\r\n\x1a\n"}}, endings: []string{".h5", ".hdf5", ".hdf", ".he5"}, ending: ".npz", code: hdf5Code,
	},
	{
		name: "a NetCDF file", marks: begins("CDF\x01", "CDF\x02", "CDF\x05"), endings: []string{".nc"}, ending: ".npz",
		code: `import sys, xarray, numpy; numpy.savez(sys.argv[2], **{k: v.values for k, v in xarray.open_dataset(sys.argv[1]).variables.items()})`,
	},
	{
		name: "a batch of CIFAR, a pickle", looks: func(head []byte) bool { return isPickle(head) && bytes.Contains(head, []byte("batch_label")) }, ending: ".npz",
		code: `import sys, pickle, numpy; d = pickle.load(open(sys.argv[1], "rb"), encoding="latin1"); numpy.savez(sys.argv[2], x=numpy.reshape(d["data"], (-1, 3, 32, 32)).transpose(0, 2, 3, 1), y=d.get("labels", d.get("fine_labels")))`,
	},
	{
		name: "a pickle of pandas", opens: true, looks: func(head []byte) bool { return isPickle(head) && bytes.Contains(head, []byte("pandas")) }, ending: ".parquet",
		code: `import sys, pandas; pandas.DataFrame(pandas.read_pickle(sys.argv[1])).to_parquet(sys.argv[2])`,
	},
	{
		name: "a PyTorch file", looks: isTorch, endings: []string{".pt", ".pth"}, ending: ".npz",
		code: `import sys, torch, numpy; x = torch.load(sys.argv[1]); ` + savesArrays,
	},
	{
		name: "a joblib pickle", looks: func(head []byte) bool { return isPickle(head) && bytes.Contains(head, []byte("joblib")) }, endings: []string{".joblib"}, ending: ".npz",
		code: `import sys, joblib, numpy; x = joblib.load(sys.argv[1]); ` + savesArrays,
	},
	{
		name: "a pickle", opens: true, looks: isPickle, endings: []string{".pkl", ".pickle", ".pkl.gz", ".pickle.gz", ".p"}, ending: ".npz",
		code: `import sys, gzip, pickle, numpy; x = pickle.load((gzip.open if sys.argv[1].endswith(".gz") else open)(sys.argv[1], "rb"), encoding="latin1"); ` + savesArrays,
	},
	{
		name: "a safetensors file", looks: isSafetensors, endings: []string{".safetensors"}, ending: ".npz",
		code: `import sys, safetensors.numpy, numpy; numpy.savez(sys.argv[2], **safetensors.numpy.load_file(sys.argv[1]))`,
	},
	{
		name: "an Excel file", looks: isExcel, endings: []string{".xlsx", ".xls", ".xlsm"}, ending: ".csv",
		code: `import sys, pandas; pandas.read_excel(sys.argv[1]).to_csv(sys.argv[2], index=False)`,
	},
	{
		name: "an OpenDocument sheet", looks: func(head []byte) bool {
			return bytes.HasPrefix(head, []byte(zipBegins)) && bytes.Contains(head[:min(len(head), 128)], []byte("opendocument.spreadsheet"))
		}, endings: []string{".ods"}, ending: ".csv",
		code: `import sys, pandas; pandas.read_excel(sys.argv[1], engine="odf").to_csv(sys.argv[2], index=False)`,
	},
	{
		name: "an ORC file", looks: func(head []byte) bool { return bytes.HasPrefix(head, []byte("ORC")) && suggested(head) == "" }, endings: []string{".orc"}, ending: ".parquet",
		code: `import sys, pyarrow.orc, pyarrow.parquet; pyarrow.parquet.write_table(pyarrow.orc.read_table(sys.argv[1]), sys.argv[2])`,
	},
	{
		name: "an Avro file", marks: begins("Obj\x01"), endings: []string{".avro"}, ending: ".parquet",
		code: `import sys, fastavro, pandas; pandas.DataFrame(fastavro.reader(open(sys.argv[1], "rb"))).to_parquet(sys.argv[2])`,
	},
	{
		name: "a Feather file of version 1", marks: begins("FEA1"), ending: ".parquet",
		code: `import sys, pandas; pandas.read_feather(sys.argv[1]).to_parquet(sys.argv[2])`,
	},
	{
		name: "an SQLite database", marks: begins("SQLite format 3\x00"), endings: []string{".sqlite", ".sqlite3", ".db"}, ending: ".csv",
		code: `import sys, sqlite3, pandas; c = sqlite3.connect(sys.argv[1]); t = c.execute("select name from sqlite_master where type = ?", ["table"]).fetchone()[0]; pandas.read_sql("select * from [" + t + "]", c).to_csv(sys.argv[2], index=False)`,
	},
	{
		name: "an LMDB database", marks: []mark{{16, "\xde\xc0\xef\xbe"}}, endings: []string{".mdb", ".lmdb"}, holds: []string{"data.mdb"},
		code: `import os, sys, lmdb; os.makedirs(sys.argv[2]); [open(os.path.join(sys.argv[2], k.decode().replace("/", "_")), "wb").write(v) for k, v in lmdb.open(sys.argv[1], readonly=True, lock=False, subdir=os.path.isdir(sys.argv[1])).begin().cursor()]`,
	},
	{
		name: "an R file", opens: true, marks: begins("RDX2\n", "RDX3\n", "X\n\x00\x00\x00\x02", "X\n\x00\x00\x00\x03"), endings: []string{".rds", ".rda", ".rdata"}, ending: ".csv",
		code: `import sys, pyreadr; next(iter(pyreadr.read_r(sys.argv[1]).values())).to_csv(sys.argv[2], index=False)`,
	},
	{
		name: "a SAS file", endings: []string{".sas7bdat", ".xpt"}, ending: ".csv",
		marks: begins("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xc2\xea\x81\x60", "HEADER RECORD*******LIB"),
		code:  `import sys, pyreadstat; (pyreadstat.read_xport if sys.argv[1].endswith(".xpt") else pyreadstat.read_sas7bdat)(sys.argv[1])[0].to_csv(sys.argv[2], index=False)`,
	},
	{
		name: "a Stata file", marks: begins("<stata_dta>"), endings: []string{".dta"}, ending: ".csv",
		code: `import sys, pandas; pandas.read_stata(sys.argv[1]).to_csv(sys.argv[2], index=False)`,
	},
	{
		name: "an SPSS file", marks: begins("$FL2", "$FL3"), endings: []string{".sav", ".zsav"}, ending: ".csv",
		code: `import sys, pyreadstat; pyreadstat.read_sav(sys.argv[1])[0].to_csv(sys.argv[2], index=False)`,
	},
	{
		name: "a Zarr store", holds: []string{".zarray", ".zgroup", "zarr.json"}, ending: ".npz",
		code: `import sys, zarr, numpy; g = zarr.open(sys.argv[1], mode="r"); numpy.savez(sys.argv[2], **({k: v[:] for k, v in g.arrays()} if hasattr(g, "arrays") else {"x": g[:]}))`,
	},
	{
		name: "a Delta table", holds: []string{"_delta_log"}, ending: ".parquet",
		code: `import sys, deltalake; deltalake.DeltaTable(sys.argv[1]).to_pandas().to_parquet(sys.argv[2])`,
	},
	{
		name: "a saved model", holds: []string{"saved_model.pb"}, looks: isKeras, endings: []string{".keras", ".onnx", ".tflite"},
		advice: "it is no data: give the data that it trains on",
	},
	{
		name: "a WAV file", looks: func(head []byte) bool {
			return bytes.HasPrefix(head, []byte("RIFF")) && len(head) >= 12 && string(head[8:12]) == "WAVE"
		}, endings: []string{".wav"}, ending: ".npz",
		code: `import sys, scipy.io.wavfile, numpy; numpy.savez(sys.argv[2], x=scipy.io.wavfile.read(sys.argv[1])[1])`,
	},
	{
		name: "an audio file", marks: begins("fLaC\x00", "OggS\x00", "ID3\x02", "ID3\x03", "ID3\x04"), endings: []string{".flac", ".ogg", ".mp3"}, ending: ".npz",
		code: `import sys, soundfile, numpy; numpy.savez(sys.argv[2], x=soundfile.read(sys.argv[1])[0])`,
	},
	{
		name: "a data set that tf.data saved", holds: []string{"dataset_spec.pb"}, ending: ".npz",
		code: `import sys, numpy, tensorflow as tf; x = tf.nest.map_structure(lambda *v: numpy.stack(v), *tf.data.Dataset.load(sys.argv[1]).as_numpy_iterator()); ` + savesArrays,
	},
	{
		name: "a DICOM image", marks: []mark{{128, "DICM"}}, endings: []string{".dcm"}, ending: ".npy",
		code: `import sys, pydicom, numpy; numpy.save(sys.argv[2], pydicom.dcmread(sys.argv[1]).pixel_array)`,
	},
	{
		name: "a NIfTI image", opens: true, marks: []mark{{344, "n+1\x00"}}, endings: []string{".nii", ".nii.gz"}, ending: ".npy",
		code: `import sys, nibabel, numpy; numpy.save(sys.argv[2], nibabel.load(sys.argv[1]).get_fdata())`,
	},
	{
		name: "a 7z archive", marks: begins("7z\xbc\xaf\x27\x1c"), endings: []string{".7z"}, advice: "unpack it with '7z x'",
	},
	{
		name: "a RAR archive", marks: begins("Rar!\x1a\x07"), endings: []string{".rar"}, advice: "unpack it with 'unrar x'",
	},
	{
		name: "a tar archive", marks: []mark{{257, "ustar"}}, endings: []string{".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"}, module: "tarfile",
	},
	{
		name: "a zip archive", wraps: true, looks: func(head []byte) bool { return bytes.HasPrefix(head, []byte(zipBegins)) }, endings: []string{".zip"}, module: "zipfile",
	},
	{
		name: "a TIFF image", marks: begins("II*\x00", "MM\x00*"), endings: []string{".tif", ".tiff"}, ending: ".png",
		code: `import sys, PIL.Image; PIL.Image.open(sys.argv[1]).convert("RGB").save(sys.argv[2])`,
	},
	{
		name: "an AVIF or HEIC image", marks: []mark{{4, "ftypavif"}, {4, "ftypheic"}, {4, "ftypmif1"}}, endings: []string{".avif", ".heic"}, ending: ".png",
		code: `import sys, PIL.Image; PIL.Image.open(sys.argv[1]).convert("RGB").save(sys.argv[2])`,
	},
	{
		name: "an image", looks: isImage, endings: images.Format.Ends,
		advice: "images are read from a folder that holds a folder of them for each class: give that folder",
	},
	{
		name: "a Matrix Market file", marks: begins("%%MatrixMarket"), text: true, endings: []string{".mtx"}, ending: ".npz",
		code: `import sys, scipy.io, scipy.sparse, numpy; x = scipy.io.mmread(sys.argv[1]); numpy.savez(sys.argv[2], x=x.toarray() if scipy.sparse.issparse(x) else x)`,
	},
	{
		name: "an ARFF file", endings: []string{".arff"}, ending: ".csv",
		code: `import sys, scipy.io.arff, pandas; pandas.DataFrame(scipy.io.arff.loadarff(sys.argv[1])[0]).map(lambda v: v.decode() if isinstance(v, bytes) else v).to_csv(sys.argv[2], index=False)`,
	},
	{
		name: "a web page", marks: begins("<!DOCTYPE html", "<!doctype html", "<html"), text: true, endings: []string{".html", ".htm"}, ending: ".csv",
		code: `import sys, pandas; pandas.read_html(sys.argv[1])[0].to_csv(sys.argv[2], index=False)`,
	},
	{
		name: "an XML file", opens: true, marks: begins("<?xml"), text: true, endings: []string{".xml"}, ending: ".csv",
		code: `import sys, pandas; pandas.read_xml(sys.argv[1]).to_csv(sys.argv[2], index=False)`,
	},
	{
		name: "a LIBSVM file", looks: isLIBSVM, endings: []string{".svm", ".libsvm", ".svmlight"}, ending: ".npz",
		code: `import sys, sklearn.datasets, numpy; x, y = sklearn.datasets.load_svmlight_file(sys.argv[1]); numpy.savez(sys.argv[2], x=x.toarray(), y=y)`,
	},
}

// binaryCIFAR are the forms of CIFAR's .bin files, which only their size tells: a
// record is one or two labels, and three channels of 32×32 bytes.
var binaryCIFAR = []struct {
	record int64
	foreign
}{
	{3073, foreign{
		name: "a batch of CIFAR-10", ending: ".npz",
		code: `import sys, numpy; a = numpy.fromfile(sys.argv[1], "u1").reshape(-1, 3073); numpy.savez(sys.argv[2], x=a[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), y=a[:, 0])`,
	}},
	{3074, foreign{
		name: "a batch of CIFAR-100", ending: ".npz",
		code: `import sys, numpy; a = numpy.fromfile(sys.argv[1], "u1").reshape(-1, 3074); numpy.savez(sys.argv[2], x=a[:, 2:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), y=a[:, 1])`,
	}},
}

// isPickle reports whether a pickle of protocol 2 to 5 begins so.
func isPickle(head []byte) bool {
	return len(head) > 2 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5
}

// isTorch reports whether torch.save wrote it: a zip archive of a pickle, or its old form.
func isTorch(head []byte) bool {
	return bytes.HasPrefix(head, []byte(zipBegins)) && bytes.Contains(head[:min(len(head), 256)], []byte("/data.pkl")) ||
		bytes.HasPrefix(head, []byte("\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."))
}

// isKeras reports whether a model that Keras saved begins so: a zip archive.
func isKeras(head []byte) bool {
	return bytes.HasPrefix(head, []byte(zipBegins)) && bytes.Contains(head[:min(len(head), 64)], []byte("metadata.json"))
}

// isExcel reports whether a workbook begins so: a zip archive of XML, or a compound file.
func isExcel(head []byte) bool {
	first := head[:min(len(head), 64)] // the name of the first entry
	for _, name := range []string{"[Content_Types].xml", "docProps/", "_rels/", "xl/"} {
		if bytes.HasPrefix(head, []byte(zipBegins)) && bytes.Contains(first, []byte(name)) {
			return true
		}
	}
	return bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))
}

// isSafetensors reports whether the length of a JSON object and its start come first.
func isSafetensors(head []byte) bool {
	return len(head) > 10 && head[8] == '{' && head[9] == '"' && binary.LittleEndian.Uint64(head) < 100<<20
}

// isImage reports whether an image that is decoded begins so.
func isImage(head []byte) bool {
	for _, start := range []string{"\xff\xd8\xff", "\x89PNG\r\n", "GIF87a", "GIF89a"} {
		if bytes.HasPrefix(head, []byte(start)) {
			return true
		}
	}
	return len(head) >= 12 && bytes.HasPrefix(head, []byte("RIFF")) && string(head[8:12]) == "WEBP"
}

var libsvmLine = regexp.MustCompile(`^[-+]?[0-9.]+(,[0-9]+)*( qid:[0-9]+)?([ \t]+[0-9]+:[-+0-9.eE]+)+[ \t]*(#.*)?$`)

// isLIBSVM reports whether the first lines are a label and INDEX:VALUE each.
func isLIBSVM(head []byte) bool {
	lines := bytes.Split(head, []byte("\n"))
	if len(lines) > 1 {
		lines = lines[:min(len(lines)-1, 8)] // the last may be cut
	}
	for _, line := range lines {
		if !libsvmLine.Match(bytes.TrimRight(line, "\r")) {
			return false
		}
	}
	return true
}
