package graph

import (
	"errors"
	"testing"
)

// resident is the manifest of testdata/odd with the two signatures for resident
// data, its text then changed: each first of a pair becomes the second.
func resident(t *testing.T, changes ...string) (*Manifest, error) {
	t.Helper()
	text := replaceOne(t, manifestText(t), `"train": {`,
		`"upload": {"key": "up", "examples": "examples", "lengths": {}}, "epoch": {"key": "ep", "batch": "batch", "loss": "total", "steps": "steps"}, "train": {`)
	for i := 0; i < len(changes); i += 2 {
		text = replaceOne(t, text, changes[i], changes[i+1])
	}
	return parse([]byte(text))
}

// A graph has both signatures of a loss that is read at the end of an epoch, or none.
func TestTotals(t *testing.T) {
	const accumulate, total = `"accumulate": {"key": "add", "examples": "examples"}, `, `"total": {"key": "sum", "loss": "mean", "examples": "examples"}, `
	for _, c := range []struct {
		name, signatures string
		want             string // of the error in reading or in Totals
	}{
		{"whole", accumulate + total, ""},
		{"none", "", "export it again"},
		{"no step", total, "export it again"},
		{"no total", accumulate, "export it again"},
		{"no key", accumulate + `"total": {"key": "", "loss": "mean", "examples": "examples"}, `, "no total signature that is whole"},
		{"no loss", accumulate + `"total": {"key": "sum", "examples": "examples"}, `, "no total signature that is whole"},
		{"no examples", accumulate + `"total": {"key": "sum", "loss": "mean"}, `, "no total signature that is whole"},
		{"no examples of the step", `"accumulate": {"key": "add"}, ` + total, "no accumulate signature that is whole"},
	} {
		m, err := parse([]byte(replaceOne(t, manifestText(t), `"train": {`, c.signatures+`"train": {`)))
		if err == nil {
			if err = m.Totals(); err != nil && !errors.Is(err, ErrTotal) {
				t.Errorf("%s: error %v, want ErrTotal", c.name, err)
			}
		}
		if c.want != "" {
			wantError(t, err, c.want)
		} else if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if mean := (Parity{Losses: []float64{3, 2, 1}}).Mean(); mean != 2 {
		t.Errorf("the mean of 3, 2 and 1 is %v", mean)
	}
}

func TestResident(t *testing.T) {
	const sequences, lengths = `"shape": [null, null]`, `"lengths": {"x": "x_lengths"}`
	for _, c := range []struct {
		name    string
		changes []string
		want    string // of the error in reading or, with no signature, in Resident
	}{
		{"whole", nil, ""},
		{"of sequences", []string{`"shape": [null, 2]`, sequences, `"lengths": {}`, lengths}, ""},
		{"no lengths", []string{`"shape": [null, 2]`, sequences}, "no lengths of x"},
		{"lengths of nothing", []string{`"lengths": {}`, lengths}, "lengths of 1 inputs, and 0 vary"},
		{"no key", []string{`"up"`, `""`}, "no upload signature"},
		{"no examples", []string{`"examples": "examples", `, ""}, "no upload signature"},
		{"no steps", []string{`"steps": "steps"`, `"steps": ""`}, "no epoch signature"},
		{"no batch", []string{`"batch": "batch", `, ""}, "no epoch signature"},
		{"no loss", []string{`"total"`, `""`}, "no epoch signature"},
		{"not there", []string{`"upload": {`, `"other": {`}, "export it again"},
		{"random", []string{`{"op": "scale", "input": "x", "factor": 0.00390625}`, `{"op": "brightness", "input": "x", "amount": 1}`}, "brightness of x is drawn anew"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := resident(t, c.changes...)
			if err == nil {
				if err = m.Resident(); err != nil && !errors.Is(err, ErrResident) {
					t.Errorf("error %v, want ErrResident", err)
				}
			}
			if c.want != "" {
				wantError(t, err, c.want)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	if m, err := parse([]byte(manifestText(t))); err != nil || !errors.Is(m.Resident(), ErrResident) {
		t.Errorf("a graph without these signatures: %v, %v; it is whole, and ErrResident", err, m.Resident())
	}
}
