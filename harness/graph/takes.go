package graph

import (
	"fmt"
	"slices"
)

// Gathered lists the tensors that a batch is gathered into from the data: what
// the preprocess signature takes, then the inputs and targets that it does not
// make. Without that signature they are Tensors. Preprocess works on these.
func (m *Manifest) Gathered() []Tensor {
	if m == nil {
		return nil
	}
	raw := m.Signatures[Preprocessing]
	out := slices.Clone(raw.Takes)
	for _, t := range m.Tensors() {
		if !slices.Contains(raw.Makes, t.Name) {
			out = append(out, t)
		}
	}
	return out
}

// DataTensors lists what the data holds for each of Gathered: the same, but
// whole-number labels where the preprocessing makes them one-hot.
func (m *Manifest) DataTensors() []Tensor {
	out := m.Gathered()
	for i, t := range out {
		for _, p := range m.Preprocess {
			if p.Op == "one_hot" && p.Input == t.Name && len(t.Shape) > 1 && t.Shape[1] != nil {
				out[i] = Tensor{Name: t.Name, DType: Int32, Shape: t.Shape[:1], Categories: *t.Shape[1]}
			}
		}
	}
	return out
}

// checkTakes finds a preprocess signature that does not go with the step.
func (m *Manifest) checkTakes() error {
	raw, ok := m.Signatures[Preprocessing]
	if !ok {
		return nil
	}
	for i, name := range raw.Makes {
		switch {
		case slices.Contains(raw.Makes[:i], name):
			return fmt.Errorf("its preprocess signature makes %s twice", name)
		case !slices.ContainsFunc(m.Tensors(), func(t Tensor) bool { return t.Name == name }):
			return fmt.Errorf("its preprocess signature makes %s, which is no input or target", name)
		}
	}
	seen := make(map[string]bool)
	for _, t := range m.Gathered() {
		if err := t.check(); err != nil {
			return err
		}
		if seen[t.Name] {
			return fmt.Errorf("its data would hold %s twice", t.Name)
		}
		seen[t.Name] = true
	}
	return nil
}
