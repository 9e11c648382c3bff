package files_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/dataset/files"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// table is a file of one column and one row.
func table(x int) string { return fmt.Sprintf("x\n%d\n", x) }

// What a folder is depends on what is in it, and on what its files are called.
func TestFolders(t *testing.T) {
	for _, c := range []struct {
		name     string
		files    []string // names and contents in turn
		kind     string   // of the format; empty: refused
		examples int
		says     []string // the warning, or the refusal; DIR is the folder
	}{
		{"tables", []string{"b.csv", table(2), "a.csv", table(1)}, "CSV", 2, nil},
		{"a shard without examples", []string{"a.csv", "", "b.csv", table(2)}, "CSV", 1, nil},
		{"tables in folders", []string{"2/a.csv", table(2), "1/z.csv", table(1)}, "CSV", 2, nil},
		{"a folder that is called like a file", []string{"out.csv/part-0.csv", table(1), "out.csv/_SUCCESS", ""}, "CSV", 1, nil},
		{"tables with what describes them", []string{
			"a.csv", table(1), "_SUCCESS", "", "_metadata", "x", ".a.csv.crc", "x", "README.md", "# A", "README", "x", "LICENSE.txt", "free",
			"dataset_info.json", "{}", "features.json", "{}", "_temporary/0/b.csv", table(9), "y.labels.txt", "cat\ndog\n",
		}, "CSV", 1, nil},
		{"partitions", []string{"year=2020/month=1/a.csv", table(1), "year=2021/month=1/a.csv", table(2)}, "CSV", 2,
			[]string{"DIR: the names of its folders say year and month, which is no column"}},
		{"two kinds", []string{"a.csv", table(1), "b.npz", "x"}, "", 0, []string{"several kinds", "DIR/a.csv", "DIR/b.npz"}},
		{"a table and what nobody knows", []string{"a.csv", table(1), "b.xyz", "\x00"}, "", 0, []string{"several kinds", "DIR/a.csv", "DIR/b.xyz"}},
		{"what nobody knows, and a table", []string{"a.xyz", "\x00", "b.csv", table(1)}, "", 0, []string{"several kinds", "DIR/b.csv", "DIR/a.xyz"}},
		{"foreign files", []string{"a.h5", "\x89HDF\r\n\x1a\n"}, "", 0, []string{"DIR/a.h5 is an HDF5 file", "python -c"}},
		{"arrays", []string{"a.npz", "x", "b.npz", "x"}, "", 0, []string{"DIR holds arrays", "give files of it, such as DIR/a.npz"}},
		{"nothing", []string{"more/.hidden", ""}, "", 0, []string{"DIR/more is empty"}},
		{"nothing at all", []string{"README", ""}, "", 0, []string{"DIR holds no class folders: put the .jpg,", "there"}},
		{"texts beside no folder", []string{"a.txt", "one", "b.txt", "two"}, "", 0, []string{"DIR holds text", "DIR/a.txt"}},

		{"a text among images", []string{"cat/1.jpg", "x", "cat/LICENSE.txt", "free", "dog/1.jpg", "x"}, "", 0, []string{"DIR/cat/LICENSE.txt is in a class folder", "move it away"}},
		{"more texts than images", []string{"cat/1.txt", "x", "cat/2.txt", "x", "dog/1.JPG", "x"}, "", 0, []string{"DIR/cat/1.txt is in a class folder"}},
		{"a list beside images", []string{"labels.csv", table(1), "notes.txt", "x", "cat/1.jpg", "x", "dog/1.webp", "x"}, "images", 2, nil},
		{"a list and images beside each other", []string{"labels.csv", table(1), "1.jpg", "x"}, "", 0, []string{"several kinds", "DIR/1.jpg", "DIR/labels.csv"}},
		{"images beside no folder", []string{"1.jpg", "x", "2.jpg", "x"}, "", 0, []string{"DIR/1.jpg is beside the class folders", "a folder of their own"}},
		{"texts", []string{"urls.feat", "x", "labels.csv", table(1), "neg/1.txt", "bad", "pos/1.txt", "good"}, "text in class folders", 2, nil},
		{"texts and tables", []string{"neg/1.txt", "bad", "pos/1.csv", table(1)}, "", 0, []string{"several kinds", "DIR/neg/1.txt", "DIR/pos/1.csv"}},
		{"classes that are parts", []string{"test/cat/1.jpg", "x", "train/cat/1.jpg", "x"}, "images", 2,
			[]string{"DIR: the classes are called test and train", "give DIR/train"}},
		{"classes that are called longer", []string{"seg_test/cat/1.jpg", "x", "seg_train/cat/1.jpg", "x"}, "images", 2,
			[]string{"DIR: the classes are called seg_test and seg_train", "give DIR/seg_train"}},
		{"sets", []string{"test_set/cat/1.txt", "x", "Training_Set/cat/1.txt", "x"}, "text in class folders", 2,
			[]string{"called Training_Set and test_set", "give DIR/Training_Set"}},
		{"parts among classes", []string{"test tube/1.jpg", "x", "train/1.jpg", "x", "bus/1.jpg", "x"}, "images", 3, nil},
		{"a class that is called like a part", []string{"train/1.jpg", "x", "bus/1.jpg", "x"}, "images", 2, nil},

		{"parts as folders", []string{"train/a.csv", table(1), "train/b.csv", table(2), "test/a.csv", table(3), "test/b.csv", table(3)}, "", 0, []string{"not joined: give one of DIR/test, DIR/train"}},
		{"parts as folders further down", []string{"data/train/a.csv", table(1), "data/train/b.csv", table(2), "data/Valid/a.csv", table(3)}, "", 0, []string{"give one of DIR/data/Valid/a.csv, DIR/data/train"}},
		{"parts as files", []string{"x-train-0.csv", table(1), "x-train-1.csv", table(1), "x-test-0.csv", table(1), "x-test-1.csv", table(1)}, "", 0, []string{"give one of 'DIR/*test*', 'DIR/*train*'"}},
		{"parts and others", []string{"TRAIN.csv", table(1), "more-1.csv", table(1), "more-2.csv", table(1)}, "", 0, []string{"give one of DIR/TRAIN.csv, 'DIR/more-1.csv and those like it'"}},
		{"one part", []string{"train-0.csv", table(1), "train-1.csv", table(2)}, "CSV", 2, nil},
		{"a word that only contains one", []string{"contest.csv", table(1), "trainer.csv", table(1)}, "CSV", 2, nil},

		{"a saved Dataset", []string{"state.json", `{"_data_files": [{"filename": "b.csv"}, {"filename": "a.csv"}]}`, "a.csv", table(1), "b.csv", table(2), "cache-1.csv", table(9)}, "CSV", 2, nil},
		{"a saved Dataset that leaves its folder", []string{"state.json", `{"_data_files": [{"filename": "../a.csv"}]}`}, "", 0, []string{`state.json names "../a.csv"`}},
		{"a damaged state", []string{"state.json", `{"_data_files`, "a.csv", table(1)}, "", 0, []string{"DIR/state.json is damaged: copy the folder again"}},
		{"a saved Dataset that lacks a file", []string{"state.json", `{"_data_files": [{"filename": "a.csv"}, {"filename": "b.csv"}]}`, "a.csv", table(1)}, "", 0, []string{"DIR/b.csv is not there, and state.json lists it"}},
		{"a saved selection", []string{"state.json", `{"_data_files": [{"filename": "a.csv"}], "_indices_data_files": [{"filename": "i.csv"}]}`, "a.csv", table(1)}, "", 0, []string{"DIR holds a selection of its rows", "flatten_indices()"}},
		{"a DatasetDict", []string{"dataset_dict.json", `{"splits": ["train", "unlabelled"]}`, "train/a.csv", table(1), "unlabelled/a.csv", table(1)}, "", 0, []string{"give one of DIR/train, DIR/unlabelled"}},
		{"a DatasetDict of one", []string{"dataset_dict.json", `{"splits": ["train"]}`, "train/a.csv", table(1), "train/state.json", `{"_data_files": [{"filename": "a.csv"}]}`}, "CSV", 1, nil},

		{"a Zarr store", []string{".zgroup", "{}", "x/.zarray", "{}"}, "", 0, []string{"DIR is a Zarr store", "python -c"}},
		{"a saved model", []string{"saved_model.pb", "x", "variables/variables.index", "x"}, "", 0, []string{"DIR is a saved model", "give the data"}},
		{"what tf.data saved", []string{"dataset_spec.pb", "x", "snapshot.metadata", "x", "1/00000000.shard/00000000.snapshot", "x"}, "", 0, []string{"DIR is a data set that tf.data saved", "python -c"}},
		{"a Delta table", []string{"_delta_log/0.json", "{}", "a.csv", table(1)}, "", 0, []string{"DIR is a Delta table"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := several(t, c.files...)
			if strings.Contains(c.name, "called like a file") {
				dir = filepath.Join(dir, "out.csv")
			}
			says := make([]string, len(c.says))
			for i, s := range c.says {
				says[i] = strings.ReplaceAll(s, "DIR", dir)
			}
			d, err := files.Describe(t.Context(), dataset.Request{Sources: []string{dir}})
			if c.kind == "" {
				datatest.WantError(t, err, dataset.ErrUnreadable, says...)
				return
			}
			if err != nil || d.Kind != c.kind || d.Examples != c.examples {
				t.Fatalf("%+v, %v; want %s of %d examples", d, err, c.kind, c.examples)
			}
			warned := strings.Join(d.Warnings, "\n")
			if len(d.Warnings) != min(1, len(says)) || slices.ContainsFunc(says, func(s string) bool { return !strings.Contains(warned, s) }) {
				t.Errorf("warnings %q, want one that says %q", d.Warnings, says)
			}
		})
	}
}

// A folder's tables are read in the order of their names, the same by a run, and a file
// that comes later is noticed.
func TestFolderOfTablesIsRead(t *testing.T) {
	dir := several(t, "b/1.csv", table(3), "a.csv", table(1), "b/0.csv", table(2), "c.csv.gz", datatest.Gzip(t, table(4)))
	s, err := datatest.Read(t, dataset.Request{Sources: []string{dir}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Int64)}})
	if err != nil {
		t.Fatal(err)
	}
	if got := datatest.Values[int64](s, "x"); !slices.Equal(got, []int64{1, 2, 3, 4}) {
		t.Errorf("the values are %v", got)
	}
	datatest.WriteIn(t, dir, "b/2.csv", table(5))
	if err := s.Unchanged(); err == nil {
		t.Error("a file that came later is not noticed")
	}
}

// Shards without examples are passed over, whichever they are, unless each file is named.
func TestEmptyShards(t *testing.T) {
	dir := several(t, "0.csv", "", "1.csv", table(1), "2.csv", "", "3.csv", table(2))
	q := dataset.Request{Sources: []string{filepath.Join(dir, "*.csv")}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Int64)}}
	s, err := datatest.Read(t, q)
	if err != nil {
		t.Fatal(err)
	}
	if got := datatest.Values[int64](s, "x"); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("the values are %v", got)
	}
	q.Sources = []string{filepath.Join(dir, "1.csv"), filepath.Join(dir, "2.csv")}
	_, err = datatest.Read(t, q)
	datatest.WantError(t, err, dataset.ErrUnreadable, "2.csv is empty")
}

// Several folders are joined, and files with them.
func TestSeveralFolders(t *testing.T) {
	dir := several(t, "year=2020/a.csv", table(1), "year=2021/a.csv", table(2), "more.csv", table(3))
	s, err := datatest.Read(t, dataset.Request{
		Sources: []string{filepath.Join(dir, "year=*"), filepath.Join(dir, "more.csv")}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Int64)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := datatest.Values[int64](s, "x"); !slices.Equal(got, []int64{1, 2, 3}) {
		t.Errorf("the values are %v", got)
	}
}

// What is drawn from a folder has its warnings, and the size of its files.
func TestDrawFromFolder(t *testing.T) {
	dir := several(t, "train/cat/1.jpg", "x", "train/dog/1.jpg", "xy", "test/cat/1.jpg", "xyz")
	q := dataset.Request{Sources: []string{dir}, Tensors: []graph.Tensor{datatest.Image("image"), datatest.Label("label", 2)}}
	all, err := datatest.Read(t, q)
	if err != nil {
		t.Fatal(err)
	}
	q.Take = 2
	some, err := datatest.Read(t, q)
	if err != nil {
		t.Fatal(err)
	}
	if len(all.Warnings()) != 1 || !slices.Equal(some.Warnings(), all.Warnings()) {
		t.Errorf("what is drawn has the warnings %q, all of it %q", some.Warnings(), all.Warnings())
	}
	if all.FileBytes() != 6 || some.FileBytes() != all.FileBytes() {
		t.Errorf("what is drawn comes from %d bytes, all of it from %d", some.FileBytes(), all.FileBytes())
	}
}

// A link back to a folder that it is in has no end.
func TestFolderWithoutEnd(t *testing.T) {
	for name, content := range map[string]string{"a/1.jpg": "x", "a/1.csv": table(1)} {
		dir := several(t, name, content, "b/"+filepath.Base(name), content)
		for _, from := range []string{"a", "b"} {
			if err := os.Symlink("..", filepath.Join(dir, from, "back")); err != nil {
				t.Fatal(err)
			}
		}
		_, err := files.Describe(t.Context(), dataset.Request{Sources: []string{dir}})
		datatest.WantError(t, err, dataset.ErrUnreadable, "back", "link to a folder that it is in")
	}
}
