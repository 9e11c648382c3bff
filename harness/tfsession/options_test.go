package tfsession

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// TensorFlow ends the process for some of these.
func TestOptionsOutOfRange(t *testing.T) {
	m := openGraph(t, "linear")
	for says, o := range map[string]Options{
		"IntraOp is -1: set a number from 0 to 1000": {IntraOp: -1},
		"IntraOp is 1001":      {IntraOp: 1001},
		"IntraOp is 429496729": {IntraOp: math.MaxUint32},
		"InterOp is -1":        {InterOp: -1},
		"InterOp is 1001":      {InterOp: 1001},
		`Executor is "fast": set ` + SingleThreaded + ", " + CallerThread: {Executor: "fast"},
	} {
		o.Device = "cpu"
		s, err := Open(m, o)
		if !errors.Is(err, ErrOptions) || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v, want ErrOptions that says %q", o, err, says)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
