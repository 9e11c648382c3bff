package idx_test

import (
	"testing"

	"epochtime/harness/dataset/idx"
	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	zerocheck.Run(t, ".", map[string]any{"Begins": idx.Begins, "Holds": idx.Holds, "Head": idx.Head}, &idx.Array{})
}
