package graph

import (
	"reflect"
	"strings"
	"testing"
)

func TestParsePreprocess(t *testing.T) {
	for text, want := range map[string]Preprocess{
		"x:pad=3":                {Op: "pad", Input: "x", Value: 3},
		"x:scale=0.5":            {Op: "scale", Input: "x", Factor: 0.5},
		"image:normalize=0.1,.3": {Op: "normalize", Input: "image", Mean: 0.1, StdDev: 0.3},
		"x:flip":                 {Op: "flip", Input: "x"},
		"x:shift=2":              {Op: "shift", Input: "x", Amount: 2},
		"x:brightness=1e-1":      {Op: "brightness", Input: "x", Amount: 0.1},
		"y:one_hot":              {Op: "one_hot", Input: "y"},
	} {
		if got, err := ParsePreprocess(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "x", ":flip", "x:turn", "x:flip=1", "x:scale", "x:scale=", "x:scale=a", "x:scale=NaN", "x:normalize=1", "x:scale=1,2"} {
		if _, err := ParsePreprocess(text); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q: error %v, want one that quotes it", text, err)
		}
	}
}

func TestAdd(t *testing.T) {
	size, wide := int64(8), int64(10)
	manifest := func() *Manifest {
		return &Manifest{
			Inputs:     []Tensor{{Name: "x", DType: Float32, Shape: []*int64{nil, &size, &size}}, {Name: "n", DType: Int32, Shape: []*int64{nil}}},
			Targets:    []Tensor{{Name: "y", DType: Float32, Shape: []*int64{nil, &wide}}},
			Preprocess: []Preprocess{{Op: "scale", Input: "x", Factor: 0.5}},
		}
	}
	m := manifest()
	steps := []Preprocess{{Op: "flip", Input: "x"}, {Op: "scale", Input: "x", Factor: 2}, {Op: "one_hot", Input: "y"}}
	if err := m.Add(steps); err != nil {
		t.Fatal(err)
	}
	want := []Preprocess{{Op: "scale", Input: "x", Factor: 2}, {Op: "flip", Input: "x"}, {Op: "one_hot", Input: "y"}}
	if !reflect.DeepEqual(m.Preprocess, want) {
		t.Errorf("%+v, want %+v", m.Preprocess, want)
	}
	if y := m.DataTensors()[2]; y.DType != Int32 || len(y.Shape) != 1 || y.Categories != 10 {
		t.Errorf("the data holds %+v for y, want labels of 10 classes", y)
	}
	if !reflect.DeepEqual(m.DataTensors()[0], m.Inputs[0]) {
		t.Error("the data holds something else than images for x")
	}
	for says, p := range map[string]Preprocess{
		"no input or target": {Op: "flip", Input: "z"},
		"images":             {Op: "shift", Input: "y", Amount: 1},
		"int32":              {Op: "brightness", Input: "n", Amount: 1},
		"amount":             {Op: "shift", Input: "x"},
		"pixels":             {Op: "shift", Input: "x", Amount: 1.5},
		"standard deviation": {Op: "normalize", Input: "x"},
		"vector of classes":  {Op: "one_hot", Input: "x"},
	} {
		if err := manifest().Add([]Preprocess{p}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v; want an error that says %s", p, err, says)
		}
	}
}

func TestPadsFreely(t *testing.T) {
	dim, pad := int64(4), []Preprocess{{Op: "pad", Input: "x"}}
	for name, c := range map[string]struct {
		m    Manifest
		want bool
	}{
		"free":      {Manifest{Inputs: []Tensor{{Name: "x", Shape: []*int64{nil, nil}}}, Preprocess: pad}, true},
		"fixed":     {Manifest{Inputs: []Tensor{{Name: "x", Shape: []*int64{nil, &dim}}}, Preprocess: pad}, false},
		"not asked": {Manifest{Inputs: []Tensor{{Name: "x", Shape: []*int64{nil, nil}}}}, false},
		"scalars":   {Manifest{Inputs: []Tensor{{Name: "x", Shape: []*int64{nil}}}, Preprocess: pad}, false},
	} {
		if got := c.m.PadsFreely(); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}
