package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
)

// check finds what would make a later part fail in a less clear way.
func (m *Manifest) check() error {
	_, ok := m.Signatures[Train]
	switch {
	case m.Name == "":
		return errors.New("it has no name")
	case !ok:
		return errors.New("it has no train signature")
	case len(m.Inputs) == 0:
		return errors.New("it has no inputs")
	case m.Settings.Samples < 1 || m.Settings.Epochs < 1:
		return errors.New("its default settings are not positive")
	case m.Settings.Batch != nil && *m.Settings.Batch < 1:
		return errors.New("its default batch is not positive")
	case m.Variant.Batch != nil && *m.Variant.Batch < 1:
		return errors.New("its fixed batch is not positive")
	case m.Variant.Replicas < 0 || m.Variant.Replicas > MostReplicas:
		return fmt.Errorf("its %d replicas are not from 1 to %d", m.Variant.Replicas, MostReplicas)
	case m.Variant.Batch != nil && m.CheckSplit(*m.Variant.Batch) != nil:
		return m.CheckSplit(*m.Variant.Batch)
	case m.Reset.Kind != "restore" || m.Reset.FilenameTensor == "" || m.Reset.Operation == "":
		return fmt.Errorf("its reset %q is not one this program knows", m.Reset.Kind)
	case m.Parity.File == "" || m.Parity.Batch < 1 || m.Parity.Steps < 1 || len(m.Parity.Losses) != m.Parity.Steps:
		return errors.New("its parity entry is not complete")
	case !filepath.IsLocal(filepath.FromSlash(m.Parity.File)):
		return fmt.Errorf("its parity file %q is outside the graph's folder", m.Parity.File)
	case !(m.Parity.Tolerance > 0 && m.Parity.Tolerance < 1):
		return fmt.Errorf("its parity tolerance is %g, and lies between 0 and 1", m.Parity.Tolerance)
	}
	for _, part := range []func() error{m.checkSignatures, m.checkEvaluation, m.checkTensors, m.checkTakes, m.checkData, m.checkPreprocess, m.checkWeights, m.checkPipelines} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

func (m *Manifest) checkTensors() error {
	for _, t := range m.Inputs {
		if t.NaN {
			return fmt.Errorf("its input %s may hold NaN, which is for targets", t.Name)
		}
	}
	seen := make(map[string]bool)
	for _, t := range m.Tensors() {
		if err := t.check(); err != nil {
			return err
		}
		if seen[t.Name] {
			return fmt.Errorf("it names %s twice", t.Name)
		}
		seen[t.Name] = true
		if !sameBatch(t.Shape[0], m.Variant.Batch) {
			return fmt.Errorf("the batch of %s is not the variant's", t.Name)
		}
	}
	return nil
}

func (t Tensor) check() error {
	if t.Name == "" {
		return errors.New("an input has no name")
	}
	if t.DType.Size() == 0 {
		return fmt.Errorf("%s has dtype %q, which this program does not feed", t.Name, t.DType)
	}
	if t.Categories < 0 || t.Categories > 0 && t.DType == String {
		return fmt.Errorf("%s has %d categories", t.Name, t.Categories)
	}
	if t.NaN && !t.DType.IsFloat() {
		return fmt.Errorf("%s may hold NaN, and is %s", t.Name, t.DType)
	}
	if len(t.Shape) == 0 {
		return fmt.Errorf("%s has no batch dimension", t.Name)
	}
	for _, d := range t.Shape {
		if d != nil && *d < 1 {
			return fmt.Errorf("%s has dimension %d", t.Name, *d)
		}
	}
	return nil
}

func sameBatch(dimension *int64, batch *int) bool {
	if dimension == nil || batch == nil {
		return dimension == nil && batch == nil
	}
	return *dimension == int64(*batch)
}

func (m *Manifest) checkData() error {
	if own := m.Data.Kind == "pipeline"; own != (m.Pipeline != nil) {
		return fmt.Errorf("its data kind is %q, and a pipeline of its own is there: %t", m.Data.Kind, m.Pipeline != nil)
	} else if own {
		return nil
	}
	file := m.Data.Kind == "file"
	if !file && m.Data.Kind != "synthetic" {
		return fmt.Errorf("its data kind %q is not one this program knows", m.Data.Kind)
	}
	if file && m.Data.Path == "" {
		return errors.New("its data is a file without a path")
	}
	for _, t := range m.DataTensors() {
		column, ok := m.Data.Columns[t.Name]
		if !ok && !file && t.DType == String {
			continue // there is no recipe for strings
		}
		if !ok {
			return fmt.Errorf("its data has no column for %s", t.Name)
		}
		var array string
		var recipe Generator
		if file && (json.Unmarshal(column, &array) != nil || array == "") {
			return fmt.Errorf("its data names no array for %s", t.Name)
		}
		if !file && (json.Unmarshal(column, &recipe) != nil || recipe.Kind == "") {
			return fmt.Errorf("its data has no recipe for %s", t.Name)
		}
	}
	return nil
}
