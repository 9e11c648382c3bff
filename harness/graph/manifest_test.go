package graph

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestOpen(t *testing.T) {
	dir := odd(t)
	m, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "odd" || m.Dir != dir || m.Model.Parameters != 12 || m.Model.FlopsPerExample != 14 || m.Settings.Epochs != 3 {
		t.Errorf("Open = %+v", m)
	}
	if got := m.Model.Optimizer.Settings["epsilon"]; got != 1e-7 {
		t.Errorf("epsilon = %v, want 1e-07", got)
	}
	var names []string
	for _, tensor := range m.Tensors() {
		names = append(names, tensor.Name)
	}
	if want := []string{"x", "y"}; !reflect.DeepEqual(names, want) {
		t.Errorf("Tensors = %v, want %v: inputs first", names, want)
	}
	if got, want := m.ArrayNames(), map[string]string{"x": "images", "y": "y"}; !reflect.DeepEqual(got, want) {
		t.Errorf("ArrayNames = %v, want %v", got, want)
	}
	if got, want := m.DataPath(), filepath.Join(filepath.Dir(dir), "data.npz"); got != want {
		t.Errorf("DataPath = %s, want %s", got, want)
	}
}

func TestOpenNoManifest(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(dir)
	if !errors.Is(err, ErrNoManifest) {
		t.Errorf("the error is %v, want ErrNoManifest", err)
	}
	wantError(t, err, dir, "graph.json", "epochtime export")
}

func TestOpenManifestUnreadable(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, ManifestName), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := Open(dir)
	wantError(t, err, filepath.Join(dir, ManifestName))
}

func TestOpenMissingFile(t *testing.T) {
	for _, name := range []string{"saved_model.pb", "variables/variables.index", "parity.npz"} {
		t.Run(name, func(t *testing.T) {
			dir := odd(t)
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
			_, err := Open(dir)
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("the error is %v, want ErrDamaged", err)
			}
			wantError(t, err, name, dir, "export odd again")
		})
	}
}

func TestOpenNamesManifestAndRemedy(t *testing.T) {
	for old, want := range map[string]error{`"format": 1,`: ErrFormat, `"name": "odd",`: ErrDamaged, `"settings": {"samples"`: ErrDamaged} {
		dir := odd(t)
		path := filepath.Join(dir, ManifestName)
		replace(t, path, old, "")
		_, err := Open(dir)
		if !errors.Is(err, want) {
			t.Errorf("without %q the error is %v, want %v", old, err, want)
		}
		wantError(t, err, path, "export the graph again")
	}
}

func TestParseRefuses(t *testing.T) {
	const x = `{"name": "x", "dtype": "float32", "shape": [null, 2]}`
	const y = `{"name": "y", "dtype": "int32", "shape": [null], "categories": 3}`
	for _, c := range []struct{ name, old, with, says string }{
		{"format too new", `"format": 1`, `"format": 2`, "unknown format 2: this epochtime reads format 1"},
		{"format a string", `"format": 1`, `"format": "1"`, "valid JSON"},
		{"field of another type", `"parameters": 12`, `"parameters": "12"`, "model.parameters"},
		{"no name", `"name": "odd"`, `"name": ""`, "no name"},
		{"no signature", `"train": {`, `"serve": {`, "no train signature"},
		{"no signature key", `"key": "train"`, `"key": ""`, "no train signature"},
		{"no loss", `"loss": "loss"`, `"loss": ""`, "no train signature"},
		{"no inputs", x, ``, "no inputs"},
		{"no samples", `"samples": 6`, `"samples": 0`, "settings are not positive"},
		{"no epochs", `"epochs": 3`, `"epochs": -1`, "settings are not positive"},
		{"no batch", `"samples": 6, "batch": 2`, `"samples": 6, "batch": 0`, "default batch is not positive"},
		{"fixed batch 0", `"batch": null`, `"batch": 0`, "fixed batch is not positive"},
		{"fixed batch, free shape", `"batch": null`, `"batch": 2`, "batch of x"},
		{"free batch, fixed shape", `[null, 2]`, `[4, 2]`, "batch of x"},
		{"reset unknown", `"restore"`, `"init"`, `reset "init"`},
		{"reset without operation", `"operation": "StatefulPartitionedCall_1"`, `"operation": ""`, "reset"},
		{"reset without filename", `"saver_filename:0"`, `""`, "reset"},
		{"parity without file", `"file": "parity.npz"`, `"file": ""`, "parity entry"},
		{"parity losses missing", `[1.5, 1.25]`, `[1.5]`, "parity entry"},
		{"parity batch 0", `"file": "parity.npz", "batch": 2`, `"file": "parity.npz", "batch": 0`, "parity entry"},
		{"no parity tolerance", `, "tolerance": 1e-5`, ``, "parity tolerance is 0"},
		{"parity tolerance below 0", `"tolerance": 1e-5`, `"tolerance": -1`, "parity tolerance is -1"},
		{"parity tolerance of all", `"tolerance": 1e-5`, `"tolerance": 1`, "parity tolerance is 1"},
		{"parity outside", `"file": "parity.npz"`, `"file": "../../parity.npz"`, "outside"},
		{"parity absolute", `"file": "parity.npz"`, `"file": "/etc/passwd"`, "outside"},
		{"data kind", `"kind": "file"`, `"kind": "url"`, `data kind "url"`},
		{"data path", `"path": "../data.npz"`, `"path": ""`, "without a path"},
		{"data column missing", `"y": "y"`, `"z": "y"`, "no column for y"},
		{"data column no array", `"y": "y"`, `"y": {"generator": "normal"}`, "no array for y"},
		{"data column no recipe", `"kind": "file"`, `"kind": "synthetic"`, "no recipe for x"},
		{"input unnamed", x, `{"dtype": "float32", "shape": [null]}`, "has no name"},
		{"input twice", y, x, "names x twice"},
		{"dtype unknown", `"float32", "shape"`, `"complex64", "shape"`, `x has dtype "complex64"`},
		{"no dimensions", `[null, 2]`, `[]`, "x has no batch"},
		{"dimension 0", `[null, 2]`, `[null, 0]`, "x has dimension 0"},
		{"dimension -1", `[null, 2]`, `[null, -1]`, "x has dimension -1"},
		{"categories", `"categories": 3`, `"categories": -3`, "y has -3 categories"},
		{"NaN in whole numbers", `"categories": 3`, `"nan": true`, "y may hold NaN, and is int32"},
		{"NaN in an input", x, `{"name": "x", "dtype": "float32", "shape": [null, 2], "nan": true}`, "input x may hold NaN"},
		{"preprocess op", `"op": "scale"`, `"op": "crop"`, `preprocessing "crop" of "x"`},
		{"preprocess input", `"op": "scale", "input": "x"`, `"op": "scale", "input": "z"`, `preprocessing "scale" of "z"`},
		{"preprocess twice", `"preprocess": [`, `"preprocess": [{"op": "scale", "input": "x", "factor": 2},`, `"scale" of "x" twice`},
		{"scale by 0", `0.00390625`, `0`, "scales x by 0"},
		{"scale of whole numbers", `"op": "scale", "input": "x"`, `"op": "scale", "input": "y"`, "scales y, which is int32"},
		{"pad out of categories", `"op": "scale", "input": "x", "factor": 0.00390625`, `"op": "pad", "input": "y", "value": 3`, "pads y with 3, the graph knows 0 to 2"},
		{"pad of no such value", `"op": "scale", "input": "x", "factor": 0.00390625`, `"op": "pad", "input": "x", "value": 1e300`, "float32 does not hold"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parse([]byte(replaceOne(t, manifestText(t), c.old, c.with)))
			wantError(t, err, c.says, "export the graph again")
		})
	}
}

func TestParseTrailingText(t *testing.T) {
	if _, err := parse([]byte(manifestText(t) + "{}")); !errors.Is(err, ErrDamaged) {
		t.Errorf("the error is %v, want ErrDamaged", err)
	}
}

func TestHolds(t *testing.T) {
	for _, c := range []struct {
		d    DType
		yes  []float64
		nope []float64
	}{
		{Bool, []float64{0, 1}, []float64{2, -1, 0.5}},
		{Uint8, []float64{0, 255}, []float64{-1, 256, 0.5}},
		{Int8, []float64{-128, 127}, []float64{-129, 128}},
		{Int64, []float64{-1 << 63, 1 << 62}, []float64{1 << 63}},
		{Uint64, []float64{1 << 63}, []float64{1 << 64, -1}},
		{Float16, []float64{1, -65504}, []float64{65520}},
		{BFloat16, []float64{0}, []float64{1}},
		{Float32, []float64{-0.1, 3e38}, []float64{4e38}},
		{Float64, []float64{1e308}, nil},
	} {
		for _, v := range c.yes {
			if !c.d.holds(v) {
				t.Errorf("%s does not hold %g", c.d, v)
			}
		}
		for _, v := range c.nope {
			if c.d.holds(v) {
				t.Errorf("%s holds %g", c.d, v)
			}
		}
	}
}

func TestDTypes(t *testing.T) {
	floats := map[DType]bool{Float16: true, Float32: true, Float64: true}
	for d, size := range map[DType]int{
		Float16: 2, Float32: 4, Float64: 8, Int8: 1, Int16: 2, Int32: 4, Int64: 8,
		Uint8: 1, Uint16: 2, Uint32: 4, Uint64: 8, Bool: 1, "complex64": 0, "": 0,
	} {
		if d.Size() != size || d.IsFloat() != floats[d] {
			t.Errorf("%q: size %d, float %v; want %d, %v", d, d.Size(), d.IsFloat(), size, floats[d])
		}
	}
}

func TestGenerators(t *testing.T) {
	m := &Manifest{Data: Data{Kind: "synthetic", Columns: map[string]json.RawMessage{
		"x": json.RawMessage(`{"generator":"integers","low":0,"high":20,"lengths":[3,50]}`),
		"y": json.RawMessage(`{"generator":"linear","of":"x","slope":2,"noise":0.1}`),
	}}}
	got, err := m.Generators()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Generator{
		"x": {Kind: "integers", High: 20, Lengths: []int{3, 50}},
		"y": {Kind: "linear", Of: "x", Slope: 2, Noise: 0.1},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Generators = %+v, want %+v", got, want)
	}
	m.Data.Columns["y"] = json.RawMessage(`"labels"`)
	if _, err := m.Generators(); !errors.Is(err, ErrDamaged) {
		t.Errorf("the error is %v, want ErrDamaged", err)
	}
}

func TestDefaultNames(t *testing.T) {
	m := &Manifest{Dir: "graphs/cnn", Inputs: []Tensor{{Name: "x"}}}
	m.Data = Data{Kind: "synthetic", Columns: map[string]json.RawMessage{"x": json.RawMessage(`{"generator":"normal"}`)}}
	if got, want := m.ArrayNames(), map[string]string{"x": "x"}; !reflect.DeepEqual(got, want) {
		t.Errorf("ArrayNames = %v, want %v: a file given in place of a recipe", got, want)
	}
	whole, err := filepath.Abs("data.npz")
	if err != nil {
		t.Fatal(err)
	}
	if m.Data.Path = whole; m.DataPath() != whole {
		t.Errorf("DataPath = %s, want %s as it is", m.DataPath(), whole)
	}
	for text, want := range map[string]string{`"mse"`: "mse", `{"name":"mse"}`: `{"name":"mse"}`} {
		if m.Model.Loss = json.RawMessage(text); m.LossName() != want {
			t.Errorf("LossName of %s = %s, want %s", text, m.LossName(), want)
		}
	}
}

func FuzzParse(f *testing.F) {
	text, err := os.ReadFile("testdata/odd/graph.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(pipedText(f, "00ff", "read.tfrecord")))
	f.Add([]byte(`{"format":1}`))
	f.Add([]byte(`{"format":1,"inputs":[{"name":"x","shape":[null]}],"preprocess":[null]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := parse(text)
		if (m == nil) == (err == nil) {
			t.Fatalf("parse = %v, %v", m, err)
		}
		if err != nil {
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrFormat) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		if len(m.ArrayNames()) != len(m.Tensors()) {
			t.Fatalf("%d arrays for %d tensors", len(m.ArrayNames()), len(m.Tensors()))
		}
		if _, err := meaningOf(text); err != nil {
			t.Fatalf("parsed, but has no meaning: %v", err)
		}
		m.Regular()
		m.Validation.Due(0)
		for _, p := range m.pipelines() {
			for _, a := range p.Arrays {
				if a.Offset < 0 || a.Bytes < 0 || a.Offset+a.Bytes < 0 {
					t.Fatalf("an array from %d of %d bytes", a.Offset, a.Bytes)
				}
			}
		}
	})
}
