package files_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/dataset/files"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

var update = flag.Bool("update", false, "write the golden files anew")

// zipped is an archive of one empty file.
func zipped(t *testing.T, name string) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	_, err := w.Create(name)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// tarred is an archive of one empty file.
func tarred(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	if err := errors.Join(w.WriteHeader(&tar.Header{Name: "a.csv", Format: tar.FormatUSTAR}), w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// foreignFiles are files of each format that is known and not read, in the order of the
// table: as they begin, or of a name alone.
func foreignFiles(t *testing.T) [][2]string {
	t.Helper()
	return [][2]string{
		{"pointer.parquet", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"},
		{"pointer.csv", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"},
		{"new.mat", "MATLAB 7.3 MAT-file, Platform: GLNXA64" + strings.Repeat(" ", 474) + "\x89HDF\r\n\x1a\n"},
		{"old.mat", "MATLAB 5.0 MAT-file, Platform: GLNXA64"},
		{"a.h5", "\x89HDF\r\n\x1a\n\x00"},
		{"block.dat", strings.Repeat("\x00", 512) + "\x89HDF\r\n\x1a\n"},
		{"packed.h5.gz", datatest.Gzip(t, "\x89HDF\r\n\x1a\n\x00")},
		{"a.nc", "CDF\x01\x00"},
		{"data_batch_1", "\x80\x02}q\x01(U\x0bbatch_labelq\x02U\x15training batch 1 of 5"},
		{"frame.pkl", "\x80\x05\x95\x00\x00\x00\x00\x00\x00\x00\x00\x8c\x11pandas.core.frame\x94"},
		{"model.pt", zipped(t, "model/data.pkl")},
		{"old.pth", "\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."},
		{"a.joblib", "x"},
		{"model.pkl", "\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00\x8c\x13joblib.numpy_pickle\x94"},
		{"a.pkl", "\x80\x04\x95"},
		{"mnist.pkl.gz", datatest.Gzip(t, "\x80\x03\x95")},
		{"notes.txt", "\x80\x04\x95"},
		{"a.safetensors", "\x40\x00\x00\x00\x00\x00\x00\x00{\"x\":{}}"},
		{"a.xlsx", zipped(t, "[Content_Types].xml")},
		{"pandas.xlsx", zipped(t, "docProps/app.xml")},
		{"a.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"},
		{"renamed.csv", zipped(t, "[Content_Types].xml")},
		{"a.ods", zipped(t, "mimetypeapplication/vnd.oasis.opendocument.spreadsheet")},
		{"a.orc", "ORC\n\x00\x81"},
		{"a.avro", "Obj\x01"},
		{"a.feather", "FEA1\x00\x00\x00\x00"},
		{"a.db", "SQLite format 3\x00"},
		{"data.mdb", strings.Repeat("\x00", 16) + "\xde\xc0\xef\xbe"},
		{"a.rds", datatest.Gzip(t, "X\n\x00\x00\x00\x03")},
		{"a.sas7bdat", "x"},
		{"a.dta", "<stata_dta>"},
		{"a.sav", "$FL2"},
		{"a.keras", zipped(t, "metadata.json")},
		{"a.wav", "RIFF\x00\x00\x00\x00WAVE"},
		{"a.flac", "fLaC\x00\x00\x00\x22"},
		{"a.dcm", strings.Repeat("\x00", 128) + "DICM"},
		{"a.nii.gz", datatest.Gzip(t, strings.Repeat("\x00", 344)+"n+1\x00")},
		{"a.7z", "7z\xbc\xaf\x27\x1c\x00\x04"},
		{"a.rar", "Rar!\x1a\x07\x01\x00"},
		{"a.tar.gz", datatest.Gzip(t, tarred(t))},
		{"a.zip", zipped(t, "train.csv")},
		{"train.csv", zipped(t, "train.csv")},
		{"a.tif", "II*\x00"},
		{"a.heic", "\x00\x00\x00\x18ftypheic"},
		{"a.jpg", "\xff\xd8\xff\xe0"},
		{"a.webp", "RIFF\x00\x00\x00\x00WEBP"},
		{"a.mtx", "%%MatrixMarket matrix"},
		{"a.arff", "@relation x"},
		{"a.html", "<!DOCTYPE html>\n<html>"},
		{"a.xml", "<?xml version='1.0'?>"},
		{"a.svm", "x"},
		{"heart_scale", "+1 1:0.7 3:1 \n-1 2:-0.5e-3 # a comment\n"},
		{"a9a.txt", "-1 3:1 11:1\n+1 5:1 7:1\n"},
		{"data_batch_1.bin", strings.Repeat("\x01", 3073)},
		{"cifar100.bin", strings.Repeat("\x01", 2*3074)},
	}
}

// Each is refused by its own name, with what converts it: the golden file has all
// refusals, and a test in Python parses their lines.
func TestForeignFiles(t *testing.T) {
	var got strings.Builder
	for _, f := range foreignFiles(t) {
		dir := t.TempDir()
		path := datatest.WriteIn(t, dir, f[0], f[1])
		_, err := files.Describe(t.Context(), dataset.Request{Sources: []string{path}})
		datatest.WantError(t, err, dataset.ErrUnreadable, "which is not read here: ")
		_, asRun := datatest.Read(t, dataset.Request{Sources: []string{path}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Int64)}})
		if err == nil || asRun == nil || err.Error() != asRun.Error() {
			t.Errorf("%s: a run says %v", f[0], asRun)
		}
		got.WriteString(strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "") + "\n")
	}
	const golden = "testdata/foreign.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got.String()); d != "" {
		t.Error(d)
	}
}

// What looks like a format that is not read and is another is read.
func TestNotForeign(t *testing.T) {
	npz := testgraph.Tensor("x", graph.Int64)
	for name, content := range map[string]string{
		"orc.csv": "ORC,x\n1,2\n", "tree.csv": "ID3,x\n1,2\n", "page.csv": "<?xml version='1.0'?>,x\n1,2\n", "ratio.csv": "y,x\n1:2,2\n",
	} {
		if _, err := datatest.Open(t, name, content, npz); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := datatest.Open(t, "times.txt", "at 10:30 we met\n12 8:15\n", testgraph.Tensor("s", graph.String)); err != nil {
		t.Errorf("a text with times: %v", err)
	}
}

// As bytes, a file is read whatever it begins with.
func TestBytesOfAnyFile(t *testing.T) {
	path := datatest.File(t, "weights.txt", "\x80\x04\x95 and what follows")
	q := dataset.Request{Sources: []string{path}, Tensors: []graph.Tensor{datatest.Tokens("x", 4, 256)}}
	_, err := datatest.Read(t, q)
	datatest.WantError(t, err, dataset.ErrUnreadable, "is a pickle")
	q.Text.Tokens = dataset.Bytes
	if s := datatest.MustRead(t, q); s.Examples() != 5 {
		t.Errorf("%d examples", s.Examples())
	}
}

// FuzzContent reads a file whose name says nothing.
func FuzzContent(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "{\"x\": 1}\n", "PAR1", "PK\x03\x04", "\x80\x04\x95", "+1 1:0.5\n", "\x1f\x8b\x08", "\x93NUMPY", strings.Repeat("\x00", 260)} {
		f.Add(seed)
	}
	path := datatest.File(f, "content", "")
	f.Fuzz(func(t *testing.T, content string) {
		datatest.Fuzz(t, path, content, testgraph.Tensor("x", graph.Int64))
	})
}

// A file that nothing tells the format of says what is read, and what it looks like.
func TestUnknownFiles(t *testing.T) {
	fixed := binary.LittleEndian.AppendUint32(nil, 7)
	for _, c := range []struct{ name, content, says string }{
		{"iris.data", "5.1,3.5\n4.9,3.0\n", "It looks like a table: call it iris.data.csv"},
		{"wine.dat", "a;b\n1;2\n", "call it wine.dat.csv"},
		{"wide", "a\tb\n1\t2\n", "call it wide.tsv"},
		{"story", "Once, there was\na world, it was, and so on.\n", "It looks like plain text: call it story.txt"},
		{"accents", strings.Repeat("é", dataset.HeadBytes), "call it accents.txt"},
		{"story.txt.gz", datatest.Gzip(t, "Once there was a world.\n"), "It looks like plain text: unpack it, and call it story.txt"},
		{"iris.data.gz", datatest.Gzip(t, "5.1,3.5\n4.9,3.0\n"), "call it iris.data.gz.csv"},
		{"blob", "\x00\x01" + string(fixed), "CSV (.csv, .tsv)"},
		{"none", "", "none is of no kind"},
	} {
		path := datatest.File(t, c.name, c.content)
		_, err := files.Describe(t.Context(), dataset.Request{Sources: []string{path}})
		datatest.WantError(t, err, dataset.ErrUnreadable, c.says, "folder of tables")
		if c.name == "blob" && strings.Contains(err.Error(), "looks like") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
