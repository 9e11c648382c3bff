package graph

import (
	"errors"
	"fmt"
	"slices"
)

// ErrResident: the graph, as it was exported or is to be fed, cannot train on
// data that stays on the device.
var ErrResident = errors.New("the data cannot stay on the device")

// Names in Manifest.Signatures.
const (
	Train         = "train"      // one step on a batch that is fed
	Upload        = "upload"     // takes the whole data set and keeps it on the device
	Epoch         = "epoch"      // one epoch on what Upload took, in one call
	Preprocessing = "preprocess" // makes inputs of a step of what the data holds
	Accumulate    = "accumulate" // a step as Train, whose loss is added to a total that stays on the device
	Total         = "total"      // reads that total and clears it
)

// random are the steps of preprocessing that draw anew for every epoch.
var random = []string{"flip", "shift", "brightness"}

// Random tells whether the step changes an example otherwise in every epoch.
func (p Preprocess) Random() bool { return slices.Contains(random, p.Op) }

// Resident returns ErrResident where the graph has no signatures for data that
// stays on the device, or its preprocessing, in force once an epoch there, is
// random.
func (m *Manifest) Resident() error {
	if m == nil {
		return errNil
	}
	_, upload := m.Signatures[Upload]
	_, epoch := m.Signatures[Epoch]
	if !upload || !epoch {
		if err := m.uploadable(); err != nil {
			return err
		}
		return fmt.Errorf("%w: %s was exported before there was a way to: export it again", ErrResident, m.Name)
	}
	for _, p := range m.Preprocess {
		if p.Random() {
			return fmt.Errorf("%w: %s of %s is drawn anew for every epoch, and such data is prepared once: leave it out, or feed in batches",
				ErrResident, p.Op, p.Input)
		}
	}
	return nil
}

// ErrTotal: the graph has no signatures for a loss that is read at the end of an epoch.
var ErrTotal = errors.New("the loss cannot be read at the end of an epoch")

// Totals returns ErrTotal where the graph has no signatures for a loss that stays on the
// device until the end of an epoch.
func (m *Manifest) Totals() error {
	if m == nil {
		return errNil
	}
	_, accumulate := m.Signatures[Accumulate]
	_, total := m.Signatures[Total]
	if !accumulate || !total {
		return fmt.Errorf("%w: %s was exported before there was a way to: export it again", ErrTotal, m.Name)
	}
	return nil
}

// uploadable finds what no export has an upload signature for.
func (m *Manifest) uploadable() error {
	if _, ok := m.Signatures[Preprocessing]; ok {
		return fmt.Errorf("%w: %s has preprocessing layers, which run on every batch: feed it in batches", ErrResident, m.Name)
	}
	for _, t := range m.Tensors() {
		switch {
		case t.DType == String:
			return fmt.Errorf("%w: %s of %s holds strings: feed it in batches", ErrResident, t.Name, m.Name)
		case slices.Contains(t.Shape[min(2, len(t.Shape)):], nil):
			return fmt.Errorf("%w: %s of %s is free in more dimensions than its batch and length: feed it in batches", ErrResident, t.Name, m.Name)
		}
	}
	return nil
}

// checkSignatures finds a signature that does not name what it should.
func (m *Manifest) checkSignatures() error {
	needs := map[string]func(Signature) bool{
		Train:         func(s Signature) bool { return s.Loss != "" },
		Upload:        func(s Signature) bool { return s.Examples != "" },
		Epoch:         func(s Signature) bool { return s.Loss != "" && s.Batch != "" && s.Steps != "" },
		Preprocessing: func(s Signature) bool { return len(s.Takes) > 0 && len(s.Makes) > 0 },
		Accumulate:    func(s Signature) bool { return s.Examples != "" },
		Total:         func(s Signature) bool { return s.Loss != "" && s.Examples != "" },
	}
	for _, name := range []string{Train, Upload, Epoch, Preprocessing, Accumulate, Total} {
		s, ok := m.Signatures[name]
		if ok && (s.Key == "" || !needs[name](s)) {
			return fmt.Errorf("it has no %s signature that is whole", name)
		}
	}
	return m.checkLengths()
}

// checkLengths finds an input that may vary in length without a word of how
// long it is in each batch, or the reverse.
func (m *Manifest) checkLengths() error {
	s, ok := m.Signatures[Upload]
	if !ok {
		return nil
	}
	if err := m.uploadable(); err != nil {
		return errors.New("it has an upload signature, which no export of such inputs has")
	}
	varying := 0
	for _, t := range m.Tensors() {
		if len(t.Shape) < 2 || t.Shape[1] != nil {
			continue
		}
		varying++
		if s.Lengths[t.Name] == "" {
			return fmt.Errorf("its upload signature has no lengths of %s", t.Name)
		}
	}
	if len(s.Lengths) != varying {
		return fmt.Errorf("its upload signature has lengths of %d inputs, and %d vary", len(s.Lengths), varying)
	}
	return nil
}
