package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
)

// check finds what would make a later part fail in a less clear way.
func (m *Manifest) check() error {
	train, ok := m.Signatures["train"]
	switch {
	case m.Name == "":
		return errors.New("it has no name")
	case !ok || train.Key == "" || train.Loss == "":
		return errors.New("it has no train signature")
	case len(m.Inputs) == 0:
		return errors.New("it has no inputs")
	case m.Settings.Samples < 1 || m.Settings.Epochs < 1:
		return errors.New("its default settings are not positive")
	case m.Settings.Batch != nil && *m.Settings.Batch < 1:
		return errors.New("its default batch is not positive")
	case m.Variant.Batch != nil && *m.Variant.Batch < 1:
		return errors.New("its fixed batch is not positive")
	case m.Reset.Kind != "restore" || m.Reset.FilenameTensor == "" || m.Reset.Operation == "":
		return fmt.Errorf("its reset %q is not one this program knows", m.Reset.Kind)
	case m.Parity.File == "" || m.Parity.Batch < 1 || m.Parity.Steps < 1 || len(m.Parity.Losses) != m.Parity.Steps:
		return errors.New("its parity entry is not complete")
	case !filepath.IsLocal(filepath.FromSlash(m.Parity.File)):
		return fmt.Errorf("its parity file %q is outside the graph's folder", m.Parity.File)
	}
	for _, part := range []func() error{m.checkTensors, m.checkData, m.checkPreprocess} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

func (m *Manifest) checkTensors() error {
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
	if t.Categories < 0 {
		return fmt.Errorf("%s has %d categories", t.Name, t.Categories)
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
	file := m.Data.Kind == "file"
	if !file && m.Data.Kind != "synthetic" {
		return fmt.Errorf("its data kind %q is not one this program knows", m.Data.Kind)
	}
	if file && m.Data.Path == "" {
		return errors.New("its data is a file without a path")
	}
	for _, t := range m.Tensors() {
		column, ok := m.Data.Columns[t.Name]
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

func (m *Manifest) checkPreprocess() error {
	seen := make(map[Preprocess]bool)
	for _, p := range m.Preprocess {
		i := slices.IndexFunc(m.Tensors(), func(t Tensor) bool { return t.Name == p.Input })
		if i < 0 || (p.Op != "pad" && p.Op != "scale") {
			return fmt.Errorf("its preprocessing %q of %q is not one this program knows", p.Op, p.Input)
		}
		once := Preprocess{Op: p.Op, Input: p.Input}
		if seen[once] {
			return fmt.Errorf("it has the preprocessing %q of %q twice", p.Op, p.Input)
		}
		seen[once] = true
		if err := p.fits(m.Tensors()[i]); err != nil {
			return err
		}
	}
	return nil
}

// fits finds values that the input's type cannot hold.
func (p Preprocess) fits(t Tensor) error {
	switch {
	case p.Op == "scale" && t.DType != Float32 && t.DType != Float64:
		return fmt.Errorf("it scales %s, which is %s and not float32 or float64", t.Name, t.DType)
	case p.Op == "scale" && p.Factor == 0:
		return fmt.Errorf("it scales %s by 0", t.Name)
	case p.Op == "pad" && t.Categories > 0 && (p.Value < 0 || p.Value >= float64(t.Categories)):
		return fmt.Errorf("it pads %s with %g, the graph knows 0 to %d", t.Name, p.Value, t.Categories-1)
	case p.Op == "pad" && !t.DType.holds(p.Value):
		return fmt.Errorf("it pads %s with %g, which %s does not hold", t.Name, p.Value, t.DType)
	}
	return nil
}

// holds tells whether a type has the value. Of types that are only copied, such
// as float16, it knows only zero.
func (d DType) holds(v float64) bool {
	bits := 8 * d.Size()
	switch d {
	case Float32:
		return math.Abs(v) <= math.MaxFloat32
	case Float64:
		return true
	case Bool:
		return v == 0 || v == 1
	case Uint8, Uint16, Uint32, Uint64:
		return v == math.Trunc(v) && v >= 0 && v < math.Ldexp(1, bits)
	case Int8, Int16, Int32, Int64:
		return v == math.Trunc(v) && v >= -math.Ldexp(1, bits-1) && v < math.Ldexp(1, bits-1)
	}
	return v == 0
}
