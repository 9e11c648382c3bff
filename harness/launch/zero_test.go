package launch

import (
	"testing"

	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	zerocheck.Run(t, ".", map[string]any{}, &Worker{}, &Outcome{}, &Ending{})
}
