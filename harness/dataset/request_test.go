package dataset

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// choosable is a graph with images and labels, whose data file calls them otherwise.
func choosable() *graph.Manifest {
	m := manifest([]graph.Tensor{testgraph.Tensor("x", graph.Float32, 0, 0, 3)})
	m.Targets = []graph.Tensor{testgraph.Tensor("y", graph.Float32, 10)}
	m.Dir = "graphs/g"
	m.Data = graph.Data{Kind: "file", Path: "data.npz", Columns: map[string]json.RawMessage{"x": json.RawMessage(`"images"`), "y": json.RawMessage(`"y"`)}}
	return m
}

func TestChoiceRequest(t *testing.T) {
	m := choosable()
	q, err := Choice{
		Sources: []string{"a.csv"}, Inputs: map[string]string{"y": "label"}, Take: 5, Samples: 4, Seed: 3, Tokens: Words, Window: 7,
		ImageSize: "32x48", Preprocess: []string{"x:scale=0.5", "y:one_hot"}, Room: 9,
	}.Request(m)
	if err != nil {
		t.Fatal(err)
	}
	want := Request{
		Sources: []string{"a.csv"}, Tensors: m.DataTensors(), Columns: map[string]string{"x": "images", "y": "label"}, Take: 5, Samples: 4, Seed: 3,
		Text: TextOptions{Words, 7}, ImageSize: graph.ImageSize{Height: 32, Width: 48}, Room: 9,
	}
	if !reflect.DeepEqual(q, want) {
		t.Errorf("the request is %+v, want %+v", q, want)
	}
	if len(m.Preprocess) != 2 || q.Tensors[1].DType != graph.Int32 {
		t.Errorf("preprocessing %v; labels are read as %s", m.Preprocess, q.Tensors[1].DType)
	}
	if q, err = (Choice{}).Request(choosable()); err != nil || !reflect.DeepEqual(q.Sources, []string{filepath.Join("graphs", "g", "data.npz")}) {
		t.Errorf("without a choice %v is read, %v", q.Sources, err)
	}
	m = choosable()
	m.Data.Kind = "synthetic"
	if q, err = (Choice{}).Request(m); err != nil || q.Sources != nil {
		t.Errorf("synthetic data is read from %v, %v", q.Sources, err)
	}
}

func TestChoiceRefused(t *testing.T) {
	for says, c := range map[string]struct {
		choice Choice
		kind   error
	}{
		"column a is to feed z: g takes x, y": {Choice{Inputs: map[string]string{"z": "a"}}, ErrColumn},
		`"5" is not the size`:                 {Choice{ImageSize: "5"}, ErrImageSize},
		`preprocessing: "x:blur"`:             {Choice{Preprocess: []string{"x:blur"}}, ErrPreprocess},
		"preprocessing of g: there is":        {Choice{Preprocess: []string{"z:flip"}}, ErrPreprocess},
	} {
		_, err := c.choice.Request(choosable())
		wantError(t, err, c.kind, says)
		wantError(t, err, ErrUnfit)
	}
}

// A path may have a "=" in it.
func TestSplitSource(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("year=2020", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a=b.npz", "labels", "x=x.npy", "year=2020/d.parquet"} {
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for source, want := range map[string][2]string{
		"x=a.npy": {"x", "a.npy"}, "x=y=z.npy": {"x", "y=z.npy"}, "y=labels": {"y", "labels"}, "x=/none/a.NPY": {"x", "/none/a.NPY"},
		"x=train-images-idx3-ubyte": {"x", "train-images-idx3-ubyte"}, "y=a.idx1-ubyte.gz": {"y", "a.idx1-ubyte.gz"}, "x=a.npy.gz": {"x", "a.npy.gz"},
		"a.npz": {}, "a=b.npz": {}, "x=x.npy": {}, "year=2020/d.parquet": {}, "year=*/d.parquet": {}, "year=2020": {}, "y=nothing": {}, "dir/x=a.npy": {},
	} {
		name, file, named := SplitSource(source)
		if want[1] == "" {
			want[1] = source
		}
		if name != want[0] || file != want[1] || named != (want[0] != "") {
			t.Errorf("SplitSource(%q) = %q, %q, %v", source, name, file, named)
		}
	}
}
