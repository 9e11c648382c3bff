package flaghint

import (
	"errors"
	"fmt"
	"testing"

	"epochtime/harness/dataset"
)

func TestFor(t *testing.T) {
	seen := map[string]bool{}
	for _, h := range hints {
		err := fmt.Errorf("reading: %w", dataset.Errorf(dataset.ErrUnfit, []error{h.is}, "it does not"))
		if got := For(err); got != h.flag || seen[got] {
			t.Errorf("the hint for %v is %q, want one of its own, %q", h.is, got, h.flag)
		}
		seen[h.flag] = true
	}
	for _, err := range []error{nil, errors.New("other"), dataset.ErrUnfit, dataset.ErrUnreadable} {
		if got := For(err); got != "" {
			t.Errorf("the hint for %v is %q, want none", err, got)
		}
	}
}

// Columns that an error names come as flags to be pasted.
func TestForOffer(t *testing.T) {
	err := fmt.Errorf("reading: %w", &dataset.Offer{
		Err: dataset.Errorf(dataset.ErrUnfit, []error{dataset.ErrColumn}, "it does not"), Columns: map[string]string{"y": "y_train", "x": "x_train"},
	})
	if got, want := For(err), "--input x=x_train --input y=y_train"; got != want {
		t.Errorf("the hint is %q, want %q", got, want)
	}
}
