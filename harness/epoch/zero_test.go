package epoch

import (
	"testing"

	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	zerocheck.Run(t, ".", map[string]any{"Stopped": Stopped, "NewMonotonic": NewMonotonic}, &Loop{}, &Monotonic{}, &Turn{})
}
