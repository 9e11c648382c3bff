package graph

import (
	"errors"
	"reflect"
	"testing"
)

// layered is the manifest of testdata/odd with preprocessing layers: its images x
// are made of the strings file and the numbers shift, its labels y come as they are.
func layered(t *testing.T, pairs ...string) string {
	t.Helper()
	text := replaceOne(t, manifestText(t), `"signatures": {`, `"signatures": {
  "preprocess": {"key": "preprocess", "stateful": true, "makes": ["x"], "takes": [
    {"name": "file", "dtype": "string", "shape": [null]},
    {"name": "shift", "dtype": "float32", "shape": [null, null, 2]}]},`)
	text = replaceOne(t, text, `"x": "images"`, `"file": "names", "shift": "shift"`)
	text = replaceOne(t, text, `[{"op": "scale", "input": "x", "factor": 0.00390625}]`, `[]`)
	for i := 0; i < len(pairs); i += 2 {
		text = replaceOne(t, text, pairs[i], pairs[i+1])
	}
	return text
}

func namesOf(tensors []Tensor) []string {
	var out []string
	for _, t := range tensors {
		out = append(out, t.Name)
	}
	return out
}

func TestPreprocessSignature(t *testing.T) {
	m, err := parse([]byte(layered(t)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := namesOf(m.DataTensors()), []string{"file", "shift", "y"}; !reflect.DeepEqual(got, want) {
		t.Errorf("the data holds %v, want %v", got, want)
	}
	if got, want := namesOf(m.Tensors()), []string{"x", "y"}; !reflect.DeepEqual(got, want) {
		t.Errorf("a step is fed %v, want %v", got, want)
	}
	want := map[string]string{"file": "names", "shift": "shift", "y": "y"}
	if got := m.ArrayNames(); !reflect.DeepEqual(got, want) {
		t.Errorf("ArrayNames = %v, want %v", got, want)
	}
	if !m.Signatures[Preprocessing].Stateful {
		t.Error("it is not stateful")
	}
	if err := m.Add([]Preprocess{{Op: "pad", Input: "shift"}}); err != nil || !m.PadsFreely() {
		t.Errorf("padding what the signature takes: %v, freely %t", err, m.PadsFreely())
	}
	wantError(t, m.Add([]Preprocess{{Op: "scale", Input: "x", Factor: 2}}), "no input or target")
	if err := m.Resident(); !errors.Is(err, ErrResident) {
		t.Errorf("resident: %v", err)
	}
}

func TestBrokenPreprocessSignature(t *testing.T) {
	for says, pairs := range map[string][]string{
		"makes z, which is no input": {`"makes": ["x"]`, `"makes": ["z"]`},
		"makes x twice":              {`"makes": ["x"]`, `"makes": ["x", "x"]`},
		"no preprocess signature":    {`"makes": ["x"]`, `"makes": []`},
		"hold y twice":               {`"name": "shift"`, `"name": "y"`},
		"no batch dimension":         {`"shape": [null, null, 2]`, `"shape": []`},
		"has no column for shift":    {`, "shift": "shift"`, ``},
		"dtype":                      {`"dtype": "string"`, `"dtype": "text"`},
		"categories":                 {`"dtype": "string"`, `"dtype": "string", "categories": 3`},
	} {
		_, err := parse([]byte(layered(t, pairs...)))
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", says, err)
			continue
		}
		wantError(t, err, says)
	}
}

// A graph that learns from its input alone, and one whose operations nobody counted.
func TestNoTargetsNoFlops(t *testing.T) {
	text := layered(t, `"flops_per_example": 14`, `"flops_per_example": null`,
		`"tolerance": 1e-5`, `"tolerance": 1e-4`)
	m, err := parse([]byte(text))
	if err != nil || m.Model.FlopsPerExample != 0 || m.Parity.Tolerance != 1e-4 {
		t.Errorf("%v flops, tolerance %v, %v", m.Model.FlopsPerExample, m.Parity.Tolerance, err)
	}
	m.Targets = nil
	if err := m.check(); err != nil {
		t.Errorf("no targets: %v", err)
	}
}

func TestStringsNeedNoRecipe(t *testing.T) {
	m, err := parse([]byte(manifestText(t)))
	if err != nil {
		t.Fatal(err)
	}
	m.Data = Data{Kind: "synthetic"}
	m.Targets, m.Preprocess = nil, nil
	m.Inputs[0] = Tensor{Name: "x", DType: String, Shape: []*int64{nil}}
	if err := m.check(); err != nil {
		t.Errorf("strings without a recipe: %v", err)
	}
	m.Inputs[0].DType = Int32
	wantError(t, m.check(), "no column for x")
}
