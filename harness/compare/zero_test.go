package compare

import (
	"testing"

	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	zerocheck.Run(t, ".", map[string]any{"Records": Records, "Builds": Builds, "Rank": Rank, "SearchOf": SearchOf, "EffectsOf": EffectsOf, "BestOf": BestOf, "Sides": Sides, "AB": AB, "Notices": Notices}, &Comparison{}, &Best{}, &Effect{}, &Failures{}, &Rankings{}, &Pair{})
}
