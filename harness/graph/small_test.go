package graph

import "testing"

func TestStepIsSmall(t *testing.T) {
	column := func(n ...*int64) Tensor {
		return Tensor{Name: "x", DType: Float32, Shape: append([]*int64{nil}, n...)}
	}
	linear := func(change func(*Manifest)) *Manifest {
		m := &Manifest{
			Model: Model{Parameters: 2, FlopsPerExample: 14}, Inputs: []Tensor{column(new(int64(1)))}, Targets: []Tensor{column(new(int64(1)))},
		}
		change(m)
		return m
	}
	for _, c := range []struct {
		name   string
		batch  int
		change func(*Manifest)
		want   bool
	}{
		{"linear", 100, func(*Manifest) {}, true},
		{"the largest batch", 1249, func(*Manifest) {}, true},
		{"one more", 1250, func(*Manifest) {}, false},
		{"no batch", 0, func(*Manifest) {}, false},
		{"many operations", 1, func(m *Manifest) { m.Model.FlopsPerExample = 552866 }, false},
		{"no count of operations", 1, func(m *Manifest) { m.Model.FlopsPerExample = 0 }, false},
		{"many parameters", 1, func(m *Manifest) { m.Model.Parameters = 20_000 }, false},
		{"large examples", 32, func(m *Manifest) { m.Inputs[0] = column(new(int64(28)), new(int64(28))) }, false},
		{"a free shape", 1, func(m *Manifest) { m.Inputs[0] = column(nil) }, false},
		{"XLA", 1, func(m *Manifest) { m.Variant.JIT = true }, false},
		{"XLA in a part", 1, func(m *Manifest) { m.Variant.Fused = true }, false},
		{"a pipeline", 1, func(m *Manifest) { m.Pipeline = new(Pipeline) }, false},
		{"layers", 1, func(m *Manifest) { m.Signatures = map[string]Signature{Preprocessing: {}} }, false},
	} {
		if got := linear(c.change).StepIsSmall(c.batch); got != c.want {
			t.Errorf("%s: a step of %d examples is small: %v", c.name, c.batch, got)
		}
	}
	if (*Manifest)(nil).StepIsSmall(1) {
		t.Error("the step of no manifest is small")
	}
}
