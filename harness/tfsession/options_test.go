package tfsession

import (
	"errors"
	"math"
	"strings"
	"testing"

	corepb "github.com/galeone/tensorflow/tensorflow/go/core/protobuf/for_core_protos_go_proto"
	"google.golang.org/protobuf/proto"
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
		`Executor is "fast": set ` + ThreadPool + ", " + SingleThreaded + ", " + CallerThread: {Executor: "fast"},
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

// What is compared with Keras to the last bit is a graph as it stands.
func TestUnrewritten(t *testing.T) {
	for _, want := range []bool{false, true} {
		text, err := Options{Device: "cpu", Unrewritten: want}.config()
		if err != nil {
			t.Fatal(err)
		}
		var c corepb.ConfigProto
		if err := proto.Unmarshal(text, &c); err != nil {
			t.Fatal(err)
		}
		got := c.GetGraphOptions()
		if got.GetRewriteOptions().GetDisableMetaOptimizer() != want || (got.GetOptimizerOptions().GetOptLevel() == corepb.OptimizerOptions_L0) != want {
			t.Errorf("unrewritten %t: %v", want, got)
		}
	}
}
