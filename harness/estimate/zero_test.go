package estimate

import (
	"testing"

	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	zerocheck.Run(t, ".", map[string]any{"Check": Check, "Fill": Fill, "Against": Against, "Pilot": Pilot, "Probes": Probes, "From": From})
}
