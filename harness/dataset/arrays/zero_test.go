package arrays_test

import (
	"testing"

	"epochtime/harness/dataset/arrays"
	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	zerocheck.Run(t, ".", map[string]any{"Read": arrays.Read})
}
