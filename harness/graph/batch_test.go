package graph

import (
	"errors"
	"testing"
)

func TestBatchFor(t *testing.T) {
	eight := 8
	for _, c := range []struct {
		fixed          *int
		asked, samples int
		want           int
		says           string // of the error, if one is wanted
	}{
		{nil, 0, 1000, 1000, ""},
		{nil, 32, 1000, 32, ""},
		{nil, 32, 10, 10, ""},
		{nil, 10, 10, 10, ""},
		{nil, -1, 10, 0, "-1"},
		{nil, 0, 0, 0, "0 examples"},
		{&eight, 0, 16, 8, ""},
		{&eight, 8, 16, 8, ""},
		{&eight, 0, 8, 8, ""},
		{&eight, 4, 16, 0, "batches of 8, not 4"},
		{&eight, 8, 20, 0, "there are 20 examples: take 16 or 24"},
		{&eight, 0, 7, 0, "take 8"},
		{&eight, -8, 16, 0, "-8"},
	} {
		m := &Manifest{Name: "cnn", Variant: Variant{Batch: c.fixed}}
		got, err := m.BatchFor(c.asked, c.samples)
		if got != c.want {
			t.Errorf("BatchFor(%d, %d) of a graph fixed at %v = %d, want %d", c.asked, c.samples, c.fixed, got, c.want)
		}
		if c.says == "" && err != nil {
			t.Errorf("BatchFor(%d, %d): %v", c.asked, c.samples, err)
		}
		if c.says != "" {
			if !errors.Is(err, ErrBatch) {
				t.Errorf("BatchFor(%d, %d): %v, want ErrBatch", c.asked, c.samples, err)
			}
			wantError(t, err, c.says)
		}
	}
}
