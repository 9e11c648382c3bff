package graph

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Preprocess is one step of the work done on every batch inside the epoch.
type Preprocess struct {
	Op     string  `json:"op"`
	Input  string  `json:"input"`
	Value  float64 `json:"value,omitempty"`  // pad: what fills the end of a short sequence
	Factor float64 `json:"factor,omitempty"` // scale: multiplies every value
	Mean   float64 `json:"mean,omitempty"`   // normalize: (value - mean) / stddev
	StdDev float64 `json:"stddev,omitempty"`
	Amount float64 `json:"amount,omitempty"` // shift: pixels at most; brightness: the most that is added or taken
}

// parameters are what each step takes, in the order of its text form.
var parameters = map[string][]func(*Preprocess) *float64{
	"pad":        {func(p *Preprocess) *float64 { return &p.Value }},
	"scale":      {func(p *Preprocess) *float64 { return &p.Factor }},
	"normalize":  {func(p *Preprocess) *float64 { return &p.Mean }, func(p *Preprocess) *float64 { return &p.StdDev }},
	"one_hot":    {},
	"flip":       {},
	"shift":      {func(p *Preprocess) *float64 { return &p.Amount }},
	"brightness": {func(p *Preprocess) *float64 { return &p.Amount }},
}

// ParsePreprocess reads the text form INPUT:OP=NUMBER,…, as in x:shift=2.
func ParsePreprocess(text string) (Preprocess, error) {
	input, rest, ok := strings.Cut(text, ":")
	op, values, given := strings.Cut(rest, "=")
	takes, known := parameters[op]
	if !ok || input == "" || !known {
		return Preprocess{}, fmt.Errorf("%q is not INPUT:OP or INPUT:OP=NUMBERS with OP one of pad, scale, normalize, one_hot, flip, shift, brightness", text)
	}
	p := Preprocess{Op: op, Input: input}
	var numbers []string
	if given {
		numbers = strings.Split(values, ",")
	}
	if len(numbers) != len(takes) {
		return p, fmt.Errorf("%q: %s takes %d numbers, not %d", text, op, len(takes), len(numbers))
	}
	for i, number := range numbers {
		v, err := strconv.ParseFloat(number, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return p, fmt.Errorf("%q: %q is not a number", text, number)
		}
		*takes[i](&p) = v
	}
	return p, nil
}

// Add adds steps to the graph's own preprocessing. One that the graph has
// already for that input is replaced where it stands.
func (m *Manifest) Add(steps []Preprocess) error {
	if m == nil {
		return errNil
	}
	all := slices.Clone(m.Preprocess)
	for _, p := range steps {
		i := slices.IndexFunc(all, func(have Preprocess) bool { return have.Op == p.Op && have.Input == p.Input })
		if i < 0 {
			all = append(all, p)
			continue
		}
		all[i] = p
	}
	m.Preprocess = all
	return m.checkPreprocess()
}

// AddPreprocess adds steps in their text form, as ParsePreprocess reads it, to
// the graph's own preprocessing.
func (m *Manifest) AddPreprocess(texts []string) error {
	steps := make([]Preprocess, 0, len(texts))
	for _, text := range texts {
		p, err := ParsePreprocess(text)
		if err != nil {
			return err
		}
		steps = append(steps, p)
	}
	return m.Add(steps)
}

// PadsFreely tells whether sequences are padded to a length that is not the
// graph's own, but their batch's.
func (m *Manifest) PadsFreely() bool {
	if m == nil {
		return false
	}
	return slices.ContainsFunc(m.Preprocess, func(p Preprocess) bool {
		return p.Op == "pad" && slices.ContainsFunc(m.Gathered(), func(t Tensor) bool {
			return t.Name == p.Input && len(t.Shape) > 1 && t.Shape[1] == nil
		})
	})
}

func (m *Manifest) checkPreprocess() error {
	seen := make(map[Preprocess]bool)
	for _, p := range m.Preprocess {
		i := slices.IndexFunc(m.Gathered(), func(t Tensor) bool { return t.Name == p.Input })
		if _, known := parameters[p.Op]; !known {
			return fmt.Errorf("its preprocessing %q of %q is not one this program knows", p.Op, p.Input)
		}
		if i < 0 {
			return fmt.Errorf("there is preprocessing %q of %q, and no input or target of that name", p.Op, p.Input)
		}
		once := Preprocess{Op: p.Op, Input: p.Input}
		if seen[once] {
			return fmt.Errorf("it has the preprocessing %q of %q twice", p.Op, p.Input)
		}
		seen[once] = true
		if err := p.fits(m.Gathered()[i]); err != nil {
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
	case p.Op == "normalize" && p.StdDev <= 0:
		return fmt.Errorf("it normalizes %s by the standard deviation %g", t.Name, p.StdDev)
	case (p.Op == "shift" || p.Op == "brightness") && p.Amount <= 0:
		return fmt.Errorf("the amount of its %s of %s is %g", p.Op, t.Name, p.Amount)
	case p.Op == "shift" && p.Amount != math.Trunc(p.Amount):
		return fmt.Errorf("it shifts %s by %g pixels", t.Name, p.Amount)
	case slices.Contains([]string{"normalize", "one_hot", "flip", "shift", "brightness"}, p.Op) && t.DType != Float32:
		return fmt.Errorf("it has the preprocessing %s of %s, which is %s and not float32", p.Op, t.Name, t.DType)
	case p.Op == "one_hot" && (len(t.Shape) != 2 || t.Shape[1] == nil):
		return fmt.Errorf("it has the preprocessing one_hot of %s, which is no vector of classes", t.Name)
	case (p.Op == "flip" || p.Op == "shift") && (len(t.Shape) < 3 || len(t.Shape) > 4 || slices.Contains(t.Shape[1:], nil)):
		return fmt.Errorf("it has the preprocessing %s of %s, which holds no images of one size", p.Op, t.Name)
	case p.Op == "pad" && t.Categories > 0 && (p.Value < 0 || p.Value >= float64(t.Categories)):
		return fmt.Errorf("it pads %s with %g, the graph knows 0 to %d", t.Name, p.Value, t.Categories-1)
	case p.Op == "pad" && !t.DType.holds(p.Value):
		return fmt.Errorf("it pads %s with %g, which %s does not hold", t.Name, p.Value, t.DType)
	}
	return nil
}

// holds tells whether a type has the value. Of types that are only copied, such
// as bfloat16, it knows only zero.
func (d DType) holds(v float64) bool {
	bits := 8 * d.Size()
	switch d {
	case Float16:
		return math.Abs(v) <= maxHalf
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
