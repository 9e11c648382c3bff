package numpy_test

import (
	"testing"

	"epochtime/harness/dataset/numpy"
	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	zerocheck.Run(t, ".", map[string]any{
		"Begins": numpy.Begins, "IsArchive": numpy.IsArchive, "Head": numpy.Head, "OpenArchive": numpy.OpenArchive, "Write": numpy.Write,
	}, &numpy.Array{}, &numpy.Archive{})
}
