package compare

import (
	"testing"

	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	zerocheck.Run(t, ".", map[string]any{"Records": Records, "Builds": Builds, "Rank": Rank, "SearchOf": SearchOf, "Sides": Sides, "AB": AB, "Notices": Notices}, &Comparison{}, &Failures{}, &Rankings{}, &Pair{})
}
