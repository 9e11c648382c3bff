package record

import (
	"math"
	"time"
)

// Duration is how long the epoch took.
func (e Epoch) Duration() time.Duration { return time.Duration(math.Round(e.Seconds * 1e9)) }
