package record

import (
	"testing"

	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	zerocheck.Run(t, ".", map[string]any{"Read": Read, "IsID": IsID, "Disjoint": Disjoint, "Runtimes": Runtimes, "Precisions": Precisions, "ParseDevice": ParseDevice}, &Epoch{}, &Machine{}, &Run{}, &Config{}, &Cold{}, &Interval{}, &Limits{}, &Estimate{}, new(Number), &Record{})
}
