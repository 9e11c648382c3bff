package transfer

import (
	"testing"

	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	zerocheck.Run(t, ".", map[string]any{"Describe": Describe, "Send": Send, "OfUser": func() *Store { _ = OfUser(); return nil }}, &Store{}, &Sums{})
}
