package graph

import (
	"errors"
	"strings"
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

// A whole batch divides by the replicas; what is named else divides.
func TestCheckSplit(t *testing.T) {
	m := &Manifest{Name: "mlp", Variant: Variant{Replicas: 4}}
	for batch, says := range map[int]string{8: "", 4: "", 6: "take 4 or 8", 2: "take 4"} {
		err := m.CheckSplit(batch)
		if says == "" && err != nil || says != "" && (!errors.Is(err, ErrSplit) || !errors.Is(err, ErrBatch) || !strings.HasSuffix(err.Error(), says)) {
			t.Errorf("%d: %v, want %q", batch, err, says)
		}
	}
	for _, n := range []int{0, 1} {
		if err := (&Manifest{Variant: Variant{Replicas: n}}).CheckSplit(7); err != nil {
			t.Errorf("%d replicas: %v", n, err)
		}
	}
}

// The numbers are those of MirroredStrategy, of TensorFlow 2.21.
func TestIdle(t *testing.T) {
	m := &Manifest{Variant: Variant{Replicas: 4}}
	for batch, want := range map[int]int{0: 0, 1: 3, 2: 2, 3: 1, 4: 0, 5: 1, 6: 1, 7: 0, 8: 0, 9: 1} {
		if got := m.Idle(batch); got != want {
			t.Errorf("%d examples: %d, want %d", batch, got, want)
		}
	}
	if got := new(Manifest).Idle(3); got != 0 {
		t.Errorf("one device: %d", got)
	}
}
