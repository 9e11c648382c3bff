package setting

import (
	"testing"

	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	zerocheck.Run(t, ".", map[string]any{
		"Words": Words, "Assignments": Assignments, "Errorf": Errorf, "Unknown": Unknown, "Change": Change, "Check": Check, "All": All, "Find": Find,
		"Axes": Axes, "Names": Names, "Of": Of, "Differing": Differing, "Titles": Titles, "Defaults": Defaults, "OfFit": OfFit,
	}, &Setting{}, &Error{})
	for _, s := range All() {
		zerocheck.Methods(t, &s)
	}
}
