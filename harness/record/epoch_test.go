package record

import (
	"testing"
	"time"
)

func TestEpochDuration(t *testing.T) {
	for _, want := range []time.Duration{0, 1, 999_999_999, 90*time.Minute + 1} {
		if got := (Epoch{Seconds: want.Seconds()}).Duration(); got != want {
			t.Errorf("the epoch took %v, want %v", got, want)
		}
	}
}
